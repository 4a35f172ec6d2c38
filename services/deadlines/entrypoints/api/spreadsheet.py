"""Tables for spreadsheets: CSV in which no cell runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

MEDIA_TYPE = "text/csv"
CSV = f"{MEDIA_TYPE}; charset=utf-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or strips before it looks for one."""


def written(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """The table as RFC 4180 has it, its first line the names of the columns."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: object) -> str:
    """A cell; a text that would begin a formula has an apostrophe before it. Numbers are ours."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat()
        case str() if value.startswith(FORMULA):
            return f"'{value}"
        case _:
            return str(value)
