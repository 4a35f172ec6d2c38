"""Closed without a decision nobody is written to that we still work on it: a person says so."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.application.commands.delivering import Way, begin_attempt, lease_due
from services.notify.application.commands.telling import ByPersonOnly, send_again
from services.notify.application.ports import Letter
from services.notify.domain.model import Kind, Message, State
from shared.contracts.triage import CaseRestated
from tests.support.builders_asking import AskedLife
from tests.support.fakes_notify import MemoryWork
from tests.support.orders import in_any_order

from .test_handlers import failures, hear, messages

WAY = Way(channel="email", reach="email", ways=("email",), masked="j…@example.org", mark=b"x")


def notice(work: MemoryWork, life: AskedLife) -> Message:
    (found,) = messages(work, life, Kind.NOTICE)
    return found


def standing(message: Message) -> tuple[State, str | None, str]:
    return message.state, message.reason, message.template


FOR_A_PERSON = (State.NEEDS_PERSON, "closed_undecided", "")
GOES_OUT = (State.WAITING, None, "professional-not-yet-decided")


@pytest.mark.parametrize("closed_first", [False, True])
async def test_closed_before_24_hours_or_after_a_person_says_so(*, closed_first: bool) -> None:
    life, work = AskedLife(), MemoryWork()
    events = [life.closed(), life.breached()] if closed_first else [life.breached(), life.closed()]
    await hear(work, [life.received(), *events, *events])
    assert standing(notice(work, life)) == FOR_A_PERSON
    assert failures(work) == ["closed_undecided"]
    with pytest.raises(ByPersonOnly):
        await send_again(work, life.id, notice(work, life).id)


async def test_reopened_it_is_owed_again_and_closed_again_a_person_is_asked_again() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received(), life.closed(), life.breached(), life.reopened(), life.reopened()])
    assert standing(notice(work, life)) == GOES_OUT
    await hear(work, [life.closed()])
    assert standing(notice(work, life)) == FOR_A_PERSON
    assert failures(work) == ["closed_undecided"] * 2
    assert len({event_id for event_id, _ in work.said}) == len(work.said)


async def test_a_restatement_closes_and_reopens_likewise() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received(), life.rated("amber", pages=False), life.breached()])
    for closed_at, expected in ((work.now, FOR_A_PERSON), (None, GOES_OUT)):
        said = life.case_restated(pages=False).data
        assert isinstance(said, CaseRestated)
        await hear(work, [life._event(said.model_copy(update={"closed_at": closed_at}))])
        assert standing(notice(work, life)) == expected


async def test_closed_between_taking_the_letter_and_the_try_it_is_not_sent() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received(), life.breached()])
    errands = await lease_due(work, now=work.now, token=uuid4(), most=10)
    (errand,) = [errand for errand in errands if errand.message.kind is Kind.NOTICE]
    await hear(work, [life.closed()])
    letter = Letter(message_id=errand.message.id, to="x@example.org", subject="s", body="b", template_hash="h")
    assert await begin_attempt(work, errand, letter=letter, way=WAY, now=work.now) is None
    assert standing(notice(work, life)) == FOR_A_PERSON


async def test_closed_with_all_decided_the_decision_says_it() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received(), life.decided(), life.closed(), life.breached()])
    assert (notice(work, life).state, notice(work, life).reason) == (State.SUPERSEDED, "decided")
    assert failures(work) == []


async def test_what_was_sent_or_told_before_stays_so() -> None:
    for state in (State.SENT, State.TOLD):
        life, work = AskedLife(), MemoryWork()
        await hear(work, [life.received(), life.breached()])
        notice(work, life).state = state
        await hear(work, [life.closed(), life.reopened()])
        assert notice(work, life).state is state


async def test_without_an_address_it_stays_a_persons_when_reopened() -> None:
    life, work = AskedLife(has_address=False), MemoryWork()
    await hear(work, [life.received(), life.breached(), life.closed(), life.reopened()])
    assert standing(notice(work, life)) == (State.NEEDS_PERSON, "no_address", "professional-not-yet-decided")
    work.now += timedelta(hours=1)
    assert await lease_due(work, now=work.now, token=uuid4(), most=10) == []


@given(data=st.data())
async def test_in_any_order_of_the_producers_it_ends_the_same(data: st.DataObject) -> None:
    reopened = data.draw(st.booleans())
    life, work = AskedLife(subjects=2), MemoryWork()
    cases = [life.rated("amber", pages=False), life.decided(1, undecided=1), life.closed()]
    cases += [life.reopened()] if reopened else []
    await hear(work, in_any_order(data, [[life.received()], cases, [life.breached()]]))
    assert standing(notice(work, life)) == (GOES_OUT if reopened else FOR_A_PERSON)
