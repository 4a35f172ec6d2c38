"""More becomes known after everything was settled: it comes back to the top of the queue, and can be worked."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from shared.contracts.deadlines import DeadlineSet
from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import discussion, early_help, s47
from tests.integration.triage.test_hearing import Broken
from tests.support.builders_triage import RED, clock_event, informed, kept, received, subject_id, told
from tests.support.deliveries import delivered


async def test_what_was_settled_while_it_could_not_be_rated_comes_back_when_it_is_red(desk: Desk, staff: Staff) -> None:
    contact, other, whose = uuid4(), uuid4(), kept()
    platform, good = desk.triage.platform, desk.triage.platform.pack
    platform.pack = replace(good, rules=(replace(good.rules[0], when=Broken()), *good.rules[1:]))
    await desk.applier.process([delivered(received(contact, told(contact, facts=RED), contact=whose))])
    platform.pack = good
    await desk.applier.process([delivered(received(other, told(other, facts=RED)))])
    amber = {"subject_id": str(subject_id(contact)), "route": "amber", "reason": "Phoned the school."}
    await staff.post(contact, "rating", amber)
    await staff.post(contact, "open")
    await staff.post(contact, "decision", early_help(contact, 1))
    await desk.applier.process([delivered(informed(contact, {subject_id(contact): 1}, sequence=1))])
    assert (await staff.post(contact, "closure", {"reason": "completed"})).json()["stage"] == "closed"
    assert [one["contact_id"] for one in (await staff.get("/v1/triage")).json()["contacts"]] == [str(other)]

    await desk.rows("UPDATE parked SET state = 'replay'")
    await desk.applier.release_ready()
    first = (await staff.get("/v1/triage")).json()["contacts"][0]
    assert (first["contact_id"], first["rating"], first["attention"]) == (str(contact), "red", ["raised_late"])
    assert (await staff.post(contact, "open")).json()["undecided"] == 1
    held = (await staff.post(contact, "discussions", discussion(contact))).json()["made"]
    proposed = await staff.post(contact, "decision", s47(contact, discussion_id=held, level=4))
    assert proposed.status_code == 201, proposed.text
    agreed = {"subject_id": str(subject_id(contact)), "agreed": True}
    again = await staff.post(contact, "authorisation", agreed, who="max", role="manager")
    assert again.status_code == 200, again.text
    assert again.json()["stage"] == "decided"
    made = await desk.said("DecisionMade")
    assert [(one["decision_version"], one["outcome"]) for one in made] == [
        (1, "early_help"),
        (2, "s47_strategy_discussion"),
    ]
    case = (await staff.get(f"/v1/triage/{contact}")).json()
    assert [one["state"] for one in case["decisions"]] == ["overtaken", "effective"]
    assert case["attention"] == []


async def test_a_settled_case_that_asks_for_attention_is_in_the_queue_until_somebody_looks(
    desk: Desk, staff: Staff
) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact)))])
    closed = await staff.post(contact, "closure", {"reason": "not_our_area"}, role="manager")
    assert closed.json()["stage"] == "closed"
    assert (await staff.get("/v1/triage")).json()["contacts"] == []
    await desk.applier.process([delivered(clock_event(contact, DeadlineSet, sequence=1), value=b"[]")])
    (queued,) = (await staff.get("/v1/triage")).json()["contacts"]
    assert (queued["stage"], queued["rating"], queued["attention"]) == ("closed", "amber", ["parked"])
    assert (await staff.get("/v1/triage?stage=rated")).json()["contacts"] == []
    assert (await staff.post(contact, "open")).json()["stage"] == "closed"
    assert (await staff.get("/v1/triage")).json()["contacts"] == []
