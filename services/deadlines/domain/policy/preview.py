"""What would be due: the same question as for a real contact, about one that does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.deadlines.domain.model.occurrence import RATED, RECEIVED, occurrence
from services.deadlines.domain.policy.rulebook import Rulebook
from services.deadlines.domain.policy.terms import Standing, terms_for
from shared.policy.clocks import rated_attributes

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """One clock that would run."""

    kind: str
    name: str
    per: str
    starts_at: datetime
    due_at: datetime
    beside_due_at: datetime | None
    steps: tuple[datetime, ...]
    basis: str
    calendar: str


def preview(rulebook: Rulebook, *, route: str, received_at: datetime, referrer_kind: str) -> list[Previewed]:
    """The clocks of a contact received then and rated for ``route`` at once, next due first.

    Raises KeyError for a route the pack does not have, CalendarEnds past the calendar's data.
    """
    received_at = received_at.astimezone(UTC)
    said = rated_attributes(rulebook.pack, [route])
    told = {"referrer_kind": referrer_kind, "has_address": True}
    standing = Standing(
        contact_id=_NOBODY,
        received=occurrence(_NOBODY, RECEIVED, occurred_at=received_at, attributes=told),
        subject_ids=[_NOBODY],
        occurrences=[occurrence(_NOBODY, RATED, subject_id=_NOBODY, occurred_at=received_at, attributes=said)],
    )
    found = [
        Previewed(
            kind=terms.kind,
            name=rulebook.pack.clocks[terms.kind].name,
            per=rulebook.pack.clocks[terms.kind].per.value,
            starts_at=terms.starts_at,
            due_at=terms.due_at,
            beside_due_at=terms.beside_due_at,
            steps=tuple(step.at for step in terms.steps),
            basis=terms.basis,
            calendar=terms.calendar,
        )
        for terms in terms_for(rulebook, standing).values()
    ]
    return sorted(found, key=lambda one: (one.due_at, one.kind))
