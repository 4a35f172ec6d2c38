"""Who is owed what, as the pack has it, whatever the order in which events arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.application.commands.delivering import ask_for_person
from services.notify.domain.model import Kind, Message, State
from services.notify.entrypoints.worker import HANDLERS, WHEN_PARKED
from shared.contracts.envelope import Cause, Event
from shared.contracts.notify import DeliveryFailed
from shared.contracts.parts import ReferrerKind
from shared.messaging.parking import ParkedEvent
from tests.support.builders_notify import NOON, Life
from tests.support.fakes_notify import MemoryWork

PROFESSIONALS = [ReferrerKind.INVOLVED_PROFESSIONAL, ReferrerKind.PROFESSIONAL]


async def hear(work: MemoryWork, events: Iterable[Event[Any]]) -> None:
    for event in events:
        await HANDLERS[type(event.data)](event, work)


def messages(work: MemoryWork, life: Life, *kinds: Kind) -> list[Message]:
    return [each for each in work.messages.of(life.id).values() if not kinds or each.kind in kinds]


def failures(work: MemoryWork) -> list[str]:
    return [data.reason_code for _, data in work.said if isinstance(data, DeliveryFailed)]


@pytest.mark.parametrize(
    ("kind", "templates"),
    [
        (ReferrerKind.INVOLVED_PROFESSIONAL, {"professional-acknowledgement", "professional-outcome"}),
        (ReferrerKind.PROFESSIONAL, {"professional-acknowledgement", "professional-outcome"}),
        (ReferrerKind.FAMILY, {"family-acknowledgement", "family-outcome"}),
        (ReferrerKind.PUBLIC, {"public-receipt"}),
        (ReferrerKind.ANONYMOUS, set[str]()),
    ],
)
async def test_each_kind_of_referrer_is_sent_what_the_pack_says(kind: ReferrerKind, templates: set[str]) -> None:
    life, work = Life(referrer=kind), MemoryWork()
    await hear(work, [life.received(), life.rated("amber", pages=False), life.decided()])
    found = messages(work, life)
    assert {message.template for message in found} == templates
    assert all(message.state is State.WAITING for message in found)
    if kind is ReferrerKind.PUBLIC:
        assert not any(message.tells_outcome for message in found)


async def test_nobody_is_told_before_the_last_subject_is_decided() -> None:
    life, work = Life(subjects=3), MemoryWork()
    await hear(work, [life.received(), life.decided(1, undecided=2), life.decided(2, undecided=1)])
    assert messages(work, life, Kind.OUTCOME) == []
    await hear(work, [life.decided(3, undecided=0)])
    (notice,) = messages(work, life, Kind.OUTCOME)
    assert notice.tells == {life.subject(number): 1 for number in (1, 2, 3)}
    assert notice.complete


async def test_one_notice_for_each_decision_version() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.decided()])
    (first,) = messages(work, life, Kind.OUTCOME)
    first.state = State.SENT
    await hear(work, [life.decided(version=2, outcome="signpost")])
    second = messages(work, life, Kind.OUTCOME)[1]
    assert (second.template, second.tells) == ("professional-outcome-revised", {life.subject(1): 2})


async def test_an_unsent_notice_gives_way_to_the_newer_decision() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.decided(), life.decided(version=2)])
    first, second = messages(work, life, Kind.OUTCOME)
    assert (first.state, first.reason) == (State.SUPERSEDED, "newer_decision")
    assert (second.state, second.template) == (State.WAITING, "professional-outcome")


async def test_at_24_hours_what_is_known_is_told_and_the_rest_later() -> None:
    life, work = Life(subjects=2), MemoryWork()
    await hear(work, [life.received(), life.decided(1, undecided=1), life.breached()])
    (notice,) = messages(work, life, Kind.NOTICE)
    assert notice.template == "professional-not-yet-decided"
    await hear(work, [life.decided(2, undecided=0)])
    assert (notice.state, notice.reason) == (State.SUPERSEDED, "decided")
    assert len(messages(work, life, Kind.OUTCOME)) == 1


@pytest.mark.parametrize("kind", PROFESSIONALS)
async def test_a_professional_without_an_address_is_a_task_for_a_person(kind: ReferrerKind) -> None:
    life, work = Life(referrer=kind, has_address=False), MemoryWork()
    await hear(work, [life.received(), life.decided()])
    (task,) = messages(work, life)
    assert (task.kind, task.state, task.reason) == (Kind.OUTCOME, State.NEEDS_PERSON, "no_address")
    assert failures(work) == ["no_address"]


@pytest.mark.parametrize("kind", [ReferrerKind.FAMILY, ReferrerKind.PUBLIC, ReferrerKind.ANONYMOUS])
async def test_others_without_an_address_are_sent_nothing(kind: ReferrerKind) -> None:
    life, work = Life(referrer=kind, has_address=False), MemoryWork()
    await hear(work, [life.received(), life.decided(), life.breached()])
    assert messages(work, life) == []


async def test_a_kind_of_referrer_nobody_knows_is_a_task_not_silence() -> None:
    life, work = Life(referrer=ReferrerKind.OTHER), MemoryWork()
    await hear(work, [life.received(), life.decided()])
    assert {(each.kind, each.state) for each in messages(work, life)} == {
        (Kind.ACKNOWLEDGEMENT, State.NEEDS_PERSON),
        (Kind.OUTCOME, State.NEEDS_PERSON),
    }


async def test_no_machine_tells_the_family_where_the_pack_says_not_to_alert_them() -> None:
    life, work = Life(referrer=ReferrerKind.FAMILY), MemoryWork()
    await hear(work, [life.received(), life.rated(flags=("do_not_alert_family",)), life.decided()])
    (notice,) = messages(work, life, Kind.OUTCOME)
    assert (notice.state, notice.reason, notice.template) == (State.NEEDS_PERSON, "family_not_alerted", "")


async def test_undelivered_for_8_hours_needs_a_person_and_for_20_pages_duty() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received()])
    work.now = NOON + timedelta(hours=8)
    await ask_for_person(work, most=10)
    assert [each.state for each in messages(work, life)] == [State.NEEDS_PERSON]
    assert failures(work) == ["undelivered"]
    work.now = NOON + timedelta(hours=20)
    await ask_for_person(work, most=10)
    await ask_for_person(work, most=10)
    (alert,) = messages(work, life, Kind.ALERT)
    assert (alert.template, alert.purpose) == ("duty-reminder", "referrer-not-told")


async def test_a_parked_event_is_one_task_and_a_parked_rating_alerts_duty() -> None:
    life, work = Life(), MemoryWork()
    event = life.rated()
    parked = ParkedEvent(
        id=event.id,
        contact_id=life.id,
        producer="triage",
        time=NOON,
        reason="x",
        cause=Cause.of(event),
        event=event,
    )
    await WHEN_PARKED(parked, work)
    await WHEN_PARKED(replace(parked, event=None), work)
    (task,) = messages(work, life, Kind.PARKED)
    assert (task.state, failures(work)) == (State.NEEDS_PERSON, ["parked"])
    assert [each.rung for each in messages(work, life, Kind.ALERT)] == [0]
    await hear(work, [event])
    assert (task.state, task.reason) == (State.SUPERSEDED, "replayed")


async def test_an_erased_contact_leaves_nothing() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.decided(), life.erased()])
    assert messages(work, life) == []
    assert not work.kept


@given(data=st.data())
async def test_any_interleaving_of_the_producers_ends_in_the_same_state(data: st.DataObject) -> None:
    work = MemoryWork()
    life = Life(subjects=2)
    streams = _streams(life)
    await hear(work, _interleaved(data, streams))
    expected = MemoryWork()
    await hear(expected, [event for stream in streams for event in stream])
    assert _standing(work, life) == _standing(expected, life)
    kinds = [message.kind for message in messages(work, life) if message.state is not State.SUPERSEDED]
    assert kinds.count(Kind.ACKNOWLEDGEMENT) == 1
    assert kinds.count(Kind.OUTCOME) == 1
    assert len({event_id for event_id, _ in work.said}) == len(work.said)


def _streams(life: Life) -> list[list[Event[Any]]]:
    return [
        [life.received(), life.restated()],
        [
            life.rated(),
            life.opened(),
            life.decided(1, undecided=1),
            life.decided(2, undecided=0),
            life.decided(1, undecided=0, version=2),
            life.case_restated(decided=2),
        ],
        [life.breached(), life.breached("opened_by_duty"), life.approaching("strategy_discussion", 0.8)],
    ]


def _interleaved(data: st.DataObject, streams: Sequence[list[Event[Any]]]) -> list[Event[Any]]:
    """Each producer's own order kept, otherwise any; and now and then an event handled once more."""
    rest = [list(stream) for stream in streams]
    order: list[Event[Any]] = []
    while any(rest):
        stream = data.draw(st.sampled_from([each for each in rest if each]))
        event = stream.pop(0)
        order += [event] * data.draw(st.integers(1, 2))
    return order


def _standing(work: MemoryWork, life: Life) -> dict[Any, Any]:
    return {each.id: (each.kind, each.state, each.template, each.tells) for each in messages(work, life)}
