"""The ledger as a spreadsheet reads it: one line a breach, the newest explanation beside it. Notes are not in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime

from services.deadlines.entrypoints import schemas

CSV = "text/csv; charset=utf-8"
COLUMNS = (
    "id", "contact_id", "reference", "subject_id", "kind", "rating", "policy", "calendar", "starts_at", "due_at",
    "found_at", "minutes_over", "late_before_arrival_minutes", "late_seconds", "stage", "owner", "agency",
    "organisation_id", "state", "met_at", "excused", "explanations", "cause", "explained_at", "explained_by",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(breaches: Iterable[schemas.BreachOut]) -> str:
    """A header and a line for each (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for breach in breaches:
        newest = breach.explanations[0].model_dump() if breach.explanations else {}
        cells: Mapping[str, object] = {
            **breach.model_dump(),
            **{name: newest.get(name) for name in ("cause", "explained_at", "explained_by")},
            "explanations": len(breach.explanations),
        }
        writer.writerow([_cell(cells[name]) for name in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    # A spreadsheet would run a text that begins so as a formula; numbers are ours.
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
