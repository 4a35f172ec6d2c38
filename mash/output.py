"""What commands print: aligned columns for people, JSON where a machine reads."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a machine.")]


def show_json(found: Any) -> None:
    """Print `found`; ids and times as text."""
    print(json.dumps(found, indent=2, default=_as_text), flush=True)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under their headings, each column as wide as its widest; never cut, so that ids can be copied."""
    texts = [list(columns), *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[at]) for row in texts) for at in range(len(columns))]
    for row in texts:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip(), flush=True)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
