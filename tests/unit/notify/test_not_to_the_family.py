"""No machine tells the family an outcome once a rating says not to alert them, whenever that is heard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.application.commands import delivering
from services.notify.application.commands.delivering import Errand, Way, begin_attempt, lease_due
from services.notify.application.commands.receipts import claim_unreceipted, hear_receipt
from services.notify.application.commands.telling import ByPersonOnly, attest_told, send_again
from services.notify.application.ports import HandedOver, Letter, TryLater
from services.notify.domain.model import Kind, Message, Receipt, State, Verdict
from shared.contracts.envelope import Event
from shared.contracts.parts import ReferrerKind
from tests.support.builders_asking import AskedLife
from tests.support.builders_notify import NOON, Life
from tests.support.fakes_notify import MemoryWork

from .test_handlers import failures, hear, messages

FLAG = ("do_not_alert_family",)
TOKEN = uuid4()
WAY = Way(channel="email", reach="email", ways=("email", "sms"), masked="j…@example.org", mark=b"x")


def family(name: str = "a contact") -> AskedLife:
    return AskedLife(name, referrer=ReferrerKind.FAMILY)


def warned(life: Life, version: int = 2) -> Event[Any]:
    return life.rated(version=version, flags=FLAG)


def outcome(work: MemoryWork, life: Life) -> Message:
    (found,) = messages(work, life, Kind.OUTCOME)
    return found


async def decided(life: Life) -> MemoryWork:
    work = MemoryWork()
    await hear(work, [life.received(), life.rated("amber", pages=False), life.decided()])
    assert outcome(work, life).state is State.WAITING
    return work


async def lease(work: MemoryWork, life: Life) -> list[Errand]:
    return [
        errand
        for errand in await lease_due(work, now=work.now, token=TOKEN, most=10)
        if errand.message.id == outcome(work, life).id
    ]


async def begin(work: MemoryWork, errand: Errand) -> int | None:
    letter = Letter(message_id=errand.message.id, to="x@example.org", subject="s", body="b", template_hash="h")
    return await begin_attempt(work, errand, letter=letter, way=WAY, now=work.now)


def is_for_a_person(work: MemoryWork, life: Life) -> None:
    message = outcome(work, life)
    assert (message.state, message.reason, message.template) == (State.NEEDS_PERSON, "family_not_alerted", "")
    assert failures(work) == ["family_not_alerted"]


async def test_heard_while_the_letter_waits_it_becomes_a_persons() -> None:
    life = family()
    work = await decided(life)
    await hear(work, [warned(life), warned(life)])
    is_for_a_person(work, life)
    assert await lease(work, life) == []


async def test_heard_in_a_restatement_it_becomes_a_persons() -> None:
    life = family()
    work = await decided(life)
    said = life.case_restated(version=2, decided=1)
    (subject,) = said.data.subjects
    warning = subject.model_copy(update={"rated": subject.rated.model_copy(update={"flags": FLAG})})
    await hear(work, [life._event(said.data.model_copy(update={"subjects": (warning,)}))])
    is_for_a_person(work, life)


async def test_heard_between_taking_the_letter_and_the_try_it_is_not_sent() -> None:
    life = family()
    work = await decided(life)
    (errand,) = await lease(work, life)
    await hear(work, [warned(life)])
    assert outcome(work, life).state is State.LEASED
    assert await begin(work, errand) is None
    assert outcome(work, life).attempts == 0
    is_for_a_person(work, life)


async def test_heard_during_a_try_that_fails_it_is_not_tried_again() -> None:
    life = family()
    work = await decided(life)
    (errand,) = await lease(work, life)
    number = await begin(work, errand)
    assert number == 1
    await hear(work, [warned(life)])
    again = TryLater("smtp_451")
    await delivering.record(work, errand, number=1, way=WAY, result=again, now=work.now, chance=0.5)
    work.now += timedelta(hours=1)
    assert await lease(work, life) == []
    is_for_a_person(work, life)


async def test_heard_after_a_failed_try_it_is_not_tried_again() -> None:
    life = family()
    work = await decided(life)
    (errand,) = await lease(work, life)
    await begin(work, errand)
    again = TryLater("connection_refused")
    await delivering.record(work, errand, number=1, way=WAY, result=again, now=work.now, chance=0.5)
    assert outcome(work, life).state is State.RETRYING
    await hear(work, [warned(life)])
    is_for_a_person(work, life)


async def test_whose_sender_died_is_not_taken_up_again() -> None:
    life = family()
    work = await decided(life)
    await lease(work, life)
    await hear(work, [warned(life)])
    work.now += timedelta(minutes=2)
    assert await lease(work, life) == []
    is_for_a_person(work, life)


async def test_with_a_provider_it_does_not_go_round_to_another_channel() -> None:
    life = family()
    work = await with_a_provider(life)
    assert outcome(work, life).state is State.HANDED_OVER
    work.now += timedelta(hours=5)
    await claim_unreceipted(work, now=work.now, most=10)
    assert await lease(work, life) == []
    is_for_a_person(work, life)


async def with_a_provider(life: Life) -> MemoryWork:
    """A provider has taken it, and then the rating is heard."""
    work = await decided(life)
    (errand,) = await lease(work, life)
    await begin(work, errand)
    taken = HandedOver(provider_id="p")
    await delivering.record(work, errand, number=1, way=WAY, result=taken, now=work.now, chance=0.5)
    await hear(work, [warned(life)])
    return work


async def test_whoever_is_asked_because_it_did_not_arrive_reads_the_true_reason() -> None:
    life = family()
    work = await with_a_provider(life)
    outcome(work, life).refuse("sms")
    bounced = Receipt(provider_id="p", code="permanent-failure", verdict=Verdict.REFUSED, at=work.now)
    await hear_receipt(work, life.id, outcome(work, life).id, bounced, chance=0.5)
    is_for_a_person(work, life)


async def test_undelivered_for_8_hours_it_is_asked_for_with_the_true_reason() -> None:
    life = family()
    work = await with_a_provider(life)
    work.now += timedelta(hours=9)
    await delivering.ask_for_person(work, most=10)
    message = outcome(work, life)
    assert (message.state, message.reason, message.template) == (State.NEEDS_PERSON, "family_not_alerted", "")
    assert "family_not_alerted" in failures(work)


async def test_contradicted_after_its_proof_it_is_asked_for_with_the_true_reason() -> None:
    life = family()
    work = await with_a_provider(life)
    for code, verdict in (("delivered", Verdict.DELIVERED), ("permanent-failure", Verdict.REFUSED)):
        receipt = Receipt(provider_id="p", code=code, verdict=verdict, at=work.now)
        await hear_receipt(work, life.id, outcome(work, life).id, receipt, chance=0.5)
    is_for_a_person(work, life)


@pytest.mark.parametrize("before", [False, True])
async def test_nobody_can_have_it_sent_again_but_a_person_can_tell_it(*, before: bool) -> None:
    life = family()
    work = await decided(life)
    message = outcome(work, life)
    if before:  # it was a person's task already, because no channel took it
        message.needs_person("smtp_550")
    await hear(work, [warned(life)])
    assert (message.state, message.reason, message.template) == (State.NEEDS_PERSON, "family_not_alerted", "")
    with pytest.raises(ByPersonOnly):
        await send_again(work, life.id, message.id)
    told: dict[str, Any] = {"how": "in_person", "told_at": NOON, "told_by": "a.manager", "note": None}
    await attest_told(work, life.id, request_id=uuid4(), message_ids=[message.id], **told)
    assert message.state is State.TOLD


async def test_what_was_sent_before_stays_sent_and_a_revision_is_a_persons() -> None:
    life = family()
    work = await decided(life)
    first = outcome(work, life)
    first.state = State.SENT
    await hear(work, [warned(life), life.revised()])
    assert (first.state, first.template) == (State.SENT, "family-outcome")
    assert failures(work) == ["family_not_alerted"]


async def test_the_answer_to_a_challenge_is_a_persons_too_and_the_reference_is_not() -> None:
    life = family()
    work = await decided(life)
    await hear(work, [life.challenge_answered(), warned(life)])
    (answer,) = messages(work, life, Kind.ANSWER)
    (receipt,) = messages(work, life, Kind.ACKNOWLEDGEMENT)
    assert (answer.state, answer.reason) == (State.NEEDS_PERSON, "family_not_alerted")
    assert receipt.state is State.WAITING


async def test_others_are_told_all_the_same() -> None:
    life = AskedLife()
    work = await decided(life)
    await hear(work, [warned(life)])
    assert outcome(work, life).state is State.WAITING


@given(at=st.integers(0, 4), tries=st.integers(0, 3))
async def test_wherever_the_rating_comes_no_later_try_is_made(at: int, tries: int) -> None:
    life = family()
    work = MemoryWork()
    events = [
        life.received(),
        life.rated("amber", pages=False),
        life.decided(),
        life.revised(),
        life.revised(version=3),
    ]
    await hear(work, events[: at + 1])
    for _ in range(tries):
        for errand in await lease_due(work, now=work.now, token=TOKEN, most=10):
            number = await begin(work, errand)
            assert number is not None
            again = TryLater("smtp_451")
            await delivering.record(work, errand, number=number, way=WAY, result=again, now=work.now, chance=0.5)
        work.now += timedelta(hours=1)
    await hear(work, [warned(life), *events[at + 1 :]])
    work.now += timedelta(hours=1)
    assert [each for each in await lease_due(work, now=work.now, token=TOKEN, most=10) if each.message.tells] == []
