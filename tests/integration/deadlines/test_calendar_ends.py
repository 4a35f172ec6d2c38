"""The last days of the calendar, and times outside anybody's: refused in words, and no worker ends of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from services.deadlines.entrypoints.worker import follow_calendar
from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_deadlines import NOON, Life

LAST_DAYS = datetime(2028, 12, 28, 12, 0, tzinfo=UTC)  # a decision about what comes now is due on the last working day
CALENDAR = "/v1/calendars/england-and-wales@2"
OUTSIDE = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]


def closed_on(day: str) -> dict[str, Any]:
    return {"add": [{"date": day, "name": "Burst pipe"}]}


async def received(hub: Hub, name: str, at: datetime = LAST_DAYS) -> Life:
    life = Life(name, received_at=at)
    await hub.it_is(life.at(2))
    await hub.hear(life.received(), life.rated("amber"), life.acknowledged())
    return life


async def test_what_would_leave_a_running_clock_without_an_end_is_refused(hub: Hub, staff: Staff) -> None:
    await hub.deadlines.keep_shipped_calendars()
    await received(hub, "last days")
    answer = await staff.post("/v1/calendars", body=closed_on("2028-12-29"), role="manager")
    assert (answer.status_code, answer.json()["code"]) == (422, "ends_before_a_running_clock")
    assert answer.json()["errors"][0]["pointer"] == "/last"


async def test_a_proposal_that_no_longer_fits_what_runs_says_so_when_it_is_read(hub: Hub, staff: Staff) -> None:
    await hub.deadlines.keep_shipped_calendars()
    await hub.it_is(LAST_DAYS)
    assert (await staff.post("/v1/calendars", body=closed_on("2028-12-29"), role="manager")).status_code == 201
    await received(hub, "came since")
    read = await staff.get(CALENDAR, role="manager")
    assert (read.status_code, read.json()["code"]) == (422, "ends_before_a_running_clock")
    rejected = await staff.post(f"{CALENDAR}/rejection", body=None, role="manager")
    assert rejected.status_code == 200


async def test_one_contact_past_the_end_stops_nobody(hub: Hub, staff: Staff) -> None:
    """The closure of its last day was approved before it was heard of; the other's clocks follow the calendar."""
    await hub.deadlines.keep_shipped_calendars()
    await hub.it_is(NOON)
    closed = await received(hub, "has time", NOON.replace(year=2028, month=12, day=27))
    await hub.hear(closed.closed(30))
    seen = await staff.post("/v1/calendars", body=closed_on("2028-12-29"), role="manager")
    await received(hub, "past the end")
    async with hub.deadlines.platform.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE calendars SET state = 'approved', settled_by = 'ben', settled_at = mash_now() WHERE version = 2"
            )
        )
    assert seen.status_code == 201
    await follow_calendar(hub.deadlines)
    assert not await follow_calendar(hub.deadlines)
    ended = await hub.rows("SELECT reference, ended FROM measured_subjects ORDER BY reference")
    assert [tuple(row.values()) for row in ended] == [("MASH-has time", "closed"), ("MASH-past the end", "open")]
    assert await hub.fire() >= 1


@pytest.mark.parametrize("at", OUTSIDE)
@pytest.mark.parametrize(
    ("path", "field"),
    [("/v1/deadlines", "due_before"), ("/v1/breaches", "from"), ("/v1/breaches", "to"),
     ("/v1/deadlines/preview?route=amber", "received_at")],
)  # fmt: skip
async def test_a_time_outside_utc_is_the_callers_mistake(staff: Staff, path: str, field: str, at: str) -> None:
    path, _, query = path.partition("?")
    parameters = {field: at} | (dict([query.split("=")]) if query else {})
    answer = await staff.get(path, role="manager", **parameters)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["in"], error["pointer"], error["code"]) == ("query", f"/{field}", "out_of_range")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_a_preview_at_the_ends_of_time_is_past_the_calendar(staff: Staff, at: str) -> None:
    answer = await staff.get("/v1/deadlines/preview", route="red-immediate", received_at=at)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "calendar_ends")
    assert (await staff.get("/v1/deadlines", due_before=at)).status_code == 200


@pytest.mark.parametrize("at", OUTSIDE)
async def test_a_calendar_does_not_begin_outside_utc(hub: Hub, staff: Staff, at: str) -> None:
    await hub.deadlines.keep_shipped_calendars()
    body = closed_on("2026-11-19") | {"effective_from": at}
    answer = await staff.post("/v1/calendars", body=body, role="manager")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/effective_from")
