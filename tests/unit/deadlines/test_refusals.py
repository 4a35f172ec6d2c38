"""Every refusal of a calendar has words, and no time or cursor that a caller makes up is a fault of ours."""

from __future__ import annotations

import ast
import inspect

import pytest

from services.deadlines.domain.model import calendar
from services.deadlines.domain.model.calendar import ProposalRefused
from services.deadlines.domain.policy import moving
from services.deadlines.entrypoints.api.calendar_answers import refused
from services.deadlines.entrypoints.api.paging import position_from
from shared.web import Problem, encode_cursor

ROW = "5f0c6a52-7d0b-5c1f-8a52-0d7f5d1c9c11"


def codes() -> list[tuple[str, str]]:
    """Field and code of every refusal that the domain raises."""
    calls = [
        node
        for module in (calendar, moving)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ProposalRefused"
    ]
    return [tuple(ast.literal_eval(argument) for argument in call.args) for call in calls]  # type: ignore[misc]


def test_the_refusals_are_found() -> None:
    assert {"nothing_changes", "ends_before_a_running_clock"} <= {code for _, code in codes()}


@pytest.mark.parametrize(("field", "code"), codes())
def test_every_refusal_of_a_calendar_has_words(field: str, code: str) -> None:
    with pytest.raises(Problem) as found, refused():
        raise ProposalRefused(field, code)
    assert (found.value.status, found.value.code) == (422, code)


@pytest.mark.parametrize(
    "due", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-20T10:00:00", "noon"]
)
def test_a_cursor_with_a_time_that_cannot_be_is_none_of_ours(due: str) -> None:
    with pytest.raises(Problem) as found:
        position_from(encode_cursor({"due": due, "id": ROW}))
    assert (found.value.status, found.value.code) == (400, "cursor_invalid")
