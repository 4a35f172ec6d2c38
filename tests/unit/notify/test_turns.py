"""How often one recipient of alerts is written to, whatever happens in an hour."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.model import Turn
from services.notify.domain.model.turn import PAGE_EVERY, PAGES_AT_ONCE, WINDOW
from tests.support.builders_notify import NOON

HOUR = timedelta(hours=1)
MOMENTS = st.lists(st.integers(0, 3599), min_size=1, max_size=300).map(sorted)


def a_turn(*, pages: bool) -> Turn:
    return Turn(mark=b"m", pages=pages)


def letters(seconds: list[int], *, pages: bool) -> tuple[list[timedelta], list[timedelta]]:
    """When letters go, and how long each alert waits, if an alert comes at each of these moments and all is taken."""
    turn, went, waits = a_turn(pages=pages), list[timedelta](), list[timedelta]()
    gathering: list[timedelta] = []
    for moment in [timedelta(seconds=each) for each in (*seconds, 2 * 3600)]:
        while gathering and (until := turn.waits_until(NOON + gathering[-1])) is not None and until <= NOON + moment:
            waits += [until - NOON - each for each in gathering]
            went.append(until - NOON)
            turn.spend(until)
            gathering = []
        if moment > HOUR:
            break
        if turn.waits_until(NOON + moment) is None:
            waits += [moment - each for each in [*gathering, moment]]
            went.append(moment)
            turn.spend(NOON + moment)
            gathering = []
        else:
            gathering.append(moment)
    return went, waits


@given(seconds=MOMENTS)
def test_what_does_not_page_is_one_letter_in_ten_minutes_and_the_first_at_once(seconds: list[int]) -> None:
    went, waits = letters(seconds, pages=False)
    assert went[0] == timedelta(seconds=seconds[0])
    assert len(waits) == len(seconds)
    assert max(waits) <= WINDOW
    assert all(later - earlier >= WINDOW for earlier, later in itertools.pairwise(went))


@given(seconds=MOMENTS)
def test_what_pages_waits_a_minute_at_most_and_the_first_few_not_at_all(seconds: list[int]) -> None:
    went, waits = letters(seconds, pages=True)
    assert len(waits) == len(seconds)
    assert max(waits) <= PAGE_EVERY
    assert waits[: min(PAGES_AT_ONCE, len(seconds))] == [timedelta(0)] * min(PAGES_AT_ONCE, len(seconds))
    assert len(went) <= 6 * (PAGES_AT_ONCE + 10) + 1


@pytest.mark.parametrize("pages", [True, False])
def test_a_letter_that_was_not_taken_is_nobodys_turn(pages: bool) -> None:  # noqa: FBT001
    turn = a_turn(pages=pages)
    for _ in range(PAGES_AT_ONCE if pages else 1):
        turn.spend(NOON)
    assert turn.waits_until(NOON) is not None
    turn.give_back()
    assert turn.waits_until(NOON) is None


def test_a_window_that_is_over_is_forgotten() -> None:
    turn = a_turn(pages=False)
    turn.spend(NOON)
    assert turn.waits_until(NOON + WINDOW - timedelta(seconds=1)) == NOON + WINDOW
    assert turn.waits_until(NOON + WINDOW) is None
    assert (
        turn.waits_until(NOON - timedelta(days=1)) is None
    )  # business time was set back: no window of the future binds
