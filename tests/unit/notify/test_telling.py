"""What staff attest to have told: nothing that came up after they told it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.notify.application.commands.telling import GRACE, NothingToTell, NotThereThen, attest_told
from services.notify.domain.model import Kind, Message, State
from shared.contracts.notify import ReferrerInformed
from tests.support.builders_notify import NOON, Life
from tests.support.fakes_notify import MemoryWork

from .test_handlers import hear, messages

MINUTE = timedelta(minutes=1)


async def attest(work: MemoryWork, life: Life, at: datetime, *, named: Collection[UUID] = ()) -> list[Message]:
    return await attest_told(
        work,
        life.id,
        request_id=uuid4(),
        message_ids=named,
        how="phone",
        told_at=at,
        told_by="duty.worker",
        note=None,
    )


async def decided_later() -> tuple[MemoryWork, Life]:
    """Acknowledged at noon, and decided five minutes later."""
    life, work = Life(), MemoryWork()
    await hear(work, [life.received()])
    work.now = NOON + 5 * MINUTE
    await hear(work, [life.decided()])
    work.now = NOON + 10 * MINUTE
    return work, life


async def test_what_was_decided_after_the_call_was_not_told_in_it() -> None:
    work, life = await decided_later()
    told = await attest(work, life, NOON)
    assert [message.kind for message in told] == [Kind.ACKNOWLEDGEMENT]
    (outcome,) = messages(work, life, Kind.OUTCOME)
    assert outcome.state is State.WAITING
    assert not [data for _, data in work.said if isinstance(data, ReferrerInformed)]
    with pytest.raises(NothingToTell):
        await attest(work, life, NOON)
    assert await attest(work, life, work.now) == [outcome]


@pytest.mark.parametrize(("before", "allowed"), [(GRACE, True), (GRACE + timedelta(seconds=1), False)])
async def test_a_message_named_must_have_been_there_in_that_minute(before: timedelta, *, allowed: bool) -> None:
    work, life = await decided_later()
    (outcome,) = messages(work, life, Kind.OUTCOME)
    told_at = outcome.created_at - before
    if allowed:
        assert await attest(work, life, told_at, named=[outcome.id]) == [outcome]
        return
    with pytest.raises(NotThereThen):
        await attest(work, life, told_at, named=[outcome.id])
    assert outcome.state is State.WAITING


@pytest.mark.parametrize("tried", [False, True])
async def test_a_notice_tells_no_decision_that_came_after_the_call(*, tried: bool) -> None:
    life, work = Life(subjects=3), MemoryWork()
    await hear(work, [life.received(), life.decided(1, undecided=2), life.breached()])
    (notice,) = messages(work, life, Kind.NOTICE)
    work.now = NOON + 5 * MINUTE
    await hear(work, [life.decided(2, undecided=1)])
    if tried:
        notice.tell_what_is_known(work.contacts.of(life.id).versions())
        notice.attempts = 1
    await attest(work, life, NOON)
    assert notice.state is State.TOLD
    assert notice.tells == {life.subject(1): 1}
