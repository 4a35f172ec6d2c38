"""The table of moves: complete, the same as in the README, and every refusal says what is allowed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.triage.domain.model import STAFF_MOVES, TRANSITIONS, Move, NotAllowed, Stage, after, allowed_now

README = Path(__file__).parents[3] / "services" / "triage" / "README.md"


def test_the_diagram_is_the_table() -> None:
    drawn = {
        (start, move.strip(), end)
        for start, end, moves in re.findall(r"^    (\w+) --> (\w+): (.+)$", README.read_text(), re.MULTILINE)
        for move in moves.split(",")
    }
    table = {(start, move, end) for move, ways in TRANSITIONS.items() for start, end in ways.items()}
    assert drawn == table


def test_every_move_and_stage_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Move)
    assert {end for ways in TRANSITIONS.values() for end in ways.values()} == set(Stage)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("move", list(Move))
def test_a_move_leads_where_the_table_says_or_is_refused(stage: Stage, move: Move) -> None:
    if stage in TRANSITIONS[move]:
        assert after(stage, move) is TRANSITIONS[move][stage]
        return
    with pytest.raises(NotAllowed) as refused:
        after(stage, move)
    assert refused.value.code == f"not_when_{stage}"
    assert set(refused.value.allowed) == {one for one in STAFF_MOVES if stage in TRANSITIONS[one]}


def test_nothing_leads_back_to_before_it_was_rated() -> None:
    for move, ways in TRANSITIONS.items():
        for start, end in ways.items():
            assert end is not Stage.RECEIVED or start is Stage.RECEIVED, move


@pytest.mark.parametrize("stage", [Stage.DECIDED, Stage.INFORMED, Stage.CLOSED])
def test_a_rating_leaves_what_is_settled_and_a_rise_opens_it_again(stage: Stage) -> None:
    assert after(stage, Move.RATE) is stage
    assert after(stage, Move.RAISE_SETTLED) is Stage.OPENED


def test_a_closed_contact_is_decided_on_only_after_it_is_reopened() -> None:
    """What remains is the look at what asks for attention, late answers of agencies, an answer to a challenge, and a
    milestone.
    """
    assert allowed_now(Stage.CLOSED) == (
        Move.OPEN,
        Move.ANSWER_CHECK,
        Move.ANSWER_CHALLENGE,
        Move.RECORD_MILESTONE,
        Move.REOPEN,
    )
