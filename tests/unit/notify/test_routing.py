"""By which channel a message goes next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.policy.routing import EMAIL, ORDER, SMS, WEBHOOK, choose, ways
from services.notify.domain.policy.schedule import PERSON_AFTER

WAYS = st.lists(st.sampled_from(ORDER), unique=True).map(lambda found: ways(found, ORDER))
AGES = st.timedeltas(timedelta(0), timedelta(days=3))


@pytest.mark.parametrize(
    ("has", "refused", "hours", "chosen"),
    [
        ([EMAIL], [], 0, EMAIL),
        ([EMAIL], [], 7, EMAIL),
        ([EMAIL], [EMAIL], 0, None),
        ([SMS], [], 0, SMS),
        ([EMAIL, SMS], [], 3.99, EMAIL),
        ([EMAIL, SMS], [], 4, SMS),
        ([EMAIL, SMS], [EMAIL], 0, SMS),
        ([EMAIL, SMS], [SMS], 7, EMAIL),
        ([EMAIL, SMS, WEBHOOK], [], 4, SMS),
        ([EMAIL, SMS, WEBHOOK], [], 6, WEBHOOK),
        ([EMAIL, SMS, WEBHOOK], [], 30, WEBHOOK),
        ([WEBHOOK], [], 0, WEBHOOK),
        ([], [], 0, None),
    ],
)
def test_the_channel_for_what_there_is_what_failed_and_how_long_it_took(
    has: list[str], refused: list[str], hours: float, chosen: str | None
) -> None:
    assert choose(ways(has, ORDER), refused, timedelta(hours=hours)) == chosen


def test_only_channels_that_are_deployed_count() -> None:
    assert ways([SMS, EMAIL], [EMAIL]) == (EMAIL,)
    assert ways([SMS], [EMAIL]) == ()


@given(there=WAYS, refused=st.sets(st.sampled_from(ORDER)), age=AGES)
def test_a_channel_is_chosen_unless_all_refuse_and_never_one_that_does(
    there: tuple[str, ...], refused: set[str], age: timedelta
) -> None:
    chosen = choose(there, refused, age)
    assert (chosen is None) is (set(there) <= refused)
    assert chosen not in refused


@given(there=WAYS, refused=st.sets(st.sampled_from(ORDER)), age=AGES, more=AGES)
def test_time_only_leads_on(there: tuple[str, ...], refused: set[str], age: timedelta, more: timedelta) -> None:
    chosen, later = choose(there, refused, age), choose(there, refused, age + more)
    if chosen is not None and later is not None:
        assert ORDER.index(later) >= ORDER.index(chosen)


@given(there=WAYS)
def test_every_channel_has_had_its_turn_before_a_person_is_asked(there: tuple[str, ...]) -> None:
    turns = {choose(there, (), timedelta(minutes=minutes)) for minutes in range(int(PERSON_AFTER.total_seconds() / 60))}
    assert turns == set(there) or (not there and turns == {None})
