"""Whose a contact is, through the REST API: claimed, assigned, handed over; and the queue that is filtered by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.deadlines import DeadlineBreached, DeadlineMet, DeadlineSet
from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import SECRET, code, missing
from tests.support.builders_triage import RED, clock_event, received, told
from tests.support.deliveries import NOON, delivered

TO_EDT = {"team": "edt", "hand_over": "to_edt", "reason": SECRET, "outstanding": SECRET}
FROM_EDT = {"team": "mash", "hand_over": "from_edt", "reason": SECRET, "outstanding": SECRET}


async def test_claimed_handed_over_to_the_night_and_back(desk: Desk, staff: Staff, contact: UUID) -> None:
    claimed = await staff.post(contact, "assignments", {"team": "mash", "worker": "me", "note": SECRET})
    assert (claimed.status_code, claimed.json()["stage"]) == (201, "rated")  # having it is not having looked
    assert (await staff.post(contact, "assignments", TO_EDT)).status_code == 201
    back = FROM_EDT | {"worker": "bob"}
    assert (await staff.post(contact, "assignments", back, who="eve")).status_code == 201

    said = await desk.said("ContactAssigned")
    assert [(one["team"], one["to_worker"], one["hand_over"]) for one in said] == [
        ("mash", True, None),
        ("edt", False, "to_edt"),
        ("mash", True, "from_edt"),
    ]
    assert not any(who in str(said) for who in ("'ann'", "'bob'", "'eve'"))
    case = (await staff.get(f"/v1/triage/{contact}")).json()
    assert (case["team"], case["worker"]) == ("mash", "bob")
    assert [one["worker"] for one in case["assignments"]] == ["ann", None, "bob"]
    first, night, _ = case["assignments"]
    assert (first["note"], night["reason"], night["outstanding"]) == (SECRET, SECRET, SECRET)
    history = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["codes"]["team"] for one in history if one["what"] == "assigned"] == ["mash", "edt", "mash"]
    for table in ("assignments", "history", "event_log", "outbox", "idempotency"):
        rows = await desk.rows(f"SELECT CAST(t AS text) AS row FROM {table} t")
        assert not any(SECRET in row.row or SECRET.encode().hex() in row.row for row in rows), table


@pytest.mark.parametrize(
    ("before", "body", "refusal"),
    [
        ([], {"team": "owls"}, "unknown_team"),
        ([], FROM_EDT, (409, "not_with_out_of_hours_team")),
        ([TO_EDT], TO_EDT | {"worker": "me"}, (409, "with_out_of_hours_team_already")),
        ([{"team": "mash"}], {"team": "mash"}, (409, "assigned_already")),
        ([{"team": "mash"}], {"team": "edt"}, "missing_hand_over"),
        ([TO_EDT], {"team": "mash"}, "missing_hand_over"),
        ([], TO_EDT | {"team": "mash"}, "not_the_team_of_this_hand_over"),
        ([TO_EDT], FROM_EDT | {"team": "edt", "worker": "me"}, "not_the_team_of_this_hand_over"),
        ([], {"team": "edt", "hand_over": "to_edt", "reason": "Night."}, "missing_outstanding"),
        ([], {"team": "edt", "hand_over": "to_edt", "outstanding": "All."}, "missing_reason"),
    ],
)
async def test_what_is_refused(
    staff: Staff,
    contact: UUID,
    before: list[dict[str, Any]],
    body: dict[str, Any],
    refusal: str | tuple[int, str],
) -> None:
    for one in before:
        assert (await staff.post(contact, "assignments", one)).status_code == 201
    version = await staff.etag(contact)
    refused = await staff.post(contact, "assignments", body)
    if isinstance(refusal, str):
        assert missing(refused) == {refusal}
    else:
        assert code(refused) == refusal
    assert await staff.etag(contact) == version


async def test_a_contact_goes_to_the_night_first_without_a_hand_over(staff: Staff, contact: UUID) -> None:
    assert (await staff.post(contact, "assignments", {"team": "edt", "worker": "me"})).status_code == 201
    within = await staff.post(contact, "assignments", {"team": "edt", "worker": "bob"})
    assert within.status_code == 201


async def test_the_queue_is_filtered_by_whose_it_is_and_by_its_clocks(desk: Desk, staff: Staff) -> None:
    nobodys, teams, mine, late = (uuid4() for _ in range(4))
    await desk.applier.process([delivered(received(one, told(one))) for one in (nobodys, teams, mine)])
    await desk.applier.process([delivered(received(late, told(late, facts=RED)))])
    for contact, hours in ((nobodys, 1), (teams, 2.25), (mine, 3)):
        at = NOON + timedelta(hours=hours)
        await desk.applier.process([delivered(clock_event(contact, DeadlineSet, sequence=1, next_due_at=at))])
    await desk.applier.process([delivered(clock_event(late, DeadlineBreached, "strategy_discussion", sequence=1))])
    await staff.post(teams, "assignments", {"team": "assessment"})
    await staff.post(mine, "assignments", {"team": "mash", "worker": "me"})

    async def found(query: str, who: str = "ann") -> list[str]:
        answer = await staff.get(f"/v1/triage?{query}", who=who)
        assert answer.status_code == 200, answer.text
        return [one["contact_id"] for one in answer.json()["contacts"]]

    assert await found("team=assessment") == [str(teams)]
    assert await found("worker=me") == await found("worker=ann", who="bob") == [str(mine)]
    assert await found("worker=me", who="bob") == []
    assert await found("unassigned=true") == [str(nobodys), str(late)]
    assert await found("unassigned=false&team=mash") == [str(mine)]
    assert await found("breached=true") == [str(late)]
    assert str(late) not in await found("breached=false")
    before = (NOON + timedelta(hours=2, minutes=30)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert await found(f"due_before={before}") == [str(nobodys), str(late), str(teams)]
    first = await staff.get("/v1/triage?unassigned=true&limit=1")
    following = first.headers["Link"].partition(">")[0].lstrip("<")
    assert "unassigned=true" in following
    assert [one["contact_id"] for one in (await staff.get(following)).json()["contacts"]] == [str(late)]
    assert (await staff.get("/v1/triage?team=owls")).status_code == 422
    assert (await staff.get("/v1/triage?due_before=2026-11-20T10:00:00")).status_code == 422


async def test_the_queue_shows_which_clocks_wait(desk: Desk, staff: Staff, contact: UUID) -> None:
    async def waiting() -> list[str]:
        (row,) = (await staff.get("/v1/triage")).json()["contacts"]
        return [one["kind"] for one in row["clocks"]]

    for number, kind in enumerate(("strategy_discussion", "mash_decision"), start=1):
        await desk.applier.process([delivered(clock_event(contact, DeadlineSet, kind, sequence=number))])
    assert await waiting() == ["mash_decision", "strategy_discussion"]
    await desk.applier.process([delivered(clock_event(contact, DeadlineBreached, "mash_decision", sequence=3))])
    await desk.applier.process([delivered(clock_event(contact, DeadlineMet, "strategy_discussion", sequence=4))])
    assert await waiting() == ["mash_decision"]  # missed, and still waited for
    assert datetime.now(UTC) > NOON
