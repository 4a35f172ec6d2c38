"""Several approvals that nobody counted by for a while end as if each had been counted by at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from services.deadlines.domain.model.calendar import CalendarChange, CalendarVersion, changed, in_force
from services.deadlines.domain.model.calendar import one_after_another as in_turn
from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.deadline import State
from services.deadlines.domain.model.working_time import Holidays, WorkingTime
from services.deadlines.domain.policy.rulebook import Rulebook
from tests.support.builders_deadlines import NOON, Life, southampton
from tests.unit.deadlines.conftest import Desk
from tests.unit.deadlines.test_calendar_changes import SHIPPED, closed

PACK = southampton()
MONDAY = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # when a decision about what came on Friday evening is due
FRIDAY_EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
DAYS = [day for day in (NOON.date() + timedelta(days=number) for number in range(1, 8)) if day.weekday() < 5]


def approved(versions: Sequence[CalendarVersion], day: date, at: datetime, wait: timedelta) -> CalendarVersion:
    change = CalendarChange(add=(closed(day),), effective_from=at + wait)
    return changed(versions[-1], change, version=len(versions) + 1, by="anna", at=at).approved("ben", at)


def rulebook(versions: Sequence[CalendarVersion], now: datetime) -> Rulebook:
    counted_by = in_force(versions, now)
    assert counted_by is not None
    known = [one for one in versions if one.effective_from <= now and (one.settled_at or now) <= now]
    *before, newest = [one.holidays() for one in in_turn(known, counted_by.version)]
    return Rulebook(PACK, working_time(newest), before=before)


@cache
def working_time(holidays: Holidays) -> WorkingTime:
    return WorkingTime(PACK.calendar, holidays)


async def begun(life: Life) -> tuple[Desk, Contact]:
    desk = Desk()
    desk.now = life.received_at
    await desk.hear(life.received(), life.rated("green"), life.acknowledged())
    return desk, desk.contacts.get(life.id)


def count(desk: Desk, contact: Contact, versions: Sequence[CalendarVersion], now: datetime) -> list[str]:
    """The loop that follows the calendar, then the firing loop, at one moment."""
    known = [one for one in versions if one.settled_at is not None and one.settled_at <= now]
    desk.now = now
    changes = contact.settle(rulebook(known, now), now, contact.contact_id)
    contact.fire(now)
    return [change.transition.value for change in changes if change.deadline.terms.kind == "mash_decision"]


def ends(contact: Contact) -> dict[str, tuple[State, datetime, datetime | None, str]]:
    return {
        one.terms.kind: (one.state, one.terms.due_at, one.breached_at, one.terms.calendar)
        for one in contact.deadlines.values()
    }


def test_a_due_time_that_the_first_of_two_approvals_took_away_in_time_was_never_missed() -> None:
    desk, contact = asyncio.run(begun(Life("two approvals", received_at=FRIDAY_EVENING)))
    second = approved([SHIPPED], MONDAY.date(), FRIDAY_EVENING + timedelta(hours=1), timedelta(0))
    third = approved([SHIPPED, second], date(2027, 6, 4), MONDAY + timedelta(hours=1), timedelta(0))
    said = count(desk, contact, [SHIPPED, second, third], MONDAY + timedelta(hours=2))
    assert said == ["recomputed"]
    clock = next(one for one in contact.deadlines.values() if one.terms.kind == "mash_decision")
    assert (clock.state, clock.terms.due_at, clock.breached_at) == (State.RUNNING, MONDAY + timedelta(days=1), None)
    assert clock.terms.calendar == third.ref


def test_what_the_second_approval_took_away_too_late_was_missed_by_the_first() -> None:
    desk, contact = asyncio.run(begun(Life("too late", received_at=FRIDAY_EVENING)))
    tuesday = MONDAY + timedelta(days=1)
    second = approved([SHIPPED], MONDAY.date(), FRIDAY_EVENING + timedelta(hours=1), timedelta(0))
    third = approved([SHIPPED, second], tuesday.date(), tuesday + timedelta(hours=1), timedelta(0))
    said = count(desk, contact, [SHIPPED, second, third], tuesday + timedelta(hours=2))
    assert said == ["recomputed", "breach_found_after_downtime"]
    assert ends(contact)["mash_decision"][:3] == (State.BREACHED, tuesday, tuesday)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(DAYS), st.integers(1, 30), st.sampled_from([0, 0, 0, 5, 48])),
        min_size=2,
        max_size=5,
        unique_by=lambda one: one[0],
    ),
    st.integers(0, 20),
    st.integers(0, 48),
)
def test_several_approvals_found_late_end_as_if_found_one_by_one(
    asked: list[tuple[date, int, int]], begins: int, more: int
) -> None:
    versions, at = [SHIPPED], NOON
    for day, hours, wait in asked:
        at += timedelta(hours=hours)
        versions.append(approved(versions, day, at, timedelta(hours=wait)))
    life = Life("found late", received_at=NOON - timedelta(hours=begins))
    end = max(one.since for one in versions[1:]) + timedelta(hours=more)
    one_by_one_desk, one_by_one = asyncio.run(begun(life))
    for moment in sorted({one.since for one in versions[1:]}):
        count(one_by_one_desk, one_by_one, versions, moment)
    count(one_by_one_desk, one_by_one, versions, end)
    late_desk, late = asyncio.run(begun(life))
    count(late_desk, late, versions, end)
    assert {kind: said[:3] for kind, said in ends(late).items()} == {
        kind: said[:3] for kind, said in ends(one_by_one).items()
    }
