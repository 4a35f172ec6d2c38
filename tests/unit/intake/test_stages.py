"""A contact's stage: the diagram is the table, and however the services' words interleave the end is the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.model.stages import TRANSITIONS, Move, Stage, after, stage_after

README = Path(__file__).parents[3] / "services" / "intake" / "README.md"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_diagram_is_the_table() -> None:
    diagram = README.read_text().split("```mermaid")[1].split("```")[0]
    drawn = {
        (start, move.strip(), end)
        for start, end, moves in re.findall(r"^  (\w+) --> (\w+): (.+)$", diagram, re.MULTILINE)
        for move in moves.split(",")
    }
    assert drawn == {(start, move, end) for move, ways in TRANSITIONS.items() for start, end in ways.items()}


def test_every_move_leads_somewhere_from_every_stage() -> None:
    assert set(TRANSITIONS) == set(Move)
    assert all(set(ways) == set(Stage) for ways in TRANSITIONS.values())
    assert {end for ways in TRANSITIONS.values() for end in ways.values()} == set(Stage) - {Stage.RECEIVED}


def test_only_a_reopening_leads_back() -> None:
    order = list(Stage)
    for move, ways in TRANSITIONS.items():
        for start, end in ways.items():
            assert move is Move.REOPEN or order.index(end) >= order.index(start), (move, start)


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[tuple[Move, datetime]], list[tuple[Move, datetime]]]:
    """What triage and notify say of a contact's rounds, each in its own order, with the times it happened."""
    triage: list[tuple[Move, datetime]] = []
    notify: list[tuple[Move, datetime]] = []
    at = NOON
    for round_ in range(draw(st.integers(1, 3))):
        steps = [Move.REOPEN] if round_ else [Move.OPEN]
        steps += [Move.DECIDE, Move.INFORM, Move.CLOSE][: draw(st.integers(0, 3))]
        for step in steps:
            at += timedelta(minutes=draw(st.integers(1, 5)))
            (notify if step is Move.INFORM else triage).append((step, at))
    return triage, notify


@given(lives(), st.data())
def test_any_interleaving_and_duplication_ends_the_same(
    life: tuple[list[tuple[Move, datetime]], list[tuple[Move, datetime]]], data: st.DataObject
) -> None:
    triage, notify = list(life[0]), list(life[1])
    expected = Stage.RECEIVED
    for move, _ in sorted([*triage, *notify], key=lambda word: word[1]):
        expected = after(expected, move)
    heard: list[tuple[Move, datetime]] = []
    while triage or notify:
        source = triage if not notify or (triage and data.draw(st.booleans())) else notify
        heard.append(source.pop(0))
        if data.draw(st.booleans()):
            heard.append(heard[-1])
    assert stage_after(heard) == expected
