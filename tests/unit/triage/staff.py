"""What staff do, over memory."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.triage.application import commands
from services.triage.application.commands import Act, Outcome
from services.triage.domain.model import Case, Decision
from shared.contracts.envelope import Cause
from tests.support.builders_triage import subject_id
from tests.unit.triage.memory import MemoryWork


def case_of(work: MemoryWork, contact: UUID) -> Case:
    """The case as it is kept."""
    return work.cases.kept[contact]


def act(
    work: MemoryWork, contact: UUID, by: str = "ann", role: str = "practitioner", *, cause: UUID | None = None
) -> Act:
    """One request by a member of staff."""
    return Act(
        case=case_of(work, contact),
        cause=Cause(id=cause or uuid4(), correlation_id=UUID(int=2)),
        by=by,
        roles=frozenset({role}),
    )


def decide(
    work: MemoryWork,
    contact: UUID,
    position: int = 1,
    outcome: str = "signpost",
    *,
    by: str = "ann",
    cause: UUID | None = None,
    whom: UUID | None = None,
    **changes: Any,
) -> Decision:
    """A decision, by default one that is in force at once."""
    values: dict[str, Any] = {
        "subject_id": whom or subject_id(contact, position),
        "outcome": outcome,
        "level": 2,
        "inquiry": None,
        "service_codes": ("gp",),
        "reason_codes": ("needs_met_by_universal",),
        "discussion_id": None,
        "words": {"rationale": "Settled.", "lead": "School"},
    }
    return commands.decide(act(work, contact, by, cause=cause), work, Outcome(**values | changes))


def revise(work: MemoryWork, contact: UUID, position: int = 1, *, revises: int = 1, **changes: Any) -> Decision:
    """Decides anew what is in force."""
    changes = {"outcome": "early_help", "reason": "More was read.", **changes}
    return decide(work, contact, position, revises=revises, **changes)


def open_and_decide(work: MemoryWork, contact: UUID, *, cause: int = 1) -> None:
    """Opened, and every subject decided; ``cause`` makes the ids of what is said."""
    commands.open_contact(act(work, contact, cause=UUID(int=cause)), work)
    for subject in list(case_of(work, contact).subjects):
        decide(work, contact, whom=subject.subject_id, cause=UUID(int=cause + 100 * subject.position))
