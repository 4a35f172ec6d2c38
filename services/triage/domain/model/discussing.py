"""Discussions and what follows from them: decided to be held, held, and a milestone reached. Three times, in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.triage.domain import policy
from shared.policy.model import Pack

from .case import Case
from .items import NotThere
from .records import Discussion, DiscussionKind, Milestone, Signed
from .stages import Lacking, Move, NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is known once a discussion has been held; ``minutes`` is sealed."""

    held_at: datetime
    attended: tuple[str, ...]
    result: str | None
    minutes: bytes | None


def discuss(case: Case, discussion: Discussion, held: Holding | None, signed: Signed) -> None:
    """It is decided to hold a discussion; or (``held``) one took place that nobody had recorded before.

    Raises NotAllowed, or Lacking for a subject that is not the case's and for times out of their order.
    """
    case.move(Move.DISCUSS)
    for subject_id in discussion.subject_ids:
        case.subject(subject_id)
    if discussion.decided_at is not None:
        _refuse_before_receipt(case, "decided_at", discussion.decided_at)
    if held is not None:
        _take_place(case, discussion, held)
    case.discussions.append(discussion)
    case.record(signed, "discussed" if held is not None else "discussion_decided", codes=_codes(discussion))


def hold(case: Case, discussion_id: UUID, held: Holding, signed: Signed) -> Discussion:
    """A discussion that was decided on took place.

    Raises NotThere, NotAllowed (held already), or Lacking for a time before it was decided on or before the contact
    was received: what was said then was not about it.
    """
    case.move(Move.DISCUSS)
    discussion = next((one for one in case.discussions if one.id == discussion_id), None)
    if discussion is None:
        raise NotThere
    if discussion.held_at is not None:
        raise NotAllowed("held_already", case.stage)
    _take_place(case, discussion, held)
    case.record(signed, "discussed", codes=_codes(discussion))
    return discussion


def reach(case: Case, milestone: Milestone, pack: Pack, signed: Signed) -> None:
    """A milestone was reached, perhaps long after closure.

    One whose clock counts from the strategy discussion follows such a discussion about the subject. Raises NotAllowed,
    or Lacking.
    """
    case.move(Move.RECORD_MILESTONE)
    case.subject(milestone.subject_id)
    if policy.follows_strategy_discussion(pack, milestone.code):
        held = [
            one.held_at
            for one in case.discussions
            if one.kind is DiscussionKind.STRATEGY and milestone.subject_id in one.subject_ids and one.held_at
        ]
        if not held:
            raise Lacking(("code", "no_strategy_discussion_held"))
        if milestone.occurred_at < min(held):
            raise Lacking(("occurred_at", "before_strategy_discussion"))
    case.milestones.append(milestone)
    case.record(signed, "milestone", subject_id=milestone.subject_id, codes={"code": milestone.code})


def _take_place(case: Case, discussion: Discussion, held: Holding) -> None:
    _refuse_before_receipt(case, "held_at", held.held_at)
    if discussion.decided_at is not None and held.held_at < discussion.decided_at:
        raise Lacking(("held_at", "before_decided"))
    discussion.held_at, discussion.attended = held.held_at, held.attended
    discussion.result, discussion.minutes, discussion.changed = held.result, held.minutes, True


def _refuse_before_receipt(case: Case, field: str, moment: datetime) -> None:
    if case.contact is not None and moment < case.contact.received_at:
        raise Lacking((field, "before_receipt"))


def _codes(discussion: Discussion) -> dict[str, object]:
    codes: dict[str, object] = {"kind": discussion.kind.value, "discussion_id": str(discussion.id)}
    return codes | ({"result": discussion.result} if discussion.result else {})
