"""Rating a case: what was told, what could not be rated, and what a person makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from services.triage.domain import policy
from shared.policy.evaluate import SubjectRating, rate, unrated
from shared.policy.facts import Facts
from shared.policy.model import Pack

from .case import Case
from .heard import with_history
from .records import Attention, DecisionState, Echo, Lowering, Signed, Subject
from .stages import SETTLED, Lacking, Move, NotAllowed, RoleNeeded, Stage
from .told import Contact, ToldSubject, somebody


def hear_what_was_told(case: Case, contact: Contact, told: Sequence[ToldSubject], pack: Pack, signed: Signed) -> bool:
    """Rates every subject of a contact, or rates again what is known: upwards only, but a real rating takes the place
    of "unrated". True where there is a new rating to announce.
    """
    if not take_in(case, contact, told, pack, signed):
        return False
    settle(case, pack, signed, because="told", news=True)
    return True


def take_in(case: Case, contact: Contact, told: Sequence[ToldSubject], pack: Pack, signed: Signed) -> bool:
    """Takes in what was told, without the next version of the rating: True where one must follow (``settle``).

    A worry about nobody in particular is about one subject of kind unknown.
    """
    keep_contact(case, contact)
    told = told or (somebody(case.contact_id, Facts(), at_position=1),)
    risen = [rate_one(case, one, pack, signed) for one in told]
    _drop_placeholder(case)
    if case.unrated and not any(subject.unrated for subject in case.subjects):
        case.attention.discard(Attention.PARKED.value)  # what had been parked is told at last
    return any(risen)


def put_unrated(
    case: Case, contact: Contact, told: Sequence[ToldSubject], pack: Pack, signed: Signed, *, why: str
) -> bool:
    """Puts a contact that the machine could not rate in the queue above everything, with what is known of it.

    False where the case is rated already: then nothing is changed.
    """
    if case.stage is not Stage.RECEIVED:
        return False
    keep_contact(case, contact)
    for one in told or (somebody(case.contact_id, None, at_position=1),):
        case.subjects.append(_new_subject(one, standing=unrated(pack), machine=None))
    settle(case, pack, signed, because=why)
    return True


def rerate(case: Case, subject_id: UUID, route: str, pack: Pack, signed: Signed, *, note: bytes) -> bool:
    """A person sets a subject's route. True where it is in force; False where a second person must authorise it.

    Raising takes nobody else. Lowering takes a manager, below a floor that asks for it a second one. Raises NotAllowed,
    RoleNeeded, or Lacking for a subject or route that does not exist.
    """
    case.move(Move.RERATE)
    subject = case.subject(subject_id)
    if route not in pack.routes or route == pack.fallbacks.unrated.route:
        raise Lacking(("route", "unknown_route"))
    change = policy.change_to(pack, subject.standing, route, unrated=subject.unrated)
    if change is None:
        raise NotAllowed("in_force_already", case.stage)
    if change.role is not None and change.role not in signed.roles:
        raise RoleNeeded(change.role, case.stage)
    if change.people > 1:
        subject.lowering = Lowering(route=route, asked_by=signed.by or "", asked_at=signed.at)
        subject.changed = True
        case.record(signed, "lowering_asked", subject_id=subject_id, codes={"route": route}, note=note)
        return False
    _set_route(case, subject, route, pack, signed, note=note)
    return True


def authorise_lowering(
    case: Case, subject_id: UUID, pack: Pack, signed: Signed, *, agreed: bool, note: bytes | None
) -> bool:
    """A second manager agrees to, or refuses, the lower route that another has asked for. True where it is in force."""
    case.move(Move.AUTHORISE)
    subject = case.subject(subject_id)
    asked = subject.lowering
    if asked is None:
        raise NotAllowed("nothing_to_authorise", case.stage)
    if pack.lowered_by not in signed.roles:
        raise RoleNeeded(pack.lowered_by, case.stage)
    if asked.asked_by == signed.by:
        raise NotAllowed("second_person_needed", case.stage)
    subject.lowering, subject.changed = None, True
    if not agreed:
        case.record(signed, "lowering_refused", subject_id=subject_id, codes={"route": asked.route}, note=note)
        return False
    _set_route(case, subject, asked.route, pack, signed, note=note)
    return True


def _set_route(case: Case, subject: Subject, route: str, pack: Pack, signed: Signed, *, note: bytes | None) -> None:
    before = subject.standing
    subject.standing = policy.with_route(pack, before, route)
    subject.rated_by, subject.lowering, subject.changed = signed.by, None, True
    if policy.more_urgent(pack, before, subject.standing):
        _ask_again(case, subject, signed)
        overtake_decision(case, subject, signed)
    codes = {"from": list(before.routes), "to": list(subject.standing.routes)}
    settle(case, pack, signed, because="person", subject_id=subject.subject_id, codes=codes, note=note)


def keep_contact(case: Case, contact: Contact) -> None:
    """The contact as last told; its clock start never moves to a later time."""
    if case.contact is not None and case.contact.received_at < contact.received_at:
        contact = replace(contact, received_at=case.contact.received_at)
    if case.contact != contact:
        case.contact, case.reference, case.changed = contact, contact.reference, True


def rate_one(case: Case, told: ToldSubject, pack: Pack, signed: Signed) -> bool:
    """Rates one subject; True where that says something new."""
    facts = told.facts or Facts()
    subject = next((one for one in case.subjects if one.subject_id == told.subject_id), None)
    if subject is None:
        machine = rate(pack, facts)
        if case.stage is not Stage.RECEIVED:
            _hear_of_another(case, signed)
        case.subjects.append(_new_subject(told, standing=machine, machine=machine))
        return True
    subject.kind, subject.child_id, subject.age = told.kind, told.child_id, told.age
    subject.facts, subject.placeholder = with_history(facts, subject.history), False
    return rate_known(case, subject, rate(pack, subject.facts), pack, signed)


def rate_known(case: Case, subject: Subject, machine: SubjectRating, pack: Pack, signed: Signed) -> bool:
    """What the machine says of a subject from now on, never less than before; True where that says something new."""
    subject.changed = case.changed = True
    before, at_last = subject.standing, subject.unrated
    # What could not be rated is rated at last; what a person has made of it meanwhile is only ever raised.
    risen = machine if subject.machine is None else policy.risen(pack, subject.machine, machine)
    if risen is None:
        return False
    subject.machine = risen
    subject.standing = machine if at_last else policy.risen(pack, before, machine) or before
    if subject.standing is not before:
        _ask_again(case, subject, signed)
    if at_last or policy.more_urgent(pack, before, subject.standing):
        _raise(case, subject, signed)
    return True


def _raise(case: Case, subject: Subject, signed: Signed) -> None:
    """What was decided on less must be decided again, whatever the stage."""
    if overtake_decision(case, subject, signed):
        case.ask_for_attention(Attention.RAISED_LATE)
    if case.stage in SETTLED:
        case.open_again(Move.RAISE_SETTLED, signed)


def overtake_decision(case: Case, subject: Subject, signed: Signed) -> bool:
    """The decision in force is kept as it was said, but the subject is undecided again. True where there was one."""
    decision = case.decision_of(subject.subject_id)
    if decision is None:
        return False
    decision.state, decision.changed = DecisionState.OVERTAKEN, True
    codes = {"decision_id": str(decision.id), "outcome": decision.outcome, "version": decision.version}
    case.record(signed, "decision_overtaken", subject_id=subject.subject_id, codes=codes)
    return True


def _ask_again(case: Case, subject: Subject, signed: Signed) -> None:
    """What waits for a second person was asked on what was known before: it must be asked again."""
    subject.lowering = None
    for decision in case.decisions:
        if decision.subject_id == subject.subject_id and decision.state is DecisionState.PROPOSED:
            decision.state, decision.settled_at, decision.changed = DecisionState.REPLACED, signed.at, True


def _hear_of_another(case: Case, signed: Signed) -> None:
    if case.stage in SETTLED:
        case.open_again(Move.HEAR_OF_ANOTHER, signed)
    else:
        case.move(Move.HEAR_OF_ANOTHER)


def _new_subject(told: ToldSubject, *, standing: SubjectRating, machine: SubjectRating | None) -> Subject:
    return Subject(
        subject_id=told.subject_id,
        position=told.position,
        kind=told.kind,
        child_id=told.child_id,
        age=told.age,
        facts=told.facts,
        standing=standing,
        machine=machine,
        placeholder=told.facts is None,
    )


def _drop_placeholder(case: Case) -> None:
    """Whoever an unreadable event was about is known by now; unless somebody has worked on the placeholder already."""
    worked_on = {one.subject_id for one in case.decisions} | {one.subject_id for one in case.milestones}
    worked_on |= {subject_id for one in (*case.discussions, *case.checks) for subject_id in one.subject_ids}
    for subject in [one for one in case.subjects if one.placeholder]:
        if subject.rated_by is None and subject.subject_id not in worked_on:
            case.subjects.remove(subject)
            case.removed.append(subject.subject_id)


def settle(
    case: Case,
    pack: Pack,
    signed: Signed,
    *,
    because: str,
    news: bool = False,
    subject_id: UUID | None = None,
    codes: Mapping[str, object] | None = None,
    note: bytes | None = None,
) -> None:
    """The next version of the case's rating, after its subjects have been rated; ``news``: of more than was known."""
    if news and case.stage in SETTLED:
        case.ask_for_attention(Attention.RAISED_LATE)
    case.move(Move.RATE)
    standings = [subject.standing for subject in case.subjects]
    case.rating = policy.rating_of_all(pack, standings)
    case.rank, case.pages = pack.ratings[case.rating].rank, pack.ratings[case.rating].pages
    case.unrated = any(subject.unrated for subject in case.subjects)
    case.rating_version += 1
    case.rated_at = signed.at
    case.policy = (pack.id, pack.version, pack.content_hash)
    kind = case.contact.referrer_kind if case.contact else ""
    awaited = policy.clocks_expected(pack, standings, referrer_kind=kind) - case.clocks_heard
    case.clocks_awaited = set(awaited)
    case.echoes[Echo.CLOCKS] = bool(awaited)
    rated = {str(one.subject_id): {"routes": list(one.standing.routes), "rules": list(one.standing.rules)}
             for one in case.subjects}  # fmt: skip
    codes = {"version": case.rating_version, "rating": case.rating, "subjects": rated, **(codes or {})}
    case.record(signed, f"rated_{because}", subject_id=subject_id, codes=codes, note=note)
