"""The diagram in the service's README names every state and every transition of a clock, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from services.deadlines.domain.model.deadline import State, Transition

README = Path(__file__).parents[3] / "services" / "deadlines" / "README.md"
ARROW = re.compile(r"^\s+(\S+) --> (\w+) : (.+)$", re.MULTILINE)


def test_the_diagram_has_every_state_and_transition_by_its_name() -> None:
    drawn = ARROW.findall(README.read_text(encoding="utf-8").split("```mermaid")[1].split("```")[0])
    assert {state for start, end, _ in drawn for state in (start, end)} - {"[*]"} == {state.value for state in State}
    said = {word for *_, label in drawn for word in re.findall(r"\w+", re.sub(r"\(.*?\)", "", label))}
    assert {transition.value for transition in Transition} - said == set()
    with_line = {word for word in said if "_" in word}
    assert with_line <= {transition.value for transition in Transition}
