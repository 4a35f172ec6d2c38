"""An event's fields only grow: what is committed in fields.json is never removed, retyped or newly demanded.

After adding a field: ``python -m tests.contracts.test_compatibility`` writes it down (it adds, and changes nothing).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts.envelope import EventData

from .samples import EXAMPLES, TYPES

COMMITTED = EXAMPLES.parent / "fields.json"
Fields = dict[str, str]
"""Path → type, with "!" where the field must be there."""


def fields_of(kind: type[EventData]) -> Fields:
    schema = kind.model_json_schema()
    return dict(walk(schema, schema.get("$defs", {}), ""))


def walk(node: dict[str, Any], parts: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    node = resolved(node, parts)
    for name, inner in node.get("properties", {}).items():
        demanded = "!" if name in node.get("required", []) else ""
        below = f"{path}.{name}" if path else name
        yield below, type_of(inner, parts) + demanded
        yield from inside(inner, parts, below)


def inside(node: dict[str, Any], parts: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for one in [resolved(each, parts) for each in node.get("anyOf", [node])]:
        if "properties" in one:
            yield from walk(one, parts, path)
        elif isinstance(one.get("items"), dict):
            yield from inside(one["items"], parts, f"{path}[]")
        elif isinstance(one.get("additionalProperties"), dict):
            yield from inside(one["additionalProperties"], parts, f"{path}{{}}")


def resolved(node: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    return parts[node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def type_of(node: dict[str, Any], parts: dict[str, Any]) -> str:
    node = resolved(node, parts)
    if "anyOf" in node:
        return " | ".join(sorted(type_of(one, parts) for one in node["anyOf"]))
    if "enum" in node:
        return f"one of {', '.join(sorted(node['enum']))}"
    if "items" in node:
        return f"list of {type_of(node['items'], parts)}"
    if isinstance(node.get("additionalProperties"), dict):
        return f"map to {type_of(node['additionalProperties'], parts)}"
    return str(node.get("format") or node.get("type"))


def fits(old: str, new: str) -> bool:
    """The same type, or an enumeration that has grown; never newly demanded."""
    if new.endswith("!") and not old.endswith("!"):
        return False
    old, new = old.rstrip("!"), new.rstrip("!")
    if old.startswith("one of ") and new.startswith("one of "):
        return set(old.removeprefix("one of ").split(", ")) <= set(new.removeprefix("one of ").split(", "))
    return old == new


def breaks(old: Fields, new: Fields) -> list[str]:
    """What a reader or writer of the other version would stumble over."""
    removed = [f"{path} is gone" for path in old if path not in new]
    changed = [
        f"{path} was {old[path]}, is {new[path]}" for path in old if path in new and not fits(old[path], new[path])
    ]
    added = [path for path in new if path not in old]
    demanded = [
        f"{path} is new and must be there: older events do not have it"
        for path in added
        if new[path].endswith("!")
        and not any(path.startswith((f"{other}.", f"{other}[", f"{other}{{")) for other in added)
    ]
    return removed + changed + demanded


def committed() -> dict[str, Fields]:
    return json.loads(COMMITTED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_an_event_only_grows(kind: type[EventData]) -> None:
    old, new = committed()[f"{kind.__name__}.v{kind.version}"], fields_of(kind)
    assert not breaks(old, new)
    assert set(new) == set(old), "write the new fields down: python -m tests.contracts.test_compatibility"


def test_no_event_is_forgotten() -> None:
    assert {f"{kind.__name__}.v{kind.version}" for kind in TYPES} <= set(committed())


OLD = {"a": "string!", "b": "integer", "c": "one of x, y!"}


@pytest.mark.parametrize(
    ("new", "broken"),
    [
        (OLD, 0),
        ({**OLD, "d": "string"}, 0),
        ({**OLD, "d": "object", "d.e": "string!"}, 0),
        ({**OLD, "c": "one of w, x, y!"}, 0),
        ({**OLD, "a": "string"}, 0),
        ({**OLD, "d": "string!"}, 1),
        ({**OLD, "b": "integer!"}, 1),
        ({**OLD, "b": "string"}, 1),
        ({**OLD, "c": "one of x!"}, 1),
        ({"a": "string!", "c": "one of x, y!"}, 1),
    ],
)
def test_what_counts_as_a_break(new: Fields, broken: int) -> None:
    assert len(breaks(OLD, new)) == broken


def write_down() -> None:
    """Adds what is new; refuses where something broke."""
    known = committed() if COMMITTED.exists() else {}
    for kind in TYPES:
        name, new = f"{kind.__name__}.v{kind.version}", fields_of(kind)
        broken = breaks(known.get(name, new), new)
        if broken:
            raise SystemExit(f"{name}: {'; '.join(broken)}. Make it version {kind.version + 1}.")
        known[name] = {**new, **known.get(name, {})}
    COMMITTED.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_down()
