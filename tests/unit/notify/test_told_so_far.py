"""At 24 hours what is known then is told, whatever is revised meanwhile; what was told and is revised is told anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.notify.application.commands import delivering
from services.notify.application.commands.delivering import Errand, Way, begin_attempt, lease_due
from services.notify.application.commands.receipts import hear_receipt
from services.notify.application.commands.telling import attest_told
from services.notify.application.ports import Accepted, HandedOver, Letter, SendResult, TryLater
from services.notify.domain.model import Kind, Message, Receipt, State, Verdict
from shared.contracts.notify import ReferrerInformed
from tests.support.builders_asking import AskedLife
from tests.support.fakes_notify import MemoryWork

from .test_handlers import hear, messages

WAY = Way(channel="email", reach="email", ways=("email",), masked="j…@example.org", mark=b"x")
TAKEN, LATER = Accepted(receipt="250"), TryLater("smtp_451")


async def at_24_hours(subjects: int = 2) -> tuple[AskedLife, MemoryWork]:
    """The first child is decided, the others are not."""
    life, work = AskedLife(subjects=subjects), MemoryWork()
    await hear(work, [life.received(), life.rated("amber", pages=False)])
    await send(work, TAKEN)
    await hear(work, [life.decided(1, undecided=subjects - 1), life.breached()])
    return life, work


async def take(work: MemoryWork) -> list[tuple[Errand, int]]:
    """Every letter that is due, begun."""
    taken: list[tuple[Errand, int]] = []
    for errand in await lease_due(work, now=work.now, token=uuid4(), most=10):
        letter = Letter(message_id=errand.message.id, to="x@example.org", subject="s", body="b", template_hash="h")
        number = await begin_attempt(work, errand, letter=letter, way=WAY, now=work.now)
        assert number is not None
        taken.append((errand, number))
    return taken


async def send(work: MemoryWork, result: SendResult) -> list[Message]:
    """Every letter that is due, with this result; afterwards an hour has gone."""
    taken = await take(work)
    for errand, number in taken:
        await delivering.record(work, errand, number=number, way=WAY, result=result, now=work.now, chance=0.5)
    work.now += timedelta(hours=1)
    return [errand.message for errand, _ in taken]


def informed(work: MemoryWork) -> list[tuple[dict[UUID, int], bool]]:
    return [(said.decisions, said.complete) for _, said in work.said if isinstance(said, ReferrerInformed)]


async def test_a_notice_that_failed_once_tells_what_was_revised_since() -> None:
    life, work = await at_24_hours()
    await send(work, LATER)
    await hear(work, [life.revised(1, undecided=1), life.breached()])
    (notice,) = messages(work, life, Kind.NOTICE)
    assert notice.state is State.RETRYING
    assert await send(work, TAKEN) == [notice]
    assert informed(work) == [({life.subject(1): 2}, False)]
    assert messages(work, life, Kind.OUTCOME) == []


async def test_what_was_told_and_is_revised_is_told_anew_at_once_and_the_rest_when_it_is_decided() -> None:
    life, work = await at_24_hours()
    await send(work, TAKEN)
    await hear(work, [life.revised(1, undecided=1), life.revised(1, undecided=1)])
    (revised,) = messages(work, life, Kind.OUTCOME)
    assert (revised.template, revised.tells) == ("professional-outcome-revised", {life.subject(1): 2})
    await send(work, TAKEN)
    await hear(work, [life.decided(2)])
    await send(work, TAKEN)
    one, both = {life.subject(1): 2}, {life.subject(1): 2, life.subject(2): 1}
    assert informed(work) == [({life.subject(1): 1}, False), (one, False), (both, True)]
    assert messages(work, life, Kind.OUTCOME)[-1].template == "professional-outcome"


async def test_revised_with_the_last_decision_it_is_told_as_a_change() -> None:
    life, work = await at_24_hours()
    await send(work, TAKEN)
    await hear(work, [life.revised(1, undecided=1), life.decided(2)])
    unsent, whole = messages(work, life, Kind.OUTCOME)
    assert (unsent.state, unsent.reason) == (State.SUPERSEDED, "newer_decision")
    assert (whole.template, whole.complete) == ("professional-outcome-revised", True)


async def test_told_and_unchanged_the_rest_is_no_change() -> None:
    life, work = await at_24_hours()
    await send(work, TAKEN)
    await hear(work, [life.decided(2)])
    assert [each.template for each in messages(work, life, Kind.OUTCOME)] == ["professional-outcome"]


async def test_revised_twice_the_unsent_one_gives_way() -> None:
    life, work = await at_24_hours()
    await send(work, TAKEN)
    await hear(work, [life.revised(1, undecided=1), life.revised(1, undecided=1, version=3)])
    states = [(each.tells[life.subject(1)], each.state) for each in messages(work, life, Kind.OUTCOME)]
    assert states == [(2, State.SUPERSEDED), (3, State.WAITING)]


async def test_another_child_decided_meanwhile_waits_for_the_last() -> None:
    life, work = await at_24_hours(subjects=3)
    await send(work, TAKEN)
    await hear(work, [life.decided(2, undecided=1)])
    assert messages(work, life, Kind.OUTCOME) == []


async def test_revised_while_the_notice_is_on_its_way_it_is_told_anew_once_that_has_arrived() -> None:
    for result in (TAKEN, HandedOver(provider_id="p")):
        life, work = await at_24_hours()
        [(errand, number)] = await take(work)
        await hear(work, [life.revised(1, undecided=1)])
        assert messages(work, life, Kind.OUTCOME) == []
        await delivering.record(work, errand, number=number, way=WAY, result=result, now=work.now, chance=0.5)
        if isinstance(result, HandedOver):
            arrived = Receipt(provider_id="p", code="delivered", verdict=Verdict.DELIVERED, at=work.now)
            await hear_receipt(work, life.id, errand.message.id, arrived, chance=0.5)
        (revised,) = messages(work, life, Kind.OUTCOME)
        assert (revised.tells, revised.complete) == ({life.subject(1): 2}, False)
        assert informed(work) == [({life.subject(1): 1}, False)]


async def test_told_by_phone_it_tells_what_stands_and_a_later_revision_is_owed() -> None:
    life, work = await at_24_hours()
    await send(work, LATER)
    await hear(work, [life.revised(1, undecided=1)])
    told: dict[str, Any] = {"how": "phone", "told_at": work.now, "told_by": "a.worker", "note": None}
    await attest_told(work, life.id, request_id=uuid4(), message_ids=[], **told)
    assert informed(work) == [({life.subject(1): 2}, False)]
    assert messages(work, life, Kind.OUTCOME) == []
    await hear(work, [life.revised(1, undecided=1, version=3)])
    assert [each.tells for each in messages(work, life, Kind.OUTCOME)] == [{life.subject(1): 3}]
