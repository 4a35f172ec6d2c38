"""Discussions: decided on, held, or both at once; and the milestones that follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.triage.application.handlers import translation
from services.triage.application.ports import TriageWork
from services.triage.domain.model import Discussion, DiscussionKind, Lacking, Milestone, Party, discussing
from shared.policy.model import Pack

from .acting import DISCUSSIONS, Act, refuse_future, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is told of a discussion that took place."""

    held_at: datetime
    attended: tuple[str, ...]
    result: str | None
    minutes: str | None


def record_discussion(
    act: Act,
    work: TriageWork,
    *,
    kind: DiscussionKind,
    subject_ids: tuple[UUID, ...],
    decided_at: datetime | None,
    held: Held | None,
) -> Discussion:
    """It is decided to hold a discussion, or one took place; only the latter is said.

    Raises Lacking for a party or result nobody knows, and for times to come or out of their order.
    """
    if decided_at is not None:
        refuse_future(work, "decided_at", decided_at)
    discussion = Discussion(
        id=act.cause.id,
        kind=kind,
        subject_ids=tuple(dict.fromkeys(subject_ids)),
        recorded_by=act.by,
        recorded_at=work.now,
        decided_at=decided_at,
    )
    holding = _holding(act, work, discussion.id, held) if held is not None else None
    discussing.discuss(act.case, discussion, holding, act.signed(work))
    if held is not None:
        _say(act, work, discussion)
    return discussion


def hold_discussion(act: Act, work: TriageWork, discussion_id: UUID, held: Held) -> Discussion:
    """A discussion that was decided on took place. Raises NotThere, and as record_discussion does."""
    holding = _holding(act, work, discussion_id, held)
    discussion = discussing.hold(act.case, discussion_id, holding, act.signed(work))
    _say(act, work, discussion)
    return discussion


def _holding(act: Act, work: TriageWork, discussion_id: UUID, held: Held) -> discussing.Holding:
    refuse_future(work, "held_at", held.held_at)
    if not _parties(work.pack).issuperset(held.attended):
        raise Lacking(("attended", "unknown_party"))
    if held.result is not None and held.result not in work.pack.discussion_results:
        raise Lacking(("result", "unknown_result"))
    minutes = held.minutes
    sealed = seal(act, work, minutes, table=DISCUSSIONS, column="minutes", row_id=discussion_id) if minutes else None
    attended = tuple(dict.fromkeys(held.attended))
    return discussing.Holding(held_at=held.held_at, attended=attended, result=held.result, minutes=sealed)


def _parties(pack: Pack) -> set[str]:
    named = [*pack.quorums.values(), *(one.attendance for one in pack.outcomes.values())]
    return {party.value for party in Party}.union(*named)


def _say(act: Act, work: TriageWork, discussion: Discussion) -> None:
    said = translation.held(act.case, discussion)
    work.announce(said, contact_id=act.case.contact_id, cause=act.cause, discriminator=str(discussion.id))


def record_milestone(
    act: Act, work: TriageWork, *, subject_id: UUID, code: str, occurred_at: datetime
) -> tuple[Milestone, bool]:
    """Something that a clock waits for has happened; False where that is known already: said once, whoever tells it.

    Raises Lacking for a code the pack has not or a time to come.
    """
    if code not in work.pack.milestones:
        raise Lacking(("code", "unknown_milestone"))
    refuse_future(work, "occurred_at", occurred_at)
    for known in act.case.milestones:
        if (known.subject_id, known.code, known.occurred_at) == (subject_id, code, occurred_at):
            return known, False
    milestone = Milestone(
        id=act.cause.id,
        subject_id=subject_id,
        code=code,
        occurred_at=occurred_at,
        recorded_by=act.by,
        recorded_at=work.now,
    )
    discussing.reach(act.case, milestone, work.pack, act.signed(work))
    said = translation.reached(act.case, milestone)
    work.announce(said, contact_id=act.case.contact_id, cause=act.cause, discriminator=str(milestone.id))
    return milestone, True
