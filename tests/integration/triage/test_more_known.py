"""What becomes known after the announcement, through the applier and the API; challenges, reopening, open cases."""

from __future__ import annotations

from uuid import UUID, uuid4

from shared.contracts.intake import ContactRestated, Relative
from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import HELD, SECRET, code, early_help, missing
from tests.support.builders_heard import (
    challenge_data,
    challenge_id,
    challenged,
    history,
    history_data,
    information,
    link_data,
    withdrawal_data,
    withdrawn,
)
from tests.support.builders_triage import erased, informed, kept, received, subject_id, told
from tests.support.deliveries import delivered, event_of


async def amber(desk: Desk, open_case: str = "not_known") -> UUID:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact, open_case=open_case)))])
    return contact


async def settled(desk: Desk, staff: Staff) -> UUID:
    """Decided, told and closed."""
    contact = await amber(desk)
    await staff.post(contact, "open")
    await staff.post(contact, "decision", early_help(contact, 1))
    await desk.applier.process([delivered(informed(contact, {subject_id(contact): 1}, sequence=1))])
    assert (await staff.post(contact, "closure", {"reason": "completed"})).status_code == 200
    return contact


async def test_what_is_found_is_kept_and_shown(desk: Desk, staff: Staff) -> None:
    contact = await amber(desk)
    other = Relative(contact_id=uuid4(), subject_id=uuid4(), relation="same_child", certainty="probable")
    found = history(contact, sequence=2, probable={"repeat_contacts_12_months": 4}, related=[other])
    await desk.applier.process([delivered(found)])
    (row,) = await desk.rows("SELECT facts FROM subjects")
    assert (row.facts["repeat_contacts_12_months"], row.facts["history_probable"]) == (4, "yes")
    (subject,) = (await staff.get(f"/v1/triage/{contact}")).json()["subjects"]
    assert (subject["history"]["confirmed"]["repeat_contacts_12_months"], subject["history"]["version"]) == (0, 1)
    assert subject["history"]["related"][0]["certainty"] == "probable"
    assert [one["code"] for one in subject["flags"] if one["code"] == "repeat_contacts"]


async def test_information_on_what_is_closed_reopens_it(desk: Desk, staff: Staff) -> None:
    contact = await settled(desk, staff)
    await desk.applier.process([delivered(information(contact, told(contact), sequence=2, in_words=True))])
    (said,) = await desk.said("ContactReopened")
    assert said["reason_code"] == "new_information"
    (first,) = (await staff.get("/v1/triage")).json()["contacts"]
    assert (first["stage"], first["attention"]) == ("opened", ["new_information"])
    shown = (await staff.get(f"/v1/triage/{contact}")).json()
    assert (shown["undecided"], shown["reopened_reason"], shown["closed_at"]) == (0, "new_information", None)
    assert (await staff.post(contact, "closure", {"reason": "completed"})).json()["stage"] == "closed"


async def test_a_restatement_tells_all_of_it_once(desk: Desk, staff: Staff) -> None:
    contact, other = uuid4(), uuid4()
    data = ContactRestated(
        contact=kept(),
        incident_at=None,
        channel="api",
        sender_grade=None,
        subjects=(told(contact),),
        withdrawals=(withdrawal_data(contact),),
        challenges=(challenge_data(contact, 1),),
        history=history_data(contact, confirmed={"agencies_7_days": 2}),
        links=(link_data(contact, other, told(other), role="primary"),),
    )
    for sequence in (4, 5):
        await desk.applier.process([delivered(event_of(data, contact_id=contact, sequence=sequence))])
    shown = (await staff.get(f"/v1/triage/{contact}")).json()
    assert shown["attention"] == ["challenged", "withdrawal_requested"]
    assert [len(shown[part]) for part in ("withdrawals", "challenges", "links")] == [1, 1, 1]
    assert "several_agencies" in {one["code"] for one in shown["subjects"][0]["flags"]}
    assert [one["links"] != [] for one in await desk.said("ContactRated")] == [True, True]
    entries = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["what"] for one in entries].count("linked") == 1
    # It is all that holds: what it no longer names was unlinked.
    gone = data.model_copy(update={"links": ()})
    await desk.applier.process([delivered(event_of(gone, contact_id=contact, sequence=6))])
    (link,) = (await staff.get(f"/v1/triage/{contact}")).json()["links"]
    assert link["unlinked_reason"] == "restated"


async def test_a_challenge_is_answered_by_a_manager_who_had_no_part(desk: Desk, staff: Staff) -> None:
    contact = await settled(desk, staff)
    await desk.applier.process([delivered(challenged(contact, 1, sequence=2))])
    (first,) = (await staff.get("/v1/triage")).json()["contacts"]
    assert (first["stage"], first["attention"]) == ("closed", ["challenged"])
    path = f"challenges/{challenge_id(contact)}/answer"
    body = {"result": "partly_upheld", "reason_codes": ["needs_early_help"], "answer": SECRET}
    assert (await staff.post(contact, path, body)).status_code == 403
    refused = await staff.post(contact, path, body, who="ann", role="manager")
    assert code(refused) == (409, "another_manager_needed")
    unknown = await staff.post(contact, f"challenges/{uuid4()}/answer", body, who="eve", role="manager")
    assert unknown.status_code == 404
    wrong = await staff.post(contact, path, body | {"reason_codes": ["odd"]}, who="eve", role="manager")
    assert missing(wrong) == {"unknown_reason"}
    answered = await staff.post(contact, path, body, who="eve", role="manager")
    assert (answered.status_code, answered.json()["stage"]) == (200, "closed")
    (said,) = await desk.said("ChallengeAnswered")
    assert (said["result"], said["reason_codes"]) == ("partly_upheld", ["needs_early_help"])
    twice = await staff.post(contact, path, body, who="zoe", role="manager")
    assert code(twice) == (409, "answered_already")
    (row,) = await desk.rows("SELECT answer FROM challenges")
    assert SECRET.encode() not in bytes(row.answer)
    (shown,) = (await staff.get(f"/v1/triage/{contact}")).json()["challenges"]
    assert (shown["answer"], shown["answered_by"]) == (SECRET, "eve")
    entries = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["note"] for one in entries if one["what"] == "challenge_answered"] == [SECRET]
    await desk.applier.process([delivered(erased(contact, sequence=3))])
    assert await desk.rows("SELECT 1 FROM challenges") == []


async def test_upheld_it_is_reopened_and_revised(desk: Desk, staff: Staff) -> None:
    contact = await settled(desk, staff)
    again = early_help(contact, 1, level=3, revises=1, reason=SECRET)
    assert code(await staff.post(contact, "decision", again)) == (409, "reopen_first")
    why = {"reason": "challenge_upheld", "note": SECRET}
    reopened = await staff.post(contact, "reopening", why)
    assert (reopened.status_code, reopened.json()["stage"]) == (200, "opened")
    plain = await staff.post(contact, "decision", early_help(contact, 1))
    assert code(plain) == (409, "decided_already")
    assert "revises" in plain.json()["detail"]
    assert missing(await staff.post(contact, "decision", again | {"reason": None})) == {"missing_reason"}
    revised = await staff.post(contact, "decision", again)
    assert (revised.status_code, revised.json()["stage"]) == (201, "decided")
    entries = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["note"] for one in entries if one["what"] in ("reopened", "revised")] == [SECRET, SECRET]
    states = [one["state"] for one in (await staff.get(f"/v1/triage/{contact}")).json()["decisions"]]
    assert states == ["revised", "effective"]


async def test_only_a_manager_opens_again_what_was_not_completed(desk: Desk, staff: Staff) -> None:
    contact = await amber(desk)
    await desk.applier.process([delivered(withdrawn(contact, sequence=2))])
    assert (await staff.post(contact, "closure", {"reason": "withdrawn"}, role="manager")).status_code == 200
    why = {"reason": "other", "note": "Phoned again."}
    assert code(await staff.post(contact, "reopening", why)) == (403, "manager_needed")
    assert (await staff.post(contact, "reopening", why, role="manager")).json()["stage"] == "opened"
    assert code(await staff.post(contact, "reopening", why, role="manager")) == (409, "not_when_opened")


async def test_information_on_an_open_case_reaches_its_worker(desk: Desk, staff: Staff) -> None:
    contact = await amber(desk, open_case="yes")
    await staff.post(contact, "open")
    body = {
        "subject_id": str(subject_id(contact)),
        "outcome": "information_on_open_case",
        "rationale": "The worker has the family already.",
        "reason_codes": ["already_open"],
    }
    assert missing(await staff.post(contact, "decision", body)) == {"missing_allocated_team"}
    assert missing(await staff.post(contact, "decision", body | {"team_code": "nobody"})) == {"unknown_team"}
    made = await staff.post(contact, "decision", body | {"team_code": "child_protection"})
    assert made.status_code == 201, made.text
    shown = (await staff.get(f"/v1/triage/{contact}")).json()
    assert shown["subjects"][0]["open_case"] == "yes"
    (decision,) = shown["decisions"]
    assert (decision["team_code"], decision["counts_as_referral"]) == ("child_protection", False)
    seen = {"subject_id": str(subject_id(contact)), "code": "worker_received", "occurred_at": HELD}
    first = await staff.post(contact, "milestones", seen, who="case-system", role="service", if_match=" ")
    again = await staff.post(contact, "milestones", seen, who="ann")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["made"] == again.json()["made"]
    assert [one["code"] for one in await desk.said("MilestoneRecorded")] == ["worker_received"]
