"""A month's measures against numbers worked out by hand, and what is given out of them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.deadlines.domain.model.measures import Population
from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_measures import CountedLife, Named

DAY = 24 * 60
TUESDAY = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)
CHILD = "CHILDAAAAAAAAAAAAAAA"
SCORE = {"exploitation_score": "medium"}


def at(day: int, hour: int = 10, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, 0, tzinfo=UTC)


async def november(hub: Hub) -> dict[str, CountedLife]:
    """Eight contacts, ten children and unborn children among them; all that the measures tell apart."""
    siblings = CountedLife("siblings", Named(years=14, facts=SCORE), Named(years=12), received_at=TUESDAY)
    adult = CountedLife("adult", Named(kind="adult"), Named(kind="unknown"), received_at=at(4))
    earlier = CountedLife("earlier", Named(years=7, child_id=CHILD), received_at=at(20, month=1))
    again = CountedLife("again", Named(years=8, child_id=CHILD), Named(kind="adult"), received_at=at(5))
    friday = CountedLife("friday", Named(kind="unborn"), received_at=at(6, 18))
    helped = CountedLife("helped", Named(years=3), received_at=at(9))
    closed = CountedLife("closed", Named(years=5), received_at=at(10))
    duplicate = CountedLife("duplicate", Named(years=14, facts=SCORE), received_at=at(3, 11))
    waiting = CountedLife("waiting", Named(years=9), received_at=at(12))
    lives = [siblings, adult, earlier, again, friday, helped, closed, duplicate, waiting]
    await hub.it_is(DECEMBER)
    await hub.hear(*(life.received() for life in lives))
    await hub.hear(*(life.rated(*["amber"] * life.subjects) for life in lives))
    await hub.hear(
        siblings.decided(1, minutes=DAY, left=1),  # at the very instant: in time
        siblings.decided(2, outcome="signpost", minutes=DAY + 1),  # a minute over the 24 hours, within the working day
        earlier.decided(minutes=60),
        adult.decided(outcome="signpost", minutes=60, left=1),
        again.decided(outcome="s47_strategy_discussion", minutes=60, left=1),
        again.reached("s47_started", 90),
        again.reached("s47_started", 95),
        friday.decided(minutes=2.5 * DAY),  # Monday morning: late by the clock, in time by the working day
        helped.decided(outcome="early_help", minutes=60),
        helped.reached("plan_opened", 2 * DAY),
        helped.reached("stepped_up", 9 * DAY),
        closed.closed(60),
        duplicate.linked(30, "amber"),
        duplicate.decided(minutes=90, made_on=siblings.id),
    )
    return {life.name: life for life in lives}


async def figures(staff: Staff, month: str = "2026-11", **asked: Any) -> dict[str, tuple[Any, int, int | None]]:
    answer = (await staff.get(f"/v1/measures/{month}", **asked)).json()
    return {one["code"]: (one["value"], one["numerator"], one["denominator"]) for one in answer["measures"]}


async def test_a_month_by_hand(staff: Staff, hub: Hub) -> None:
    await november(hub)
    assert await figures(staff) == {
        "M1": (9, 9, None),  # siblings 2, adult counted once, again, friday, helped, closed, duplicate, waiting
        "M1-C": (8, 8, None),
        "M2": (3, 3, None),  # the elder sibling, again, friday; the duplicate's was made elsewhere
        "M3": (33.33, 3, 9),
        "M2-NI": (None, 3, None),
        "M8-QL-24H": (57.14, 4, 7),  # without closed and duplicate; late: younger sibling, friday, waiting
        "M8-QL-1WD": (85.71, 6, 7),
        "M6-QL-N": (1, 1, None),
        "M6-QL": (33.33, 1, 3),
        "M4": (1, 1, None),
        "M5": (1, 1, None),  # the duplicate is no referral
        "CP1": (1, 1, None),  # twice in the month, one child
        "CP1-NI": (None, 1, None),
        "EH1": (1, 1, None),
    }
    assert (await figures(staff, "2026-01"))["M2"] == (1, 1, None)
    assert (await figures(staff, "2026-10"))["M8-QL-24H"] == (None, 0, 0)


async def test_rates_are_of_a_population_with_its_source(staff: Staff, hub: Hub) -> None:
    await november(hub)
    answer = (await staff.get("/v1/measures/2026-11", role="ops")).json()
    unset = {one["code"]: one["note"] for one in answer["measures"]}
    assert "MASH_POPULATION_0_17" in unset["M2-NI"]
    hub.deadlines.population = Population(children=50_001, source="ONS mid-2024")
    answer = (await staff.get("/v1/measures/2026-11", role="manager")).json()
    rates = {one["code"]: one for one in answer["measures"] if one["code"].endswith("-NI")}
    assert [(one["value"], one["numerator"], one["denominator"]) for one in rates.values()] == [
        (0.60, 3, 50_001),
        (0.20, 1, 50_001),
    ]
    assert "ONS mid-2024" in rates["M2-NI"]["note"]


async def test_a_late_event_restates_a_month_and_what_was_given_out_stays(staff: Staff, hub: Hub) -> None:
    lives = await november(hub)
    first = (await staff.get("/v1/measures/2026-11")).json()
    assert (first["complete"], first["version"], first["restated_at"], first["earlier"]) == (True, 1, None, [])
    assert (await staff.get("/v1/measures/2026-11")).json()["version"] == 1
    await hub.hear(lives["waiting"].decided(minutes=60))  # made in time, heard of in December
    again = (await staff.get("/v1/measures/2026-11")).json()
    assert (again["version"], again["restated_at"] is not None) == (2, True)
    moved = {one["code"]: (one["version"], one["value"], one["numerator"]) for one in again["earlier"]}
    assert moved["M2"] == (1, 3, 3)
    assert moved["M8-QL-24H"] == (1, 57.14, 4)
    assert "M1" not in moved
    assert (await figures(staff))["M8-QL-24H"] == (71.43, 5, 7)


async def test_what_was_given_out_cannot_be_changed_by_the_service_itself(staff: Staff, hub: Hub) -> None:
    await november(hub)
    await staff.get("/v1/measures/2026-11")
    for statement in ("UPDATE measures_published SET version = 9", "DELETE FROM measures_published"):
        async with hub.deadlines.platform.engine.begin() as connection:
            with pytest.raises(DBAPIError, match="permission denied"):
                await connection.execute(text(statement))


async def test_a_running_month_has_no_versions(staff: Staff, hub: Hub) -> None:
    await november(hub)
    await hub.it_is(at(30, 22))
    answer = (await staff.get("/v1/measures/2026-11")).json()
    assert (answer["complete"], answer["version"]) == (False, 0)
    await hub.it_is(at(1, 0, month=12))
    assert (await staff.get("/v1/measures/2026-11")).json()["version"] == 1


async def test_whose_time_is_not_over_is_not_yet_counted_as_late(staff: Staff, hub: Hub) -> None:
    life = CountedLife("today", received_at=TUESDAY)
    await hub.it_is(life.at(DAY) - timedelta(seconds=30))
    await hub.hear(life.received())
    assert (await figures(staff))["M8-QL-24H"] == (None, 0, 0)
    await hub.it_is(life.at(DAY) + timedelta(seconds=1))
    assert (await figures(staff))["M8-QL-24H"] == (0, 0, 1)
    assert (await figures(staff))["M8-QL-1WD"] == (None, 0, 0)


async def test_months_are_london_months(staff: Staff, hub: Hub) -> None:
    """At half past eleven in the evening by UTC it is the first of July in London."""
    life = CountedLife("summer", received_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    await hub.it_is(DECEMBER)
    await hub.hear(life.received(), life.rated("amber"), life.decided(minutes=10))
    assert (await figures(staff, "2026-06"))["M1"] == (0, 0, None)
    assert (await figures(staff, "2026-07"))["M2"] == (1, 1, None)


async def test_csv_has_the_same_figures(staff: Staff, hub: Hub) -> None:
    await november(hub)
    answer = await staff.get("/v1/measures/2026-11", format="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    expected = await figures(staff)
    assert {code: (row["numerator"], row["denominator"]) for code, row in rows.items()} == {
        code: (str(numerator), "" if denominator is None else str(denominator))
        for code, (_, numerator, denominator) in expected.items()
    }
    assert rows["M3"]["value"] == "33.33"
    assert (rows["M1"]["month"], rows["M1"]["complete"], rows["M1"]["version"]) == ("2026-11", "yes", "1")
    assert (await staff.get("/v1/measures/2026-11", accept="text/csv")).text == answer.text
    assert (await staff.get("/v1/measures/2026-11", accept="text/csv", format="json")).json()["month"] == "2026-11"


async def test_who_is_behind_a_figure(staff: Staff, hub: Hub) -> None:
    lives = await november(hub)
    found: list[Any] = []
    answer = await staff.get("/v1/measures/2026-11/M8-QL-24H", role="ops", limit=3)
    while True:
        found += answer.json()["subjects"]
        if "link" not in answer.headers:
            break
        answer = await staff.get(answer.headers["link"].split(">")[0].removeprefix("<"), role="ops")
    assert sum(one["in_numerator"] for one in found) == 4
    assert sum(one["in_denominator"] for one in found) == len(found) == 7
    assert {one["reference"] for one in found if not one["in_numerator"]} == {
        "MASH-siblings",
        "MASH-friday",
        "MASH-waiting",
    }
    audited = await hub.rows("SELECT contact_ids FROM audit WHERE action = 'measures.drill_down'")
    shown = {contact for row in audited for contact in row["contact_ids"]}
    assert shown == {lives[name].id for name in ("siblings", "adult", "again", "friday", "helped", "waiting")}


@pytest.mark.parametrize("month", ["2026-13", "202611", "1999-01", "2027-01", "november"])
async def test_a_month_that_is_none_or_has_not_begun(staff: Staff, hub: Hub, month: str) -> None:
    await hub.it_is(DECEMBER)
    for path in ("", "/M2", "/organisations", "/organisations/school-1"):
        answer = await staff.get(f"/v1/measures/{month}{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_a_measure_there_is_not(staff: Staff, hub: Hub) -> None:
    await hub.it_is(DECEMBER)
    assert (await staff.get("/v1/measures/2026-11/M9")).status_code == 404
    assert (await staff.get("/v1/measures/2026-11/M2", cursor="x")).status_code == 400
