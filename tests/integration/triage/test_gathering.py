"""Checks of agencies and questions to the referrer through the API: asked, chased, answered, late, done without."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.deadlines import Clock, DeadlineSet
from shared.contracts.envelope import Event, EventData
from shared.contracts.parts import ReferrerKind
from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import SECRET, answer, checks, code, early_help, missing
from tests.support.builders_triage import clock, erased, kept, received, subject_id, told
from tests.support.deliveries import delivered, event_of

KEPT_SEALED = ("checks", "check_answers", "history", "event_log", "outbox", "idempotency")


def due(contact: UUID, check: str, at: datetime) -> Event[EventData]:
    """Deadlines has set the clock of one check."""
    running: Clock = clock(contact, "check_answer_red").model_copy(
        update={"deadline_id": uuid4(), "request_id": UUID(check), "due_at": at}
    )
    data = DeadlineSet(reference="MASH-26-00001", clock=running, next_due_at=at)
    return event_of(data, contact_id=contact, sequence=1)


async def asked(staff: Staff, contact: UUID, **changes: Any) -> dict[str, str]:
    """The ids of the checks that are made, by agency."""
    made = await staff.post(contact, "checks", checks(contact, **changes))
    assert made.status_code == 201, made.text
    return {one["agency"]: one["check_id"] for one in made.json()["checks"]}


async def shown(staff: Staff, contact: UUID) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = (await staff.get(f"/v1/triage/{contact}/checks")).json()["checks"]
    return page


async def test_one_item_for_each_agency_from_asking_to_the_answer(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    ids = await asked(staff, contact)
    said = await desk.said("ChecksRequested")
    assert {one["agency"]: one["check_id"] for one in said} == ids
    assert [one["rating"] for one in said] == ["red", "red"]
    assert all(one["subject_ids"] == [str(subject_id(contact))] for one in said)
    first, _ = await shown(staff, contact)
    assert (first["subjects"][0]["why"], first["asked"], first["open"], first["due_at"]) == (SECRET, SECRET, True, None)

    police = ids["police"]
    chased = {"chased_at": datetime.now(UTC).isoformat(), "how": "phone"}
    for _ in range(2):
        assert (await staff.post(contact, f"checks/{police}/chases", chased)).status_code == 201
    answered = await staff.post(contact, f"checks/{police}/answer", answer())
    assert answered.status_code == 201
    (told_of,) = await desk.said("CheckAnswered")
    assert (told_of["check_id"], told_of["agency"], told_of["answer"]) == (police, "police", "information")
    (one,) = [one for one in await shown(staff, contact) if one["check_id"] == police]
    assert (one["open"], one["chased"], one["late"], one["answers"][0]["what"]) == (False, 2, False, SECRET)
    assert (one["answers"][0]["why"], one["answers"][0]["answered_by"]) == (SECRET, SECRET)
    assert code(await staff.post(contact, f"checks/{police}/chases", chased)) == (409, "answered_already")
    case = (await staff.get(f"/v1/triage/{contact}")).json()
    assert {one["check_id"] for one in case["checks"]} == set(ids.values())
    history = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["what"] for one in history] == [
        "rated_told", "opened", "check_asked", "check_asked", "check_chased", "check_chased", "check_answered",
    ]  # fmt: skip
    for table in KEPT_SEALED:
        rows = await desk.rows(f"SELECT CAST(t AS text) AS row FROM {table} t")
        assert rows
        assert not any(SECRET in row.row or SECRET.encode().hex() in row.row for row in rows), table


async def test_a_second_answer_amends_and_the_first_stays(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    health = (await asked(staff, contact, agencies=["health"]))["health"]
    nothing = answer(answer="nothing_known", what=None, why=None)
    assert (await staff.post(contact, f"checks/{health}/answer", nothing)).status_code == 201
    assert (await staff.post(contact, f"checks/{health}/answer", answer())).status_code == 201
    ((one),) = await shown(staff, contact)
    assert [(each["answer"], each["amends"]) for each in one["answers"]] == [
        ("nothing_known", False),
        ("information", True),
    ]
    assert [one["answer"] for one in await desk.said("CheckAnswered")] == ["nothing_known"]
    history = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["what"] for one in history][-2:] == ["check_answered", "check_answer_amended"]


async def test_a_check_is_late_by_what_deadlines_says(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    police = (await asked(staff, contact, agencies=["police"]))["police"]
    soon = datetime.now(UTC) + timedelta(hours=2)
    before = await staff.etag(contact)
    await desk.applier.process([delivered(due(contact, police, soon))])
    assert await staff.etag(contact) == before  # a copy of what another service said
    (one,) = await shown(staff, contact)
    assert (datetime.fromisoformat(one["due_at"]), one["late"]) == (soon, False)
    row = (await staff.get("/v1/triage")).json()["contacts"][0]
    assert (row["checks_open"], row["checks_late"]) == (1, 0)
    assert [one["kind"] for one in row["clocks"]] == ["check_answer_red"]

    await desk.rows("UPDATE clock SET anchor_business = anchor_business + interval '3 hours'")
    row = (await staff.get("/v1/triage")).json()["contacts"][0]
    assert (row["checks_open"], row["checks_late"]) == (1, 1)
    (one,) = await shown(staff, contact)
    assert one["late"]
    assert 3500 < one["late_seconds"] < 3700
    in_time = answer(answered_at=(soon - timedelta(minutes=1)).isoformat())
    assert (await staff.post(contact, f"checks/{police}/answer", in_time)).status_code == 201
    (one,) = await shown(staff, contact)
    assert (one["late"], one["late_seconds"]) == (False, None)


async def test_how_late_it_was_answered_stays(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    police = (await asked(staff, contact, agencies=["police"]))["police"]
    was_due = datetime.now(UTC)
    await desk.applier.process([delivered(due(contact, police, was_due))])
    await desk.rows("UPDATE clock SET anchor_business = anchor_business + interval '3 hours'")
    late = answer(answered_at=(was_due + timedelta(minutes=90)).isoformat())
    await staff.post(contact, f"checks/{police}/answer", late)
    (one,) = await shown(staff, contact)
    assert (one["late"], one["late_seconds"]) == (True, 5400)


async def test_agencies_share_with_consent_or_a_recorded_reason(desk: Desk, staff: Staff) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact, consent="refused")))])
    await staff.post(contact, "open")
    assert missing(await staff.post(contact, "checks", checks(contact))) == {"missing_consent"}
    ids = await asked(staff, contact, consent_reason=SECRET)
    assert ids.keys() == {"police", "health"}
    assert {one["consent_reason"] for one in await shown(staff, contact)} == {SECRET}


async def test_on_a_route_that_only_considers_consent_nobody_waits_for_it(desk: Desk, staff: Staff) -> None:
    contact = uuid4()
    facts = {"abuse_suspected": "yes"}
    await desk.applier.process([delivered(received(contact, told(contact, facts=facts, consent="refused")))])
    await staff.post(contact, "open")
    assert await asked(staff, contact)


async def test_what_a_check_and_its_answer_must_carry(staff: Staff, contact: UUID) -> None:
    assert code(await staff.post(contact, "checks", checks(contact))) == (409, "not_when_rated")
    await staff.post(contact, "open")
    unknown = [{"subject_id": str(uuid4()), "why": "x"}]
    assert missing(await staff.post(contact, "checks", checks(contact, agencies=["mi5"]))) == {"unknown_agency"}
    assert missing(await staff.post(contact, "checks", checks(contact, subjects=unknown))) == {"unknown_subject"}
    no_why = [{"subject_id": str(subject_id(contact)), "why": " "}]
    assert (await staff.post(contact, "checks", checks(contact, subjects=no_why))).status_code == 422
    police = (await asked(staff, contact, agencies=["police"]))["police"]
    path = f"checks/{police}/answer"
    empty = {"what": None, "why": None, "answered_by": None}
    for kind, lacks in (
        ("information", {"missing_what", "missing_answered_by", "missing_why"}),
        ("nothing_known", {"missing_answered_by"}),
        ("refused", {"missing_what", "missing_answered_by"}),
        ("no_longer_needed", {"missing_what"}),
    ):
        assert missing(await staff.post(contact, path, answer(answer=kind, **empty))) == lacks
    early = answer(answered_at="2026-11-20T00:00:00Z")
    assert missing(await staff.post(contact, path, early)) == {"before_asked"}
    assert missing(await staff.post(contact, path, answer(answered_at="2999-01-01T00:00:00Z"))) == {"in_the_future"}
    chase = {"chased_at": "2026-11-20T00:00:00Z", "how": "phone"}
    assert missing(await staff.post(contact, f"checks/{police}/chases", chase)) == {"before_asked"}
    assert (await staff.post(contact, f"checks/{uuid4()}/answer", answer())).status_code == 404
    assert (await staff.post(contact, f"checks/{uuid4()}/chases", chase)).status_code == 404


async def test_a_decision_goes_ahead_without_answers_only_if_it_says_so(
    desk: Desk, staff: Staff, contact: UUID
) -> None:
    await staff.post(contact, "open")
    about = [{"subject_id": str(subject_id(contact, 2)), "why": "x"}]
    ids = await asked(staff, contact, subjects=about)
    decision = early_help(contact)
    waiting = {"unanswered_check:police", "unanswered_check:health"}
    assert missing(await staff.post(contact, "decision", decision)) == waiting
    assert missing(await staff.post(contact, "decision", decision | {"lead": None})) == {*waiting, "missing_lead"}
    await staff.post(contact, f"checks/{ids['police']}/answer", answer())
    go = decision | {"proceed_without_answers": True}
    assert missing(await staff.post(contact, "decision", go)) == {"missing_without_answers_reason"}
    done = await staff.post(contact, "decision", go | {"without_answers_reason": SECRET})
    assert done.status_code == 201
    (made,) = await desk.said("DecisionMade")
    assert made["unanswered_checks"] == 1
    (shown_decision,) = (await staff.get(f"/v1/triage/{contact}")).json()["decisions"]
    assert (shown_decision["unanswered_checks"], shown_decision["without_answers_reason"]) == (1, SECRET)


async def test_what_an_agency_tells_after_all_is_decided_asks_for_attention(desk: Desk, staff: Staff) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact)))])
    await staff.post(contact, "open")
    ids = await asked(staff, contact)
    go = {"proceed_without_answers": True, "without_answers_reason": "The school leads in any case."}
    decided = await staff.post(contact, "decision", early_help(contact, 1, lead=None, lead_code="school", **go))
    assert decided.json()["stage"] == "decided"
    nothing = answer(answer="nothing_known", what=None, why=None)
    await staff.post(contact, f"checks/{ids['health']}/answer", nothing)
    assert (await staff.get("/v1/triage")).json()["contacts"][0]["attention"] == []
    await staff.post(contact, f"checks/{ids['police']}/answer", answer())
    assert (await staff.get("/v1/triage")).json()["contacts"][0]["attention"] == ["answered_late"]
    await staff.post(contact, "open")
    assert (await staff.get("/v1/triage")).json()["contacts"][0]["attention"] == []


async def test_the_referrer_is_asked_in_the_packs_words(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    body = {"question_codes": ["injury_detail", "who_lives_there", "injury_detail"]}
    made = await staff.post(contact, "information-requests", body)
    assert made.status_code == 201
    (said,) = await desk.said("InformationRequested")
    assert (said["request_id"], said["question_codes"]) == (made.json()["made"], ["injury_detail", "who_lives_there"])
    (one,) = (await staff.get(f"/v1/triage/{contact}")).json()["information_requests"]
    assert (one["request_id"], one["open"], len(one["questions"])) == (made.json()["made"], True, 2)
    unknown = {"question_codes": ["what_is_your_name"]}
    assert missing(await staff.post(contact, "information-requests", unknown)) == {"unknown_question"}


@pytest.mark.parametrize("kind", [ReferrerKind.ANONYMOUS, ReferrerKind.PUBLIC])
async def test_who_left_no_address_is_phoned(desk: Desk, staff: Staff, kind: ReferrerKind) -> None:
    contact = uuid4()
    told_us = received(contact, told(contact), contact=kept(kind=kind, has_address=False))
    await desk.applier.process([delivered(told_us)])
    await staff.post(contact, "open")
    refused = await staff.post(contact, "information-requests", {"question_codes": ["consent"]})
    assert code(refused) == (409, "referrer_has_no_address")
    assert "phone" in refused.json()["detail"]
    assert not await desk.said("InformationRequested")


async def test_erasure_takes_what_was_gathered(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    await staff.post(contact, "assignments", {"team": "mash", "worker": "me", "note": SECRET})
    await staff.post(contact, "information-requests", {"question_codes": ["consent"]})
    police = (await asked(staff, contact))["police"]
    await staff.post(contact, f"checks/{police}/chases", {"chased_at": datetime.now(UTC).isoformat(), "how": "phone"})
    await staff.post(contact, f"checks/{police}/answer", answer())
    tables = ("assignments", "checks", "check_answers", "check_chases", "information_requests")
    for table in tables:
        assert await desk.rows(f"SELECT 1 FROM {table}"), table
    await desk.applier.process([delivered(erased(contact))])
    for table in tables:
        assert not await desk.rows(f"SELECT 1 FROM {table}"), table
