"""Which subjects a month counts and for what: each rule of docs/measures.md by one small contact."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.deadlines.domain.model.measures import rounded
from services.deadlines.domain.policy.counting import Counted, count
from services.deadlines.entrypoints.api.spreadsheet import cell
from shared.contracts.envelope import Event
from tests.support.builders_measures import CountedLife, Named
from tests.unit.deadlines.conftest import RULEBOOKS, Desk

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
DAY = 24 * 60


def counted(life: CountedLife, *events: Event[Any]) -> list[Counted]:
    """The contact's subjects, in the order the referrer named them."""
    desk = Desk()
    asyncio.run(desk.hear(*events))
    [tally] = desk.tallies.known.values()
    found = {one.subject_id: one for one in count(tally, RULEBOOKS.active.pack, RULEBOOKS.active.calendar)}
    numbered = [found.pop(life.subject(number)) for number in range(1, life.subjects + 1)]
    return [*numbered, *found.values()]


def rated(life: CountedLife) -> list[Event[Any]]:
    return [life.received(), life.rated(*["amber"] * life.subjects)]


@pytest.mark.parametrize(
    ("kinds", "received"),
    [
        ("child adult unborn", [True, False, True]),
        ("adult unknown", [True, False]),
        ("unknown", [True]),
        ("adult child", [False, True]),
    ],
)
def test_each_child_counts_and_a_contact_without_one_counts_once(kinds: str, received: list[bool]) -> None:
    life = CountedLife("kinds", *(Named(kind=kind) for kind in kinds.split()))
    found = counted(life, *rated(life))
    assert [one.received for one in found] == received
    assert [one.stands_for_contact for one in found] == [True] + [False] * (life.subjects - 1)


def test_who_turns_out_to_be_a_child_counts_as_one() -> None:
    life = CountedLife("later", Named(kind="unknown"), Named(kind="unknown"))
    events = rated(life)
    life.named = [Named(kind="unknown"), Named(kind="child", years=4)]
    assert [one.received for one in counted(life, *events, life.added(30))] == [False, True]


def test_who_was_named_in_a_duplicate_only_is_worked_on_here_but_was_received_there() -> None:
    life = CountedLife("primary", Named())
    events = rated(life)
    life.subjects = 2
    [_, carried] = counted(life, *events, life.rated("amber", "amber", version=2, minutes=50), life.decided(2))
    assert (carried.received, carried.referred_month, carried.due_24h_at) == (False, NOVEMBER, None)


def test_a_referral_is_of_the_first_version_that_counts_while_the_last_one_does() -> None:
    life = CountedLife("revised", received_at=datetime(2026, 11, 30, 12, 0, tzinfo=UTC))
    decisions = [
        life.decided(outcome="signpost", minutes=30),
        life.revised(outcome="s17_assessment", minutes=13 * 60, version=2),
        life.revised(outcome="s47_strategy_discussion", minutes=3 * DAY, version=3),
        life.revised(outcome="early_help", minutes=4 * DAY, version=4),
    ]
    expected = [None, date(2026, 12, 1), date(2026, 12, 1), None]
    for last, referred_on in enumerate(expected, start=1):
        [one] = counted(life, *rated(life), *decisions[:last])
        assert one.referred_on == referred_on
        assert one.in_time_24h is True  # the first decision counts, whatever it was


def test_what_was_decided_elsewhere_is_no_referral_and_no_decision_here() -> None:
    life = CountedLife("duplicate")
    mirrored = life.decided(made_on=life.item("primary"))
    [linked] = counted(life, *rated(life), life.linked(30, "amber"), mirrored)
    assert (linked.referred_on, linked.due_24h_at, linked.in_time_24h, linked.ended) == (None, None, None, "decided")
    assert linked.received
    [alone] = counted(life, *rated(life), life.linked(30, "amber"), mirrored, life.unlinked(200))
    assert (alone.due_24h_at, alone.in_time_24h) == (life.at(DAY), None)


def test_who_was_closed_undecided_is_left_out_until_reopened() -> None:
    life = CountedLife("closed")
    [closed] = counted(life, *rated(life), life.closed(60))
    assert (closed.received, closed.due_24h_at, closed.due_1wd_at, closed.ended) == (True, None, None, "closed")
    [again] = counted(life, *rated(life), life.closed(60), life.reopened(90))
    assert again.due_24h_at == life.at(DAY)
    [decided] = counted(life, *rated(life), life.decided(minutes=30), life.closed(60))
    assert decided.in_time_24h is True


@pytest.mark.parametrize(("minutes", "in_time"), [(DAY, True), (DAY + 1 / 60_000_000, False)])
def test_decided_at_the_due_instant_is_in_time(minutes: float, in_time: bool) -> None:  # noqa: FBT001 -- a case
    life = CountedLife("instant")
    assert counted(life, *rated(life), life.decided(minutes=minutes))[0].in_time_24h is in_time


def test_friday_evenings_working_day_is_monday() -> None:
    life = CountedLife("friday", received_at=datetime(2026, 11, 20, 19, 0, tzinfo=UTC))
    [one] = counted(life, *rated(life))
    assert one.due_1wd_at == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "exploited"),
    [
        (Named(years=13, facts={"exploitation_score": "medium"}), True),
        (Named(years=17, facts={"exploitation_score": "high"}), True),
        (Named(years=12, facts={"exploitation_score": "high"}), False),
        (Named(years=None, facts={"exploitation_score": "high"}), False),
        (Named(years=15, facts={"exploitation_score": "low"}), False),
        (Named(years=15, indicators={"L4-HLT-SEX-RISK": "yes"}), True),
        (Named(years=15, indicators={"L4-HLT-SEX-RISK": "not_known"}), False),
        (Named(years=15, indicators={"L3-IDE-COUNTY-LINES": "yes"}), False),  # criminal exploitation
        (Named(years=15, indicators={"NOT-THERE": "yes"}), False),
    ],
)
def test_sexual_exploitation_from_thirteen(named: Named, exploited: bool) -> None:  # noqa: FBT001 -- a case
    life = CountedLife("exploited", named)
    assert counted(life, *rated(life))[0].exploited is exploited


def test_milestones_count_in_the_month_they_are_reached_each_once() -> None:
    life = CountedLife("reached", Named(), Named(kind="adult"))
    reached = [life.reached("s47_started", minutes) for minutes in (60, 70, 20 * DAY)]
    [child, adult] = counted(
        life, *rated(life), *reached, life.reached("plan_opened", 90), life.reached("s47_started", 80, number=2)
    )
    assert child.enquiry_months == (NOVEMBER, DECEMBER)
    assert child.plan_months == (NOVEMBER,)
    assert adult.enquiry_months == ()  # beside a child, an adult is counted for nothing
    assert child.months == (NOVEMBER, DECEMBER)


def test_stepped_up_is_of_early_help_only() -> None:
    life = CountedLife("stepped")
    up = life.reached("stepped_up", 2 * DAY)
    assert counted(life, *rated(life), life.decided(outcome="signpost"), up)[0].stepped_up_months == ()
    helped = [life.decided(outcome="early_help"), up, life.revised(outcome="s17_assessment", minutes=3 * DAY)]
    assert counted(life, *rated(life), *helped)[0].stepped_up_months == (NOVEMBER,)


def test_percentages_are_rounded_half_up() -> None:
    assert [str(rounded(numerator, 800, 100)) for numerator in (1, 3, 799)] == ["0.13", "0.38", "99.88"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_runs_as_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert (cell("M1"), cell(None), cell(True), cell(-12)) == ("M1", "", "yes", "-12")  # noqa: FBT003 -- a cell
