"""A contact that pages and was closed before anybody had opened it is waited for anew once it is reopened."""

from __future__ import annotations

from services.deadlines.domain.model.deadline import Deadline, State
from tests.support.builders_front_half import WorkedLife
from tests.unit.deadlines.conftest import Desk

KINDS = ("opened_by_duty", "opened_by_manager")


def rounds(desk: Desk, life: WorkedLife, kind: str) -> list[Deadline]:
    found = [one for one in desk.contacts.get(life.id).deadlines.values() if one.terms.kind == kind]
    return sorted(found, key=lambda one: one.terms.starts_at)


async def test_closed_unopened_and_reopened_somebody_must_look() -> None:
    desk, life = Desk(), WorkedLife("unopened")
    await desk.hear(life.received(), life.rated("red-abuse"), life.closed(5), life.reopened(600))
    for kind in KINDS:
        first, again = rounds(desk, life, kind)
        assert (first.state, first.cancelled_at) == (State.CANCELLED, life.at(5))
        assert (again.state, again.terms.starts_at) == (State.RUNNING, life.at(600))
        assert again.terms.id != first.terms.id
    assert [one.terms.due_at for one in rounds(desk, life, "opened_by_duty")][1] == life.at(610)
    await desk.hear(life.opened(604))
    assert {rounds(desk, life, kind)[1].state for kind in KINDS} == {State.MET}
    await desk.hear(life.closed(700), life.reopened(800))
    assert len(rounds(desk, life, "opened_by_duty")) == 2  # somebody has looked


async def test_opened_once_is_opened() -> None:
    desk, life = Desk(), WorkedLife("opened once")
    await desk.hear(life.received(), life.rated("red-abuse"), life.opened(3), life.closed(5), life.reopened(600))
    assert [one.state for one in rounds(desk, life, "opened_by_duty")] == [State.MET]


async def test_what_no_longer_pages_when_it_is_reopened_pages_nobody() -> None:
    desk, life = Desk(), WorkedLife("lowered")
    await desk.hear(
        life.received(), life.rated("red-abuse"), life.closed(5), life.rated("amber", version=2, minutes=500)
    )
    await desk.hear(life.reopened(600))
    assert [one.state for one in rounds(desk, life, "opened_by_duty")] == [State.CANCELLED]


async def test_lowered_after_it_was_reopened_it_is_waited_for_no_more() -> None:
    desk, life = Desk(), WorkedLife("lowered later")
    await desk.hear(life.received(), life.rated("red-abuse"), life.closed(5), life.reopened(600))
    await desk.hear(life.rated("amber", version=2, minutes=605))
    again = rounds(desk, life, "opened_by_duty")[1]
    assert (again.state, again.reason, again.cancelled_at) == (State.CANCELLED, "rerated", life.at(605))


async def test_closed_and_reopened_time_and_again() -> None:
    desk, life = Desk(), WorkedLife("time and again")
    await desk.hear(life.received(), life.rated("red-abuse"))
    for minute in (5, 105, 205):
        await desk.hear(life.closed(minute), life.reopened(minute + 50))
    states = [one.state for one in rounds(desk, life, "opened_by_duty")]
    assert states == [State.CANCELLED, State.CANCELLED, State.CANCELLED, State.RUNNING]
