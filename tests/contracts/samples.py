"""The committed examples, and walks over what they are made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

from shared.contracts.envelope import Event, EventData, Part
from shared.contracts.topics import EVENTS

EXAMPLES = Path(__file__).resolve().parents[2] / "shared" / "contracts" / "examples"
TYPES = sorted(EVENTS.values(), key=lambda event: event.__name__)


def example(kind: type[EventData]) -> dict[str, Any]:
    return json.loads((EXAMPLES / f"{kind.__name__}.v{kind.version}.json").read_text(encoding="utf-8"))


def event(kind: type[EventData]) -> Event[EventData]:
    """The example in an envelope."""
    return Event(
        id=UUID("3f2b8c1e-9a53-4c1d-8f37-6f2d1d0c7b90"),
        producer=kind.producer,
        contact_id=UUID("0d5c9a4e-51b8-4b0a-9a4f-0f8a3f6b7c11"),
        sequence=7,
        time=datetime(2026, 11, 20, 9, 45, 10, 123456, tzinfo=UTC),
        correlation_id=UUID("1b0f5f8a-7d5e-4f0e-9a57-7b6d8f0c2a41"),
        causation_id=UUID("8c7d9e2f-1a3b-4c5d-9e8f-0a1b2c3d4e5f"),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        data=kind.model_validate(example(kind)),
    )


def parts() -> list[type[Part]]:
    """Every class that events are made of."""
    found: dict[type[Part], None] = {}

    def visit(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, Part) and kind not in found:
            found[kind] = None
            for field in kind.model_fields.values():
                visit(field.annotation)
        for inner in get_args(kind):
            visit(inner)

    for kind in TYPES:
        visit(kind)
    return list(found)


def leaves(annotation: Any) -> set[Any]:
    """The types at the ends of an annotation, the keys of mappings included."""
    inner = [one for one in get_args(annotation) if one is not Ellipsis and not callable(getattr(one, "func", None))]
    return set[Any]().union(*map(leaves, inner)) if inner else {annotation}


def objects(value: Any, kind: Any) -> Iterator[tuple[type[Part], dict[str, Any]]]:
    """Every JSON object in ``value`` that is one of our parts, with its class."""
    if isinstance(kind, type) and issubclass(kind, Part) and isinstance(value, dict):
        yield kind, value
        for name, field in kind.model_fields.items():
            if name in value:
                yield from objects(value[name], field.annotation)
    elif isinstance(value, list):
        for one in value:
            yield from (found for inner in get_args(kind) for found in objects(one, inner))
    elif isinstance(value, dict):
        yield from (found for inner in get_args(kind) for found in objects(value, inner))
