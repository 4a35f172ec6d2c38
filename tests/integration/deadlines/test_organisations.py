"""How each organisation's contacts ended: its own for a partner, all of it for the hub."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_measures import CountedLife, Named

NOVEMBER = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)
MONTH = "/v1/measures/2026-11/organisations"


async def sent(hub: Hub, organisation: str | None, source: str, outcome: str, number: int, **of: Any) -> None:
    """So many contacts about one child each, all decided in one way."""
    lives = [
        CountedLife(f"{organisation} {outcome} {at}", source=source, organisation=organisation, received_at=NOVEMBER)
        for at in range(number)
    ]
    await hub.hear(*(life.received() for life in lives))
    await hub.hear(*(life.rated("green") for life in lives), *(life.decided(outcome=outcome, **of) for life in lives))


async def november(hub: Hub) -> None:
    await hub.it_is(DECEMBER)
    await sent(hub, "school-1", "2A", "signpost", 3, reasons=("needs_met_by_universal",))
    await sent(hub, "school-1", "2A", "early_help", 1, level=2)
    await sent(hub, "school-2", "2B", "signpost", 7)
    await sent(hub, "school-2", "2B", "s17_assessment", 2)
    await sent(hub, "hospital-1", "3E", "s17_assessment", 2)
    await sent(hub, None, "1B", "signpost", 1)


def counts(shown: list[dict[str, Any]]) -> dict[str, int | None]:
    return {one["code"]: one["children"] for one in shown}


async def test_the_hub_sees_all_beside_its_kind_and_everybody(staff: Staff, hub: Hub) -> None:
    await november(hub)
    answer = (await staff.get(f"{MONTH}/school-1", role="ops")).json()
    assert (answer["kind"], answer["kind_name"]) == ("2", "Schools and education services")
    assert (answer["own"]["contacts"], answer["own"]["children"]) == (4, 4)
    assert counts(answer["own"]["by_outcome"]) == {"early_help": 1, "signpost": 3}
    assert counts(answer["own"]["by_reason"]) == {"needs_met_by_universal": 3}
    assert counts(answer["own"]["by_level"]) == {"2": 1, "4": 3}  # the decision's level, else the rating's
    assert counts(answer["own"]["by_rating"]) == {"green": 4}
    assert counts(answer["all_of_kind"]["by_outcome"]) == {"s17_assessment": 2, "early_help": 1, "signpost": 10}
    assert counts(answer["everybody"]["by_outcome"]) == {"s17_assessment": 4, "early_help": 1, "signpost": 11}
    listed = (await staff.get(MONTH)).json()["organisations"]
    assert [(one["organisation_id"], one["children"]) for one in listed] == [
        ("hospital-1", 2),
        ("school-1", 4),
        ("school-2", 9),
    ]
    assert (await staff.get(f"{MONTH}/school-9")).status_code == 404


async def test_the_list_comes_in_pages(staff: Staff, hub: Hub) -> None:
    await november(hub)
    answer, found = await staff.get(MONTH, limit=2), list[str]()
    while True:
        found += [one["organisation_id"] for one in answer.json()["organisations"]]
        if "link" not in answer.headers:
            break
        answer = await staff.get(answer.headers["link"].split(">")[0].removeprefix("<"))
    assert found == ["hospital-1", "school-1", "school-2"]


async def test_a_partner_sees_its_own_and_of_its_kind_no_few(staff: Staff, hub: Hub) -> None:
    await november(hub)
    answer = (await staff.get(f"{MONTH}/school-1", role="partner")).json()
    assert counts(answer["own"]["by_outcome"]) == {"early_help": 1, "signpost": 3}
    assert answer["everybody"] is None
    assert answer["all_of_kind"]["children"] == 13
    assert counts(answer["all_of_kind"]["by_outcome"]) == {"s17_assessment": None, "early_help": None, "signpost": None}
    listed = (await staff.get(MONTH, role="partner")).json()["organisations"]
    assert [one["organisation_id"] for one in listed] == ["school-1"]


async def test_another_organisations_endings_are_not_there_for_a_partner(staff: Staff, hub: Hub) -> None:
    await november(hub)
    foreign = await staff.get(f"{MONTH}/school-2", role="partner")
    absent = await staff.get(f"{MONTH}/school-9", role="partner")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    rows = await hub.rows("SELECT outcome FROM audit WHERE action = 'organisations.read' AND role = 'partner'")
    assert [row["outcome"] for row in rows] == ["refused", "refused"]


async def test_others_are_shown_to_a_partner_once_the_month_is_over(staff: Staff, hub: Hub) -> None:
    await november(hub)
    await hub.it_is(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    answer = (await staff.get(f"{MONTH}/school-1", role="partner")).json()
    assert (answer["own"]["children"], answer["all_of_kind"]) == (4, None)
    assert "month is over" in answer["note"]


async def test_a_partner_that_sent_nothing_is_told_so(staff: Staff, hub: Hub) -> None:
    await hub.it_is(DECEMBER)
    answer = (await staff.get(f"{MONTH}/school-1", role="partner")).json()
    assert (answer["own"]["children"], answer["kind"], answer["all_of_kind"]) == (0, None, None)


async def test_a_duplicate_ends_as_its_referrer_is_told(staff: Staff, hub: Hub) -> None:
    await hub.it_is(DECEMBER)
    life = CountedLife("duplicate", Named(), Named(kind="adult"), received_at=NOVEMBER)
    mirrored = life.decided(outcome="signpost", made_on=life.item("primary"), left=1)
    await hub.hear(life.received(), life.rated("green", "green"), life.linked(20, "green", "green"), mirrored)
    own = (await staff.get(f"{MONTH}/school-1")).json()["own"]
    assert (own["contacts"], own["children"], counts(own["by_outcome"])) == (1, 1, {"signpost": 1})
