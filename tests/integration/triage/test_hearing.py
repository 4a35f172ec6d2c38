"""Events through the applier into real tables: batches, parking, order, erasure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event as listeners

from shared.contracts.deadlines import DeadlineBreached, DeadlineMet, DeadlineSet
from shared.contracts.parts import Age, AgeUnit, ReferrerKind
from shared.policy.conditions import Fired
from shared.policy.reading import Reading
from tests.integration.triage.conftest import Desk
from tests.support.builders_triage import (
    GREEN,
    RED,
    acknowledged,
    clock_event,
    erased,
    informed,
    kept,
    received,
    subject_id,
    told,
    undelivered,
)
from tests.support.deliveries import NOON, delivered, with_headers

BATCH = 500


def count_statements(desk: Desk) -> list[str]:
    """Fills with every statement that the process sends from now on."""
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    listeners.listen(desk.triage.platform.engine.sync_engine, "before_cursor_execute", note)
    return seen


async def test_a_batch_of_contacts_is_one_transaction_and_a_handful_of_statements(desk: Desk) -> None:
    contacts = [uuid4() for _ in range(BATCH)]
    batch = [delivered(received(one, told(one, facts=RED), told(one, 2, facts=GREEN))) for one in contacts]
    seen = count_statements(desk)
    await desk.applier.process(batch)
    assert len(seen) < 20, seen
    (counted,) = await desk.rows("SELECT count(*) AS cases, min(rating) AS rating, min(stage) AS stage FROM cases")
    assert (counted.cases, counted.rating, counted.stage) == (BATCH, "red", "rated")
    (outbox,) = await desk.rows("SELECT count(*) AS n FROM outbox")
    assert outbox.n == BATCH
    seen.clear()
    await desk.applier.process(batch)
    (outbox,) = await desk.rows("SELECT count(*) AS n FROM outbox")
    assert outbox.n == BATCH


async def test_every_subject_has_its_own_rating_and_the_contact_the_highest(desk: Desk) -> None:
    contact = uuid4()
    baby = told(
        contact,
        2,
        age=Age(unit=AgeUnit.WEEKS, value=6),
        facts={"bruise_or_mark": "yes", "independently_mobile": "no"},
    )
    await desk.applier.process([delivered(received(contact, told(contact), baby))])
    (said,) = await desk.said("ContactRated")
    assert said["rating"] == "red"
    assert said["pages"] is True
    assert said["unrated"] is False
    assert [one["rating"] for one in said["subjects"]] == ["amber", "red"]
    assert said["subjects"][1]["route"] == "red-bruised-baby"
    assert said["policy"]["hash"] == desk.triage.platform.pack.content_hash


async def test_a_worry_about_nobody_is_rated_too(desk: Desk) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact))])
    (said,) = await desk.said("ContactRated")
    assert [one["kind"] for one in said["subjects"]] == ["unknown"]
    assert said["rating"] == "amber"


async def test_what_nobody_recognises_asks_for_a_person(desk: Desk) -> None:
    contact = uuid4()
    strange = told(contact, facts={"weather": "bad"}, unrecognised={"indicators": 2})
    await desk.applier.process([delivered(received(contact, strange))])
    (said,) = await desk.said("ContactRated")
    assert "D-UNRECOGNISED" in said["subjects"][0]["rules"]
    (row,) = await desk.rows("SELECT facts FROM subjects")
    assert row.facts["unrecognised"] == 3
    assert "weather" not in row.facts


async def test_a_broken_announcement_is_in_the_queue_unrated_and_the_rest_of_its_batch_is_rated(desk: Desk) -> None:
    good, bad = uuid4(), uuid4()
    broken = delivered(received(bad, told(bad)), value=b'{"contact": 1}')
    await desk.applier.process([delivered(received(good, told(good))), broken])
    (row,) = await desk.rows("SELECT * FROM cases WHERE unrated")
    assert (row.contact_id, row.rating, row.pages, row.queue_tier) == (bad, "unrated", True, 0)
    assert row.reference == "unknown"
    assert row.attention == ["parked"]
    (rated,) = [one for one in await desk.said("ContactRated") if one["unrated"]]
    assert (rated["cause"], rated["rating_version"], rated["contact"]["referrer"]["kind"]) == ("parked", 1, "other")
    assert len(await desk.rows("SELECT 1 FROM cases WHERE NOT unrated")) == 1


class Broken:
    """A condition of a rule that fails on every subject: a bad release of a policy."""

    def holds(self, reading: Reading) -> bool:
        raise ZeroDivisionError(reading)

    def fired(self, reading: Reading) -> Fired:
        raise ZeroDivisionError(reading)


async def test_a_failing_rating_keeps_what_was_told_and_a_replay_rates_it(desk: Desk) -> None:
    contact = uuid4()
    event = received(contact, told(contact, facts=RED))

    platform = desk.triage.platform
    good = platform.pack
    platform.pack = replace(good, rules=(replace(good.rules[0], when=Broken()), *good.rules[1:]))
    await desk.applier.process([delivered(event)])
    platform.pack = good
    (row,) = await desk.rows("SELECT c.rating, s.subject_id, s.facts FROM cases c JOIN subjects s USING (contact_id)")
    assert (row.rating, row.subject_id) == ("unrated", subject_id(contact))
    assert row.facts["abuse_suspected"] == "yes"
    await desk.rows("UPDATE parked SET state = 'replay'")
    await desk.applier.release_ready()
    (row,) = await desk.rows("SELECT * FROM cases")
    assert (row.rating, row.rating_version, row.unrated, row.attention) == ("red", 2, False, [])
    assert [one["unrated"] for one in await desk.said("ContactRated")] == [True, False]


async def test_what_was_told_at_last_takes_the_place_of_the_placeholder(desk: Desk) -> None:
    contact = uuid4()
    event = received(contact, told(contact))
    await desk.applier.process([delivered(event, value=b"{")])
    again = received(contact, told(contact), told(contact, 2), sequence=2, restated=True)
    await desk.applier.process([delivered(again)])
    subjects = await desk.rows('SELECT * FROM subjects ORDER BY "position"')
    assert [one.subject_id for one in subjects] == [subject_id(contact), subject_id(contact, 2)]
    (row,) = await desk.rows("SELECT * FROM cases")
    assert (row.rating, row.unrated, row.reference) == ("amber", False, row.reference)
    assert row.reference != "unknown"


async def test_a_parked_event_about_a_rated_case_changes_no_rating(desk: Desk) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact)))])
    broken = delivered(clock_event(contact, DeadlineSet, sequence=1), value=b"[]")
    stranger = delivered(clock_event(uuid4(), DeadlineSet, sequence=1), value=b"[]")
    later = delivered(received(contact, told(contact, facts=RED), sequence=2, restated=True), value=b"{}")
    await desk.applier.process([broken, stranger, later])
    (row,) = await desk.rows("SELECT * FROM cases")
    assert (row.contact_id, row.rating, row.rating_version, row.attention) == (contact, "amber", 1, ["parked"])


async def test_a_record_of_nobody_knows_whom_is_put_in_the_queue(desk: Desk) -> None:
    contact = uuid4()
    odd = with_headers(delivered(received(contact, told(contact))), ce_source="", ce_sequence="x")
    await desk.applier.process([odd])
    (row,) = await desk.rows("SELECT * FROM cases")
    assert (row.contact_id, row.unrated) == (contact, True)


async def test_a_restatement_raises_and_never_lowers(desk: Desk) -> None:
    contact = uuid4()
    whose = kept()
    events = [
        received(contact, told(contact), contact=whose),
        received(contact, told(contact, facts=RED), contact=whose, sequence=2, restated=True),
        received(contact, told(contact, facts=GREEN), contact=whose, sequence=3, restated=True),
        received(contact, told(contact, facts=GREEN), contact=whose, sequence=4, restated=True),
    ]
    for event in events:
        await desk.applier.process([delivered(event)])
    (row,) = await desk.rows("SELECT * FROM cases")
    assert row.rating == "red"
    said = await desk.said("ContactRated")
    assert [one["rating_version"] for one in said] == list(range(1, len(said) + 1))
    assert [one["rating"] for one in said] == ["amber", "red"]


async def test_clocks_are_heard_before_and_after_the_contact(desk: Desk) -> None:
    contact = uuid4()
    soon, later = NOON + timedelta(hours=1), NOON + timedelta(hours=5)
    set_first = clock_event(contact, DeadlineSet, "mash_decision", sequence=1, next_due_at=soon)
    await desk.applier.process([delivered(set_first)])
    (row,) = await desk.rows("SELECT * FROM cases")
    assert (row.stage, row.reference, row.next_due_at) == ("received", "MASH-26-00001", soon)
    await desk.applier.process([delivered(received(contact, told(contact)))])
    assert await desk.rows("SELECT * FROM awaited_echoes")
    events = [
        clock_event(contact, DeadlineSet, "amber_decision", sequence=2, next_due_at=soon),
        clock_event(contact, DeadlineBreached, "mash_decision", sequence=3, next_due_at=later),
        clock_event(contact, DeadlineMet, "amber_decision", sequence=4, next_due_at=None),
    ]
    await desk.applier.process([delivered(event) for event in events])
    (row,) = await desk.rows("SELECT * FROM cases")
    assert (row.stage, row.breached, row.next_due_at, row.version) == ("rated", 1, None, 1)
    assert not await desk.rows("SELECT * FROM awaited_echoes")


async def test_what_notify_says_is_kept(desk: Desk) -> None:
    contact, message = uuid4(), uuid4()
    await desk.applier.process([delivered(received(contact, told(contact)))])
    await desk.applier.process([delivered(undelivered(contact, sequence=1, message_id=message, purpose="ack"))])
    (row,) = await desk.rows("SELECT * FROM cases")
    assert row.undelivered == {str(message): "ack"}
    events = [
        acknowledged(contact, sequence=2, message_id=message),
        informed(contact, {}, sequence=3),
    ]
    await desk.applier.process([delivered(event) for event in events])
    (row,) = await desk.rows("SELECT * FROM cases")
    assert (row.undelivered, row.acknowledged_at, row.stage) == ({}, NOON, "rated")


async def test_an_anonymous_worry_waits_for_no_message(desk: Desk) -> None:
    contact = uuid4()
    whose = kept(kind=ReferrerKind.ANONYMOUS, has_address=False)
    await desk.applier.process([delivered(received(contact, told(contact), contact=whose))])
    assert [row.echo for row in await desk.rows("SELECT echo FROM awaited_echoes")] == ["clocks"]


async def test_erasure_leaves_a_tombstone_and_nothing_else(desk: Desk) -> None:
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact, facts=RED)))])
    await desk.applier.process([delivered(erased(contact))])
    await _nothing_is_left_of(desk, contact)
    late = received(contact, told(contact), sequence=3, restated=True)
    await desk.applier.process([delivered(late), delivered(late, value=b"{")])
    await _nothing_is_left_of(desk, contact)
    (stream,) = await desk.rows("SELECT erased_at FROM contact_stream")
    assert stream.erased_at is not None


async def _nothing_is_left_of(desk: Desk, contact: UUID) -> None:
    tables = await desk.rows(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'contact_id' AND table_schema = 'public'"
    )
    for (name,) in tables:
        left = await desk.rows(f"SELECT 1 FROM {name} WHERE contact_id = :contact", contact=contact)
        assert len(left) == (1 if name == "contact_stream" else 0), name
