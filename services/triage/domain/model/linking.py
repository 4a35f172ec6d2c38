"""Contacts that belong together. A duplicate is one piece of work, done on the primary; every referrer is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from services.triage.domain import policy
from shared.policy.evaluate import rate
from shared.policy.facts import Facts
from shared.policy.model import Pack

from .case import Case
from .deciding import bring_into_force, next_version, replace_waiting
from .heard import Link, ReopeningReason, Role
from .rating import keep_contact, overtake_decision, rate_known, rate_one, settle
from .records import Attention, ClosureReason, Decision, DecisionState, Signed, Subject
from .stages import Move, Stage
from .told import Contact, ToldSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """A subject of the duplicate, and whom of the primary it is (None: nobody named there).

    ``routes`` are at least what it is rated, whatever its facts say here: a person may have raised it.
    """

    subject_id: UUID | None
    told: ToldSubject
    routes: tuple[str, ...]


def hear_link(case: Case, link: Link, signed: Signed) -> None:
    """A person has said that two contacts belong together, or says it again with more; told on each of the two."""
    known = case.heard.links.get(link.link_id)
    if known is not None and known.holds and known.version >= link.version:
        return
    case.move(Move.LINK)
    case.heard.links[link.link_id] = link
    case.record(signed, "linked", codes=_codes(link))


def take_in_duplicate(case: Case, contact: Contact, paired: Sequence[Paired], pack: Pack, signed: Signed) -> bool:
    """The primary takes in what its duplicate tells: rated at least as high, with the earlier receipt, whoever is new
    named in it. True where something rises; the next version of the rating follows in any case, as the echo.
    """
    keep_contact(case, contact)
    risen = [_take_in(case, one, pack, signed) for one in paired]
    return any(risen)


def rate_as_primary(case: Case, contact: Contact, paired: Sequence[Paired], pack: Pack, signed: Signed) -> None:
    """Takes in a duplicate and rates anew: always a version to announce."""
    risen = take_in_duplicate(case, contact, paired, pack, signed)
    settle(case, pack, signed, because="linked", news=risen)


def _take_in(case: Case, one: Paired, pack: Pack, signed: Signed) -> bool:
    told = one.told
    known = {subject.subject_id: subject for subject in case.subjects}
    subject = known.get(one.subject_id or told.subject_id)
    risen = False
    if subject is None:
        position = max((each.position for each in case.subjects), default=0) + 1
        named = replace(told, subject_id=one.subject_id or told.subject_id, position=position)
        risen = rate_one(case, named, pack, signed)
        subject = case.subject(named.subject_id)
    if subject.machine is None:
        return risen  # stands above everything until its own facts are rated; intake then says the link again
    theirs = policy.at_least(pack, rate(pack, told.facts or Facts()), one.routes)
    return rate_known(case, subject, theirs, pack, signed) or risen


def hear_unlinked(case: Case, link_id: UUID, *, at: datetime, reason_code: str, signed: Signed) -> None:
    """A person has said that they do not belong together. The primary keeps its rating, which only rises; what was its
    duplicate is decided by itself again, and what had been decided elsewhere no longer holds.
    """
    link = case.heard.links.get(link_id)
    if link is None or not link.holds:
        return
    case.move(Move.LINK)
    was_duplicate = case.heard.duplicate_of is not None
    link.unlinked_at, link.unlinked_reason, link.changed = at, reason_code, True
    case.record(signed, "unlinked", codes={**_codes(link), "reason": reason_code})
    if was_duplicate and case.heard.duplicate_of is None:
        _stand_alone(case, signed)


def hear_erased(case: Case, other_contact_id: UUID, *, at: datetime, signed: Signed) -> None:
    """The other contact has been forgotten: nothing of it can be worked on, so nothing is linked to it."""
    for link in list(case.heard.links.values()):
        if link.other_contact_id == other_contact_id:
            hear_unlinked(case, link.link_id, at=at, reason_code="erased", signed=signed)


def _stand_alone(case: Case, signed: Signed) -> None:
    case.ask_for_attention(Attention.UNLINKED)
    foreign = [one for one in map(_in_force(case), case.subjects) if one is not None and one.made_on is not None]
    closed_as_duplicate = case.closed_reason == ClosureReason.DUPLICATE
    for decision in foreign:
        overtake_decision(case, case.subject(decision.subject_id), signed)
    if foreign or closed_as_duplicate:
        case.back_to_staff(Move.STAND_ALONE, signed, ReopeningReason.UNLINKED)
    if foreign:
        case.stop_waiting_for_informing()


def follow(
    case: Case,
    primary: Case,
    pack: Pack,
    signed: Signed,
    *,
    fresh: UUID | None,
    sealed: Callable[[UUID], bytes],
) -> Iterator[Decision]:
    """The primary's decisions hold on its duplicate: those that are missing there, and the one (``fresh``) that has
    just come into force. Each is to be said before the next is made. ``sealed`` makes the free text of a decision of
    this id: none, what was written stays on the primary.
    """
    for subject, theirs in _to_follow(case, primary, pack, fresh=fresh):
        case.move(Move.FOLLOW)
        replace_waiting(case, subject.subject_id, signed)
        decision = _mirrored(case, subject, primary, theirs, sealed)
        case.decisions.append(decision)
        codes = {"outcome": decision.outcome, "version": decision.version, "made_on": str(primary.contact_id)}
        case.record(signed, "decided_on_primary", subject_id=subject.subject_id, codes=codes)
        bring_into_force(case, decision, pack, signed)
        yield decision


def take_up(primary: Case, duplicate: Case, signed: Signed) -> bool:
    """What was closed undecided is open again where a duplicate waits for its decisions: nobody else makes them.
    True where it is.
    """
    waits = duplicate.stage is not Stage.CLOSED and duplicate.undecided() > 0
    if not waits or primary.stage is not Stage.CLOSED or primary.undecided() == 0:
        return False
    primary.back_to_staff(Move.REOPEN, signed, ReopeningReason.NEW_INFORMATION)
    primary.ask_for_attention(Attention.NEW_INFORMATION)
    return True


def _to_follow(case: Case, primary: Case, pack: Pack, *, fresh: UUID | None) -> Iterable[tuple[Subject, Decision]]:
    """Only where both sides know of the link, and the primary has taken in all that the duplicate has told: what was
    decided before that, on less, does not hold here.
    """
    links = {link.link_id: link for link in primary.heard.link_as(Role.PRIMARY)}
    for link in case.heard.link_as(Role.DUPLICATE)[:1]:
        theirs = links.get(link.link_id)
        if theirs is None or theirs.version < link.version or case.stage is Stage.RECEIVED:
            return
        in_force = {one.id for one in map(_in_force(primary), primary.subjects) if one is not None}
        for subject in case.subjects:
            decision = _counterpart(subject, link, primary, pack)
            own = case.decision_of(subject.subject_id)
            if decision is None or decision.made_on == case.contact_id:
                continue
            outdated = own is not None and own.mirrors is not None and own.mirrors not in in_force
            if own is None or outdated or (decision.id == fresh and own.mirrors != fresh):
                yield subject, decision


def _counterpart(subject: Subject, link: Link, primary: Case, pack: Pack) -> Decision | None:
    """The decision about whom this subject is there. Somebody whom the referrer could not name is nobody there in
    particular: decided once everybody is, by the outcome that weighs most.
    """
    whom = link.pairs.get(subject.subject_id, subject.subject_id)
    if any(one.subject_id == whom for one in primary.subjects):
        return primary.decision_of(whom)
    all_of_them = [one for one in map(_in_force(primary), primary.subjects) if one is not None]
    if len(all_of_them) < len(primary.subjects):
        return None
    return max(all_of_them, key=lambda one: (pack.outcomes[one.outcome].rank, one.id), default=None)


def _in_force(case: Case) -> Callable[[Subject], Decision | None]:
    return lambda subject: case.decision_of(subject.subject_id)


def _mirrored(
    case: Case, subject: Subject, primary: Case, theirs: Decision, sealed: Callable[[UUID], bytes]
) -> Decision:
    own, version = case.decision_of(subject.subject_id), next_version(case, subject.subject_id)
    own_id = uuid5(theirs.id, f"{case.contact_id}|{subject.subject_id}|{version}")
    return replace(
        theirs,
        id=own_id,
        subject_id=subject.subject_id,
        version=version,
        discussion_id=None,
        proposed_outcome=subject.standing.outcome,
        words=sealed(own_id),
        role_needed=None,
        authorisations_needed=0,
        revises=own.version if own is not None else None,
        made_on=theirs.made_on or primary.contact_id,
        mirrors=theirs.id,
        state=DecisionState.PROPOSED,
        changed=True,
    )


def _codes(link: Link) -> dict[str, object]:
    return {
        "link_id": str(link.link_id),
        "relation": link.relation,
        "role": link.role,
        "other_contact_id": str(link.other_contact_id),
        "reason": link.reason_code,
    }
