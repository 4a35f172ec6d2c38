"""An erased contact stays counted, and nothing that is kept of it leads to anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_measures import CountedLife, Named

CHILD = "CHILDAAAAAAAAAAAAAAA"
DECEMBER = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)


def life(name: str, month: int, *others: Named) -> CountedLife:
    """A contact about one child, with perhaps somebody beside."""
    return CountedLife(
        name, Named(years=8, child_id=CHILD), *others, received_at=datetime(2026, month, 4, 9, tzinfo=UTC)
    )


async def measures(staff: Staff, month: str = "2026-11") -> dict[str, Any]:
    answer: dict[str, Any] = (await staff.get(f"/v1/measures/{month}")).json()
    return answer


async def test_an_erasure_moves_no_month(staff: Staff, hub: Hub) -> None:
    first, second, third = life("first", 3), life("second", 11, Named(kind="adult")), life("third", 11)
    await hub.it_is(DECEMBER)
    for one in (first, second, third):
        await hub.hear(one.received(), one.rated(*["amber"] * one.subjects))
    await hub.hear(first.decided(), second.decided(left=1))  # of the third nothing was decided in time
    march, november = await measures(staff, "2026-03"), await measures(staff)
    assert {one["code"]: one["value"] for one in november["measures"]}["M6-QL-N"] == 1
    await hub.hear(first.erased())
    assert (await measures(staff, "2026-03"), await measures(staff)) == (march, november)
    await hub.hear(second.erased(), third.erased())
    assert (await measures(staff, "2026-03"), await measures(staff)) == (march, november)
    behind = (await staff.get("/v1/measures/2026-11/M6-QL")).json()
    assert (behind["subjects"], behind["erased"]) == ([], 1)
    rows = await hub.rows(
        "SELECT contact_id, subject_id, reference, received_at, organisation_id, child_id, referred_on, due_24h_at,"
        " said FROM measured_subjects"
    )
    assert len(rows) == 4
    assert {tuple(str(value) for value in row.values()) for row in rows} == {("None",) * 8 + ("{}",)}


async def test_a_re_referral_stays_one_when_the_earlier_referral_is_erased_in_between(staff: Staff, hub: Hub) -> None:
    """It is kept on the later contact, which is told more afterwards."""
    first, second = life("first", 3), life("second", 11)
    await hub.it_is(DECEMBER)
    for one in (first, second):
        await hub.hear(one.received(), one.rated("amber"), one.decided())
    await hub.hear(first.erased())
    await hub.hear(second.reached("plan_opened", 300))
    assert {one["code"]: one["value"] for one in (await measures(staff))["measures"]}["M6-QL-N"] == 1


async def test_a_re_referral_heard_in_the_same_batch_as_the_erasure_of_the_earlier_one_stays_one(
    staff: Staff, hub: Hub
) -> None:
    first, second = life("first", 3), life("second", 11)
    await hub.it_is(DECEMBER)
    await hub.hear(first.received(), first.rated("amber"), first.decided())
    await hub.hear(second.received(), second.rated("amber"), second.decided(), first.erased())
    assert {one["code"]: one["value"] for one in (await measures(staff))["measures"]}["M6-QL-N"] == 1


async def test_how_an_erased_contact_had_ended_stays(hub: Hub) -> None:
    one = life("closed undecided", 11)
    await hub.it_is(DECEMBER)
    await hub.hear(one.received(), one.rated("amber"), one.closed(60))
    before = await hub.rows("SELECT ended, in_time_24h, in_time_1wd FROM measured_subjects")
    assert before[0]["ended"] == "closed"
    await hub.hear(one.erased())
    assert await hub.rows("SELECT ended, in_time_24h, in_time_1wd FROM measured_subjects") == before


async def test_heard_and_erased_in_one_batch_it_is_counted_all_the_same(staff: Staff, hub: Hub) -> None:
    one = life("at once", 11)
    await hub.it_is(DECEMBER)
    await hub.hear(one.received(), one.rated("amber"), one.decided(), one.erased())
    assert {one["code"]: one["value"] for one in (await measures(staff))["measures"]}["M2"] == 1
