"""What somebody decides, and what must be there first."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.triage.domain import policy
from shared.policy.guards import missing_for
from shared.policy.model import Pack

from . import gathering
from .case import Case
from .records import Discussion, DiscussionKind, Subject
from .stages import Lacking

_FIELDS = {
    "held_at": "discussion_id",
    "attendance": "discussion_id",
    "consent": "consent_reason",
    "allocated_team": "team_code",
}
"""What the guards call a thing, where the one who decides gives it under another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody decides. Of free text only its presence is known here; ``words`` is all of it, sealed."""

    subject_id: UUID
    outcome: str
    level: int | None
    inquiry: str | None
    service_codes: tuple[str, ...]
    reason_codes: tuple[str, ...]
    discussion_id: UUID | None
    given: frozenset[str]
    """Of rationale, lead, team, consent, without_answers: those that were written."""
    words: bytes
    lead_code: str | None = None
    """Of the pack's: who leads; in ``words`` stands more about it."""
    team_code: str | None = None
    revises: int | None = None
    """The version in force that this one is to replace."""
    without_answers: bool = False
    """It is to go ahead although agencies have not answered."""


def refuse_incomplete(case: Case, subject: Subject, proposal: Proposal, pack: Pack) -> None:
    """Raises Lacking, naming everything at once that the pack asks of such a decision and that is not there."""
    outcome = pack.outcomes.get(proposal.outcome)
    if outcome is None:
        raise Lacking(("outcome", "unknown_outcome"))
    unknown = [("service_codes", "unknown_service")] if set(proposal.service_codes) - pack.services.keys() else []
    unknown += [("lead_code", "unknown_lead")] if proposal.lead_code not in (None, *pack.leads) else []
    unknown += [("reason_codes", "unknown_reason")] if set(proposal.reason_codes) - pack.reasons.keys() else []
    unknown += [("team_code", "unknown_team")] if proposal.team_code not in (None, *pack.teams) else []
    discussion = _discussion(case, proposal)
    if unknown:
        raise Lacking(*unknown)
    missing = missing_for(
        pack,
        outcome=proposal.outcome,
        route=policy.route_gated(pack, subject.standing, subject.consent) or subject.standing.route,
        consent=subject.consent,
        provided=_provided(proposal, discussion),
        attended=discussion.attended if discussion is not None else (),
        level=proposal.level,
    )
    if subject.standing.level_by_person and proposal.level is None and "level" not in missing:
        missing = (*missing, "level")
    lacking = [(_FIELDS.get(name.partition(":")[0], name), f"missing_{name}") for name in missing]
    lacking += _unanswered(case, proposal)
    if lacking:
        raise Lacking(*lacking)


def _unanswered(case: Case, proposal: Proposal) -> list[tuple[str, str]]:
    """What stands in the way where agencies have not answered: it may go ahead without them, but says so, and why."""
    waiting = gathering.open_checks(case, proposal.subject_id)
    if waiting and not proposal.without_answers:
        return [("proceed_without_answers", f"unanswered_check:{check.agency}") for check in waiting]
    if waiting and "without_answers" not in proposal.given:
        return [("without_answers_reason", "missing_without_answers_reason")]
    return []


def _provided(proposal: Proposal, discussion: Discussion | None) -> frozenset[str]:
    provided = set(proposal.given)
    if discussion is not None and discussion.held_at is not None:
        provided.add("held_at")
    if proposal.inquiry is not None:
        provided.add("inquiry")
    if proposal.service_codes:
        provided.add("services")
    if proposal.lead_code is not None:
        provided.add("lead")
    if proposal.team_code is not None:
        provided |= {"team", "allocated_team"}
    return frozenset(provided)


def _discussion(case: Case, proposal: Proposal) -> Discussion | None:
    """The strategy discussion that the decision rests on. Raises Lacking where the subject has none of that id."""
    if proposal.discussion_id is None:
        return None
    for discussion in case.discussions:
        if discussion.id == proposal.discussion_id and proposal.subject_id in discussion.subject_ids:
            if discussion.kind is DiscussionKind.STRATEGY:
                return discussion
            raise Lacking(("discussion_id", "not_a_strategy_discussion"))
    raise Lacking(("discussion_id", "unknown_discussion"))
