"""The ledger as a spreadsheet reads it: one line a breach, the newest explanation beside it. Notes are not in it."""

from __future__ import annotations

from collections.abc import Iterable

from services.deadlines.entrypoints import schemas

from .spreadsheet import written

COLUMNS = (
    "id", "contact_id", "reference", "subject_id", "kind", "rating", "policy", "calendar", "starts_at", "due_at",
    "found_at", "minutes_over", "late_before_arrival_minutes", "late_seconds", "stage", "owner", "agency",
    "organisation_id", "state", "met_at", "excused", "explanations", "cause", "explained_at", "explained_by",
)  # fmt: skip


def as_csv(breaches: Iterable[schemas.BreachOut]) -> str:
    """A header and a line for each."""
    return written(COLUMNS, map(_row, breaches))


def _row(breach: schemas.BreachOut) -> list[object]:
    newest = breach.explanations[0].model_dump() if breach.explanations else {}
    cells: dict[str, object] = {
        **breach.model_dump(),
        **{name: newest.get(name) for name in ("cause", "explained_at", "explained_by")},
        "explanations": len(breach.explanations),
    }
    return [cells[name] for name in COLUMNS]
