"""The work of the hub through the REST API: a contact's whole way, and every refusal."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import HELD, SECRET, code, discussion, early_help, missing, s47
from tests.support.builders_triage import erased, informed, received, subject_id, told
from tests.support.deliveries import delivered


async def test_from_the_queue_to_closed(desk: Desk, staff: Staff, contact: UUID) -> None:
    queue = (await staff.get("/v1/triage")).json()["contacts"]
    assert [(one["contact_id"], one["rating"], one["stage"]) for one in queue] == [(str(contact), "red", "rated")]

    opened = await staff.post(contact, "open")
    assert (opened.status_code, opened.json()["stage"], opened.headers["ETag"]) == (200, "opened", '"2"')
    held = await staff.post(contact, "discussions", discussion(contact))
    assert held.status_code == 201

    decided = await staff.post(contact, "decision", s47(contact, discussion_id=held.json()["made"]))
    assert (decided.status_code, decided.json()["stage"], decided.json()["undecided"]) == (201, "opened", 2)
    assert not await desk.said("DecisionMade")
    agreed = await staff.post(
        contact, "authorisation", {"subject_id": str(subject_id(contact)), "agreed": True}, who="max", role="manager"
    )
    assert (agreed.status_code, agreed.json()["undecided"]) == (200, 1)
    last = await staff.post(contact, "decision", early_help(contact))
    assert (last.status_code, last.json()["stage"]) == (201, "decided")

    made = await desk.said("DecisionMade")
    assert [(one["outcome"], one["undecided"], one["decision_version"]) for one in made] == [
        ("s47_strategy_discussion", 1, 1),
        ("early_help", 0, 1),
    ]
    assert [one["counts_as_referral"] for one in made] == [True, False]
    told_both = informed(contact, {subject_id(contact): 1, subject_id(contact, 2): 1}, sequence=1)
    await desk.applier.process([delivered(told_both)])

    closed = await staff.post(contact, "closure", {"reason": "completed"})
    assert (closed.status_code, closed.json()["stage"]) == (200, "closed")
    seen = {"subject_id": str(subject_id(contact)), "code": "child_seen", "occurred_at": HELD}
    assert (await staff.post(contact, "milestones", seen)).status_code == 201
    names = ("ContactRated", "ContactOpened", "DiscussionHeld", "DecisionMade", "ContactClosed", "MilestoneRecorded")
    assert [len(await desk.said(name)) for name in names] == [1, 1, 1, 2, 1, 1]

    history = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["what"] for one in history] == [
        "rated_told", "opened", "discussed", "decided", "authorised", "decided", "informed", "closed", "milestone",
    ]  # fmt: skip
    assert [one["number"] for one in history] == list(range(1, 10))


async def test_a_case_shows_its_reasons_and_what_people_wrote_and_the_database_does_not(
    desk: Desk, staff: Staff, contact: UUID
) -> None:
    await staff.post(contact, "open")
    held = (await staff.post(contact, "discussions", discussion(contact))).json()["made"]
    await staff.post(contact, "decision", s47(contact, discussion_id=held, lead=SECRET))
    rating = {"subject_id": str(subject_id(contact, 2)), "route": "red-abuse", "reason": SECRET}
    assert (await staff.post(contact, "rating", rating)).status_code == 200
    case = (await staff.get(f"/v1/triage/{contact}")).json()
    reason = case["subjects"][0]["reasons"][0]
    assert {"rule", "facts", "place", "strength", "text"} <= reason.keys()
    assert {"name": "abuse_suspected", "answer": "yes"} in reason["facts"]
    assert case["policy_hash"] == desk.triage.platform.pack.content_hash
    assert [case["decisions"][0][name] for name in ("rationale", "lead")] == [SECRET, SECRET]
    assert case["discussions"][0]["minutes"] == SECRET
    assert (case["subjects"][1]["rated_by"], case["subjects"][1]["machine_rating"]) == ("ann", "amber")
    history = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert history[-1]["note"] == SECRET
    for table in ("decisions", "discussions", "history", "event_log", "outbox", "idempotency"):
        kept_rows = await desk.rows(f"SELECT CAST(t AS text) AS row FROM {table} t")
        assert kept_rows
        assert not any(SECRET in row.row or SECRET.encode().hex() in row.row for row in kept_rows)


async def test_nothing_happens_before_it_is_opened(staff: Staff, contact: UUID) -> None:
    milestone = {"subject_id": str(subject_id(contact)), "code": "child_seen", "occurred_at": HELD}
    for what, body in (("discussions", discussion(contact)), ("decision", s47(contact)), ("milestones", milestone)):
        refused = await staff.post(contact, what, body)
        assert code(refused) == (409, "not_when_rated")
        assert "Allowed now: open" in refused.json()["detail"]
    assert code(await staff.post(contact, "closure", {"reason": "withdrawn"})) == (409, "manager_needed_to_close")
    refused = await staff.post(contact, "closure", {"reason": "completed"}, role="manager")
    assert code(refused) == (409, "subjects_undecided")


async def test_opening_twice_says_it_once(desk: Desk, staff: Staff, contact: UUID) -> None:
    assert (await staff.post(contact, "open")).json()["version"] == 2
    assert (await staff.post(contact, "open", who="bob")).json()["version"] == 2
    assert len(await desk.said("ContactOpened")) == 1


async def test_a_decision_names_everything_it_lacks(staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    lacks = missing(await staff.post(contact, "decision", s47(contact, inquiry=None)))
    assert lacks == {
        "missing_inquiry",
        "missing_held_at",
        "missing_attendance:childrens_services",
        "missing_attendance:police",
        "missing_attendance:health",
    }
    held = (await staff.post(contact, "discussions", discussion(contact, attended=["police"]))).json()["made"]
    lacks = missing(await staff.post(contact, "decision", s47(contact, discussion_id=held)))
    assert lacks == {"missing_attendance:childrens_services", "missing_attendance:health"}
    assert missing(await staff.post(contact, "decision", early_help(contact, level=4, lead=None))) == {
        "missing_level",
        "missing_lead",
    }
    blank = early_help(contact, rationale="  ")
    assert missing(await staff.post(contact, "decision", blank)) == {"string_pattern_mismatch"}


async def test_codes_that_nobody_knows_are_refused(staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    someone = str(subject_id(contact))
    tries: list[tuple[str, dict[str, Any], str]] = [
        ("decision", early_help(contact, outcome="adoption"), "unknown_outcome"),
        ("decision", early_help(contact, subject_id=str(uuid4())), "unknown_subject"),
        ("decision", early_help(contact, service_codes=["magic"]), "unknown_service"),
        ("decision", early_help(contact, reason_codes=["magic"]), "unknown_reason"),
        ("decision", early_help(contact, lead_code="magic"), "unknown_lead"),
        ("decision", early_help(contact, discussion_id=str(uuid4())), "unknown_discussion"),
        ("discussions", discussion(contact, attended=["john_smith"]), "unknown_party"),
        ("discussions", discussion(contact, subject_ids=[str(uuid4())]), "unknown_subject"),
        ("discussions", discussion(contact, held_at="2999-01-01T00:00:00Z"), "in_the_future"),
        ("discussions", discussion(contact, held_at="2020-01-01T00:00:00Z"), "before_receipt"),
        ("milestones", {"subject_id": someone, "code": "flew", "occurred_at": HELD}, "unknown_milestone"),
        ("rating", {"subject_id": someone, "route": "unrated", "reason": "x"}, "unknown_route"),
    ]
    for what, body, wrong in tries:
        assert missing(await staff.post(contact, what, body)) == {wrong}, what
    priority = (await staff.post(contact, "discussions", discussion(contact, kind="priority"))).json()["made"]
    refused = await staff.post(contact, "decision", s47(contact, discussion_id=priority))
    assert missing(refused) == {"not_a_strategy_discussion"}


async def test_amber_needs_consent_or_the_reason_for_doing_without(desk: Desk, staff: Staff) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact, consent="refused")))])
    await staff.post(contact, "open")
    body = early_help(contact, 1)
    assert missing(await staff.post(contact, "decision", body)) == {"missing_consent"}
    with_reason = body | {"consent_reason": "The parents cannot be reached; the child asked for help."}
    assert (await staff.post(contact, "decision", with_reason)).status_code == 201


async def test_who_decides_does_not_authorise(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    held = (await staff.post(contact, "discussions", discussion(contact))).json()["made"]
    await staff.post(contact, "decision", s47(contact, discussion_id=held), who="max", role="manager")
    whose = {"subject_id": str(subject_id(contact)), "agreed": True}
    assert (await staff.post(contact, "authorisation", whose)).status_code == 403
    refused = await staff.post(contact, "authorisation", whose, who="max", role="manager")
    assert code(refused) == (409, "second_person_needed")
    no_reason = whose | {"agreed": False}
    assert missing(await staff.post(contact, "authorisation", no_reason, who="eve", role="manager")) == {
        "missing_reason"
    }
    no = no_reason | {"reason": "Wait for the medical."}
    assert (await staff.post(contact, "authorisation", no, who="eve", role="manager")).status_code == 200
    assert not await desk.said("DecisionMade")
    nothing = await staff.post(contact, "authorisation", whose, who="eve", role="manager")
    assert code(nothing) == (409, "nothing_to_authorise")
    await staff.post(contact, "decision", s47(contact, discussion_id=held))
    await staff.post(contact, "authorisation", whose, who="eve", role="manager")
    assert len(await desk.said("DecisionMade")) == 1
    again = await staff.post(contact, "decision", s47(contact, discussion_id=held))
    assert code(again) == (409, "decided_already")


async def test_an_outcome_below_the_proposal_takes_a_manager(staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    lower = early_help(contact, 1, level=3)
    assert (await staff.post(contact, "decision", lower)).json()["undecided"] == 2
    (case,) = [(await staff.get(f"/v1/triage/{contact}")).json()]
    decision = case["decisions"][0]
    assert (decision["state"], decision["lowers"], decision["role_needed"]) == ("proposed", True, "manager")
    assert decision["differs_from_proposal"]


async def test_raising_is_anybodys_and_lowering_a_managers(desk: Desk, staff: Staff, contact: UUID) -> None:
    second, first = str(subject_id(contact, 2)), str(subject_id(contact))
    up = {"subject_id": second, "route": "red-immediate", "reason": "He ran back in."}
    assert (await staff.post(contact, "rating", up)).json()["rating_version"] == 2
    assert code(await staff.post(contact, "rating", up)) == (409, "in_force_already")
    down = {"subject_id": first, "route": "amber", "reason": "The school had mixed up two families."}
    assert code(await staff.post(contact, "rating", down)) == (403, "manager_needed")
    asked = await staff.post(contact, "rating", down, who="max", role="manager")
    assert asked.json()["rating_version"] == 2  # red has a floor: a second person
    (row,) = await desk.rows("SELECT lowering FROM subjects WHERE subject_id = :id", id=first)
    assert row.lowering["asked_by"] == "max"
    agree = {"subject_id": first, "of": "rating", "agreed": True}
    same = await staff.post(contact, "authorisation", agree, who="max", role="manager")
    assert code(same) == (409, "second_person_needed")
    agreed = await staff.post(contact, "authorisation", agree, who="eve", role="manager")
    assert (agreed.json()["rating_version"], agreed.json()["rating"]) == (3, "red")
    said = await desk.said("ContactRated")
    assert [[one["rating"] for one in version["subjects"]] for version in said] == [
        ["red", "amber"],
        ["red", "red"],
        ["amber", "red"],
    ]
    assert [version["cause"] for version in said] == ["received", "person", "person"]


async def test_green_is_confirmed_by_a_manager(desk: Desk, staff: Staff) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact)))])
    body = {"subject_id": str(subject_id(contact)), "route": "green", "reason": "Universal services can help."}
    assert code(await staff.post(contact, "rating", body)) == (403, "manager_needed")
    confirmed = await staff.post(contact, "rating", body, role="manager")
    assert (confirmed.status_code, confirmed.json()["rating"]) == (200, "green")


async def test_what_nobody_could_rate_is_rated_before_it_is_decided(desk: Desk, staff: Staff) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact)), value=b"{")])
    await staff.post(contact, "open")
    case = (await staff.get(f"/v1/triage/{contact}")).json()
    (subject,) = case["subjects"]
    assert (subject["unrated"], subject["kind"]) == (True, "unknown")
    body = early_help(contact) | {"subject_id": subject["subject_id"]}
    assert code(await staff.post(contact, "decision", body)) == (409, "rate_first")
    rating = {"subject_id": subject["subject_id"], "route": "amber", "reason": "Phoned the school."}
    rated = await staff.post(contact, "rating", rating)
    assert (rated.json()["rating"], rated.json()["unrated"]) == ("amber", False)


async def test_erasure_takes_staffs_words_too(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    await staff.post(contact, "discussions", discussion(contact))
    await desk.applier.process([delivered(erased(contact))])
    for table in ("cases", "subjects", "discussions", "history", "contact_keys", "event_log", "awaited_echoes"):
        assert not await desk.rows(f"SELECT 1 FROM {table}")
    assert (await staff.get(f"/v1/triage/{contact}")).status_code == 404
