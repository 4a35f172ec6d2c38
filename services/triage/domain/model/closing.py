"""Closing a case, with the reason, and opening it again: what is decided stays in force either way."""

from __future__ import annotations

from collections.abc import Iterable

from .case import Case
from .heard import ReopeningReason
from .records import Attention, ClosureReason, Signed
from .stages import Lacking, Move, NotAllowed, RoleNeeded, Stage

DUPLICATES_WAIT = "It has duplicates that wait for its decisions: decide, or remove their links, before it is closed."


def may_be_closed(case: Case) -> bool:
    """Is everything decided, and the referrer told of it (or not to be told)?"""
    if case.stage is Stage.INFORMED:
        return True
    decided = case.stage is Stage.DECIDED or (case.stage is Stage.OPENED and case.undecided() == 0)
    return decided and not case.informing_awaited


def close(case: Case, reason: ClosureReason, signed: Signed, *, manager: bool, note: bytes | None) -> None:
    """The front door's work is done. Anybody may close what is decided and told; all else takes a manager.

    Raises NotAllowed where it is not complete and the caller no manager, where it is closed already, or where it is no
    duplicate; Lacking for a withdrawal that nobody asked for and nobody explains.
    """
    anybodys = may_be_closed(case) and reason in (ClosureReason.COMPLETED, ClosureReason.DUPLICATE)
    if case.stage is not Stage.CLOSED and not manager and not anybodys:
        raise NotAllowed("manager_needed_to_close", case.stage)
    if reason is ClosureReason.COMPLETED and case.stage in (Stage.RATED, Stage.OPENED) and case.undecided() > 0:
        raise NotAllowed("subjects_undecided", case.stage)
    if reason is ClosureReason.DUPLICATE and case.heard.duplicate_of is None:
        raise NotAllowed("not_linked_as_duplicate", case.stage)
    case.move(Move.CLOSE)
    if reason is ClosureReason.WITHDRAWN and not case.heard.withdrawals and note is None:
        raise Lacking(("note", "missing_note"))
    case.closed_at, case.closed_reason = signed.at, reason.value
    case.attention &= {Attention.CHALLENGED.value}  # whoever closes it has seen the rest
    case.record(signed, "closed", codes={"reason": reason.value}, note=note)


def refuse_leaving_undecided(case: Case, duplicates: Iterable[Case]) -> None:
    """Raises NotAllowed where a duplicate would wait for decisions that nobody makes any more, out of the queue and
    without a clock.
    """
    waiting = any(one.stage is not Stage.CLOSED and one.undecided() > 0 for one in duplicates)
    if waiting and case.undecided() > 0 and case.stage is not Stage.CLOSED:
        raise NotAllowed("duplicates_undecided", case.stage, say=DUPLICATES_WAIT)


def reopen(case: Case, reason: ReopeningReason, signed: Signed, *, role: str, note: bytes) -> None:
    """Staff say why it must be open. What was closed as completed anybody reopens; all else takes ``role``.

    Raises NotAllowed where it is not closed, or RoleNeeded.
    """
    completed = case.closed_reason == ClosureReason.COMPLETED
    if case.stage is Stage.CLOSED and not completed and role not in signed.roles:
        raise RoleNeeded(role, case.stage)
    case.back_to_staff(Move.REOPEN, signed, reason, note=note)
