"""Orders in which events may be heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from shared.contracts.envelope import Event


def in_any_order(data: st.DataObject, producers: Sequence[Sequence[Event[Any]]]) -> list[Event[Any]]:
    """Any order between producers, each one's own kept; every event once or twice."""
    rest = [list(said) for said in producers]
    order: list[Event[Any]] = []
    while any(rest):
        order += [data.draw(st.sampled_from([each for each in rest if each])).pop(0)] * data.draw(st.integers(1, 2))
    return order
