"""What we said and nobody answered is said again: first the same, then everything anew."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from services.triage.entrypoints.worker.reconciler import Reconciler
from services.triage.settings import TriageSettings
from shared.contracts.deadlines import DeadlineSet
from tests.integration.triage.conftest import Desk, Staff
from tests.support.builders_triage import clock_event, informed, kept, received, subject_id, told
from tests.support.deliveries import delivered


@pytest.fixture
def reconciler(desk: Desk) -> Reconciler:
    """One whose wait is a minute for clocks, a quarter of an hour for informing."""
    settings = TriageSettings(common=desk.triage.settings.common)
    return Reconciler(work=desk.triage.work, settings=settings, metrics=desk.triage.platform.metrics)


async def pass_minutes(desk: Desk, minutes: int) -> None:
    """Real time goes by for what waits, and everything said has left."""
    await desk.rows(
        "UPDATE awaited_echoes SET since = since - make_interval(mins => :minutes),"
        " tried_at = tried_at - make_interval(mins => :minutes)",
        minutes=minutes,
    )
    await desk.rows("DELETE FROM outbox")


async def outbox(desk: Desk) -> list[str]:
    """The types of what is about to leave."""
    found = await desk.rows("SELECT headers FROM outbox ORDER BY id")
    return [dict(row.headers)["ce_type"].split(".")[3] for row in found]


async def hear(desk: Desk, contact: UUID) -> None:
    await desk.applier.process([delivered(received(contact, told(contact), contact=kept()))])


async def test_it_waits_then_republishes_then_restates(desk: Desk, reconciler: Reconciler) -> None:
    contact = uuid4()
    await hear(desk, contact)
    await reconciler.run_once()
    assert await outbox(desk) == ["ContactRated"]
    (first,) = await desk.rows("SELECT event_id, headers FROM outbox")

    await pass_minutes(desk, 2)
    await reconciler.run_once()
    assert await outbox(desk) == ["ContactRated"]
    (again,) = await desk.rows("SELECT event_id FROM outbox")
    assert again.event_id == first.event_id

    await reconciler.run_once()
    assert await outbox(desk) == ["ContactRated"]
    await pass_minutes(desk, 3)
    await reconciler.run_once()
    assert await outbox(desk) == ["CaseRestated"]
    (restated,) = await desk.said("CaseRestated")
    assert (restated["stage"], restated["rating"], len(restated["subjects"])) == ("rated", "amber", 1)
    assert restated["subjects"][0]["decision"] is None
    assert datetime.fromisoformat(restated["rated_at"]) == datetime.fromisoformat(dict(first.headers)["ce_time"])


async def test_an_echo_ends_it(desk: Desk, reconciler: Reconciler) -> None:
    contact = uuid4()
    await hear(desk, contact)
    await desk.applier.process([delivered(clock_event(contact, DeadlineSet, "amber_decision", sequence=1))])
    await pass_minutes(desk, 60)
    await reconciler.run_once()
    assert await outbox(desk) == []


async def test_another_clock_is_no_echo_of_the_rating(desk: Desk, reconciler: Reconciler) -> None:
    contact = uuid4()
    await hear(desk, contact)
    await desk.applier.process([delivered(clock_event(contact, DeadlineSet, "acknowledgement", sequence=1))])
    await pass_minutes(desk, 2)
    await reconciler.run_once()
    assert await outbox(desk) == ["ContactRated"]


async def test_nothing_is_repeated_while_nothing_leaves(desk: Desk, reconciler: Reconciler) -> None:
    contact = uuid4()
    await hear(desk, contact)
    await pass_minutes(desk, 2)
    await hear(desk, uuid4())
    await desk.rows("UPDATE outbox SET created_at = now() - interval '10 minutes'")
    await reconciler.run_once()
    assert await outbox(desk) == ["ContactRated"]


async def test_a_decision_that_nobody_was_told_of(desk: Desk, staff: Staff, reconciler: Reconciler) -> None:
    contact = uuid4()
    await hear(desk, contact)
    await desk.applier.process([delivered(clock_event(contact, DeadlineSet, "amber_decision", sequence=1))])
    await staff.post(contact, "open")
    body = {
        "subject_id": str(subject_id(contact)),
        "outcome": "signpost",
        "rationale": "Settled.",
        "service_codes": ["gp"],
    }
    assert (await staff.post(contact, "decision", body)).json()["stage"] == "decided"
    await pass_minutes(desk, 5)
    await reconciler.run_once()
    assert await outbox(desk) == []
    await pass_minutes(desk, 15)
    await reconciler.run_once()
    assert await outbox(desk) == ["ContactRated", "ContactOpened", "DecisionMade"]
    await pass_minutes(desk, 60)
    await reconciler.run_once()
    (restated,) = await desk.said("CaseRestated")
    assert restated["subjects"][0]["decision"]["outcome"] == "signpost"
    await desk.applier.process([delivered(informed(contact, {subject_id(contact): 1}, sequence=1))])
    await pass_minutes(desk, 600)
    await reconciler.run_once()
    assert await outbox(desk) == []
