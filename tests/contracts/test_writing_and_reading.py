"""Writers are closed, readers are open: what a newer writer says does not stop an older reader."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from shared.contracts.envelope import EventData, OpenEnum, Unknown, headers_of, read_event
from shared.contracts.topics import EVENTS

from .samples import TYPES, event, example, leaves, objects, parts

each = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)


@each
def test_the_example_is_whole(kind: type[EventData]) -> None:
    assert kind.model_validate(example(kind)).model_dump(mode="json") == example(kind)


@each
def test_the_example_shows_every_field(kind: type[EventData]) -> None:
    shown = {part: set(found) for part, found in objects(example(kind), kind)}
    for part, names in shown.items():
        assert names == set(part.model_fields), part.__name__


@each
def test_a_writer_is_refused_a_field_it_made_up(kind: type[EventData]) -> None:
    for at, _ in enumerate(list(objects(example(kind), kind))):
        data = example(kind)
        list(objects(data, kind))[at][1]["surprise"] = "made up"
        with pytest.raises(ValidationError):
            kind.model_validate(data)


@each
def test_a_writer_cannot_change_what_was_said(kind: type[EventData]) -> None:
    data = kind.model_validate(example(kind))
    with pytest.raises(ValidationError):
        setattr(data, next(iter(kind.model_fields)), None)


@each
def test_a_reader_passes_over_what_it_does_not_know(kind: type[EventData]) -> None:
    data = example(kind)
    for _, found in objects(data, kind):
        found["surprise"] = {"from": "a newer writer"}
    assert kind.model_validate(data, extra="ignore") == kind.model_validate(example(kind))


def open_enums() -> list[type[OpenEnum]]:
    found = {leaf for part in parts() for field in part.model_fields.values() for leaf in leaves(field.annotation)}
    return [leaf for leaf in found if isinstance(leaf, type) and issubclass(leaf, OpenEnum)]


def test_every_enum_has_an_other_arm() -> None:
    assert open_enums()
    for enum in open_enums():
        assert enum("invented next year") is enum["OTHER"]
        assert {enum(member.value) for member in enum} == set(enum)
        with pytest.raises(ValueError, match="7"):
            enum(7)  # pyright: ignore[reportArgumentType]


@each
def test_a_reader_takes_an_unknown_code_as_other(kind: type[EventData]) -> None:
    data: dict[str, Any] = copy.deepcopy(example(kind))
    changed = 0
    for part, found in list(objects(data, kind)):
        for name, field in part.model_fields.items():
            if any(leaf in open_enums() for leaf in leaves(field.annotation)) and isinstance(found.get(name), str):
                found[name], changed = "invented_next_year", changed + 1
    read = kind.model_validate(data, extra="ignore").model_dump_json()
    assert read.count('"other"') == changed


@each
def test_an_event_travels_whole(kind: type[EventData]) -> None:
    said = event(kind)
    assert read_event(headers_of(said), said.data.model_dump_json().encode(), EVENTS) == said


def test_an_event_of_a_newer_kind_is_known_by_its_envelope() -> None:
    said = event(TYPES[0])
    headers = tuple(
        (name, b"uk.mash.triage.NotYet.v2" if name == "ce_type" else value) for name, value in headers_of(said)
    )
    read = read_event(headers, b"anything", EVENTS)
    assert isinstance(read.data, Unknown)
    assert (read.id, read.sequence, read.contact_id) == (said.id, said.sequence, said.contact_id)


def test_types_are_named_after_their_producer() -> None:
    for ce_type, kind in EVENTS.items():
        assert ce_type == f"uk.mash.{kind.producer}.{kind.__name__}.v{kind.version}"


def test_every_part_is_closed_and_frozen() -> None:
    for part in parts():
        assert part.model_config.get("extra") == "forbid"
        assert part.model_config.get("frozen")
