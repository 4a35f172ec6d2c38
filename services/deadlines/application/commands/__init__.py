"""What this service does of itself, firing what is due, and what staff ask of it: explaining a breach."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from services.deadlines.application.handlers.announcing import announce_change, step_of
from services.deadlines.application.ports import ExplainingWork, FiringWork
from services.deadlines.domain.model.deadline import Change, Transition
from services.deadlines.domain.model.explanation import CauseCode, Explanation, refuse_unfit
from shared.contracts.envelope import Cause


@dataclass(frozen=True, slots=True)
class Fired:
    """One step that fired: the clock's kind, and how late, for the measurement."""

    kind: str
    late_seconds: float


async def fire_due_clocks(work: FiringWork, *, most: int) -> tuple[int, list[Fired]]:
    """Fires every due step of up to ``most`` contacts; returns how many contacts were claimed, and what fired."""
    claimed = await work.claim_due(most)
    fired: list[Fired] = []
    for contact in claimed:
        for change in contact.fire(work.now, work.rulebooks.unwatched(contact.policy)):
            announce_change(work, contact, change, _cause_of(change), discriminator="")
            if change.transition is not Transition.RECOMPUTED:
                fired.append(Fired(change.deadline.terms.kind, change.late_seconds))
    return len(claimed), fired


def _cause_of(change: Change) -> Cause:
    """A fired step says the same ids whoever fires it, however often it is tried."""
    deadline = change.deadline
    cause = uuid5(deadline.terms.id, f"{deadline.epoch}|{step_of(change)}")
    return Cause(id=cause, correlation_id=deadline.correlation_id)


def explain_breach(
    work: ExplainingWork,
    *,
    request_id: UUID,
    breach_id: UUID,
    contact_id: UUID,
    cause: CauseCode,
    excused: bool | None,
    note: str | None,
    by: str,
    by_manager: bool,
) -> Explanation:
    """Adds why a breach came about; what was said before stays. The contact is locked. Raises ExplanationRefused."""
    erased = work.erased(contact_id)
    refuse_unfit(cause, excused=excused, with_note=note is not None, by_manager=by_manager, erased=erased)
    explanation_id = uuid5(request_id, "explanation")
    sealed = (
        work.cipher(contact_id).encrypt(note, table="explanations", column="note", row_id=explanation_id)
        if note is not None
        else None
    )
    explanation = Explanation(
        id=explanation_id,
        breach_id=breach_id,
        contact_id=contact_id,
        cause=cause,
        excused=excused,
        explained_at=work.now,
        explained_by=by,
        note=sealed,
    )
    work.explanations.add(explanation)
    return explanation
