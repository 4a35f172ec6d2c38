"""Deciding how a subject's contact ends: who must agree, and when it comes into force."""

from __future__ import annotations

from uuid import UUID

from services.triage.domain import policy
from shared.policy.model import Pack

from . import gathering
from .case import Case
from .proposing import Proposal, refuse_incomplete
from .records import Attention, Decision, DecisionState, Echo, Signed, Subject
from .stages import Lacking, Move, NotAllowed, RoleNeeded, Stage

TO_REVISE = "A decision is in force: to decide anew send `revises` with its version, and the reason."
READ_AGAIN = "Another version is in force by now: read it, and send its number as `revises`."
REOPEN_FIRST = "It is closed: reopen it first, then revise."


def decide(case: Case, proposal: Proposal, pack: Pack, signed: Signed, *, note: bytes | None = None) -> Decision:
    """Records a decision, or a revision of the one in force. It is in force at once where nobody has to authorise it.

    Raises NotAllowed (not opened, unrated, decided already) or Lacking (something the pack asks for is missing).
    """
    _refuse_settled(case, proposal)
    case.move(Move.DECIDE if proposal.revises is None else Move.REVISE)
    subject = case.subject(proposal.subject_id)
    if subject.unrated:
        raise NotAllowed("rate_first", case.stage, allowed=(Move.RERATE,))
    refuse_another_version(case, subject.subject_id, proposal.revises)
    if proposal.revises is not None and note is None:
        raise Lacking(("reason", "missing_reason"))
    refuse_incomplete(case, subject, proposal, pack)
    replace_waiting(case, subject.subject_id, signed)
    earlier = case.decision_of(subject.subject_id)
    decision = _decision(
        subject,
        proposal,
        pack,
        signed,
        version=next_version(case, subject.subject_id),
        in_force=earlier.outcome if earlier is not None else None,
    )
    decision.unanswered_checks = len(gathering.open_checks(case, subject.subject_id))
    case.decisions.append(decision)
    codes = {"outcome": decision.outcome, "decision_id": str(decision.id), "version": decision.version}
    what = "decided" if proposal.revises is None else "revised"
    case.record(signed, what, subject_id=subject.subject_id, codes=codes, note=note)
    if decision.authorisations_needed == 0:
        bring_into_force(case, decision, pack, signed)
    return decision


def authorise(
    case: Case, subject_id: UUID, pack: Pack, signed: Signed, *, agreed: bool, note: bytes | None
) -> Decision:
    """Somebody who did not decide agrees or refuses; the last one needed brings the decision into force.

    Raises NotAllowed (nothing waits, or the same person again), RoleNeeded, or Lacking.
    """
    waiting = [one for one in case.decisions if one.subject_id == subject_id and one.state is DecisionState.PROPOSED]
    case.move(Move.AUTHORISE_REVISION if waiting and waiting[-1].revises is not None else Move.AUTHORISE)
    case.subject(subject_id)
    if not waiting:
        raise NotAllowed("nothing_to_authorise", case.stage)
    decision = waiting[-1]
    if decision.role_needed is not None and decision.role_needed not in signed.roles:
        raise RoleNeeded(decision.role_needed, case.stage)
    if signed.by is None or signed.by == decision.decided_by or signed.by in decision.authorised_by:
        raise NotAllowed("second_person_needed", case.stage)
    codes = {"outcome": decision.outcome, "decision_id": str(decision.id)}
    if not agreed:
        _settle(decision, DecisionState.REFUSED, signed)
        case.record(signed, "authorisation_refused", subject_id=subject_id, codes=codes, note=note)
        return decision
    decision.authorised_by, decision.changed = (*decision.authorised_by, signed.by), True
    case.record(signed, "authorised", subject_id=subject_id, codes=codes, note=note)
    if len(decision.authorised_by) >= decision.authorisations_needed:
        bring_into_force(case, decision, pack, signed)
    return decision


def bring_into_force(case: Case, decision: Decision, pack: Pack, signed: Signed) -> None:
    """The decision holds from now on; one in whose place it comes is kept as it was said."""
    earlier = case.decision_of(decision.subject_id)
    _settle(decision, DecisionState.EFFECTIVE, signed)
    if earlier is not None:
        earlier.state, earlier.changed = DecisionState.REVISED, True
        case.move(Move.TELL_AGAIN)
    if case.undecided() > 0:
        return
    if case.stage is Stage.OPENED:
        case.move(Move.DECIDE_LAST)
    case.attention -= {Attention.RAISED_LATE.value, Attention.ANSWERED_LATE.value}
    contact = case.contact
    if contact is not None and policy.informing_due(
        pack, referrer_kind=contact.referrer_kind, has_address=contact.has_address
    ):
        case.informing_awaited = True
        case.echoes[Echo.INFORMED] = True


def _refuse_settled(case: Case, proposal: Proposal) -> None:
    """Raises NotAllowed where it is closed (reopen it first), or settled and no revision was meant."""
    if case.stage is Stage.CLOSED and proposal.revises is not None:
        raise NotAllowed("reopen_first", case.stage, allowed=(Move.REOPEN,), say=REOPEN_FIRST)
    settled = case.stage in (Stage.DECIDED, Stage.INFORMED)
    if settled and proposal.revises is None and case.decision_of(proposal.subject_id) is not None:
        raise NotAllowed("decided_already", case.stage, say=TO_REVISE)


def refuse_another_version(case: Case, subject_id: UUID, revises: int | None) -> None:
    """Raises NotAllowed where something else is in force than the caller knows: nothing, or another version."""
    in_force = case.decision_of(subject_id)
    if in_force is None and revises is not None:
        raise NotAllowed("nothing_to_revise", case.stage)
    if in_force is not None and revises is None:
        raise NotAllowed("decided_already", case.stage, say=TO_REVISE)
    if in_force is not None and revises != in_force.version:
        raise NotAllowed("another_version_in_force", case.stage, say=READ_AGAIN)


def next_version(case: Case, subject_id: UUID) -> int:
    """The version of a subject's next decision: one more than were ever said."""
    said = (DecisionState.EFFECTIVE, DecisionState.OVERTAKEN, DecisionState.REVISED)
    return 1 + sum(one.subject_id == subject_id and one.state in said for one in case.decisions)


def replace_waiting(case: Case, subject_id: UUID, signed: Signed) -> None:
    """What waits for its authorisation is decided otherwise."""
    for one in case.decisions:
        if one.subject_id == subject_id and one.state is DecisionState.PROPOSED:
            _settle(one, DecisionState.REPLACED, signed)


def _settle(decision: Decision, state: DecisionState, signed: Signed) -> None:
    decision.state, decision.settled_at, decision.changed = state, signed.at, True


def _decision(
    subject: Subject, proposal: Proposal, pack: Pack, signed: Signed, *, version: int, in_force: str | None
) -> Decision:
    authority = policy.authority_for(pack, subject.standing, proposal.outcome, in_force=in_force)
    named = 1 if authority.role in signed.roles else 0
    return Decision(
        id=signed.id,
        subject_id=subject.subject_id,
        version=version,
        outcome=proposal.outcome,
        level=proposal.level,
        inquiry=proposal.inquiry,
        service_codes=proposal.service_codes,
        reason_codes=proposal.reason_codes,
        lead_code=proposal.lead_code,
        discussion_id=proposal.discussion_id,
        proposed_outcome=subject.standing.outcome,
        lowers=authority.lowers,
        words=proposal.words,
        decided_by=signed.by or "",
        decided_at=signed.at,
        role_needed=authority.role,
        # Never by oneself alone; where two people must be named, a manager who decides is the first of them.
        authorisations_needed=0 if authority.role is None else max(1, authority.people - named),
        team_code=proposal.team_code,
        revises=proposal.revises,
    )
