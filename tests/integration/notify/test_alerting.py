"""Alerts on their way: one bad hour gives a few letters, and every contact is in one of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from services.notify.application.commands import alerting
from services.notify.application.ports import Refused, TryLater
from services.notify.domain.model import DutyPeriod, Rota
from shared.contracts.notify import DeliveryFailed, StaffAlerted
from shared.contracts.parts import ReferrerKind
from tests.support.builders_notify import NOON, Life
from tests.support.fakes_outside import ScriptedChannel, SlowChannel

from .conftest import TEAM, Desk

MINUTE = timedelta(minutes=1)


def lives(count: int, name: str = "late") -> list[Life]:
    return [Life(f"{name} {number}", referrer=ReferrerKind.ANONYMOUS) for number in range(count)]


async def on_duty(desk: Desk, *periods: tuple[str, str, str], teams: dict[str, str] | None = None) -> None:
    """These people (role, channel, address) are on duty around noon."""
    rota = Rota(
        periods=tuple(
            DutyPeriod(
                id=uuid4(),
                role=role,
                channel=channel,
                address=address,
                starts_at=NOON - timedelta(hours=1),
                ends_at=NOON + timedelta(hours=3),
                absent=False,
            )
            for role, channel, address in periods
        ),
        teams=teams or {},
    )
    async with desk.notify.work() as work:
        await work.rota.write(rota, version=1, by="a.manager")
        await work.commit()


async def alerted(desk: Desk) -> list[StaffAlerted]:
    return [data for data in await desk.said() if isinstance(data, StaffAlerted)]


async def rounds(desk: Desk, channel: ScriptedChannel | None = None) -> None:
    courier = desk.alert_courier({"email": channel or desk.channel})
    while await courier.deliver_due():
        pass


async def test_a_thousand_breaches_at_once_are_a_few_letters_and_nobody_is_left_out(desk: Desk) -> None:
    late = lives(1000)
    await desk.hear([life.breached("amber_decision") for life in late])
    await rounds(desk)
    assert len(desk.channel.taken) == 1
    for minutes in (9, 10, 20):
        await desk.business_time(NOON + minutes * MINUTE)
        await rounds(desk)
    assert len(desk.channel.taken) <= 3
    rows = await desk.rows("SELECT id, state FROM messages")
    assert {row["state"] for row in rows} == {"sent"}
    said = await alerted(desk)
    assert len({each.delivery.message_id for each in said}) == len(said) == len(rows) == 1000
    assert len({each.deadline_id for each in said}) == 1000
    for life in late:
        named = sum(str(life.id) in letter.body for letter in desk.channel.taken)
        assert named == 1, life.name


async def test_the_first_goes_at_once_what_follows_gathers_for_ten_minutes(desk: Desk) -> None:
    first, *others = lives(4)
    await desk.hear([first.breached("amber_decision")])
    await desk.deliver()
    assert [letter.subject for letter in desk.channel.taken] == ["Time is running out for MASH-7K3P-2QF9-5"]
    await desk.hear([life.breached("amber_decision") for life in others])
    await desk.business_time(NOON + 9 * MINUTE)
    await desk.deliver()
    assert len(desk.channel.taken) == 1
    assert len(await alerted(desk)) == 1
    await desk.business_time(NOON + 10 * MINUTE)
    await desk.deliver()
    assert desk.channel.taken[-1].subject == "Time is running out for 3 contacts"
    assert len(await alerted(desk)) == 4
    hashes = await desk.rows("SELECT DISTINCT template_hash FROM attempts")
    assert {row["template_hash"] for row in hashes} == {letter.template_hash for letter in desk.channel.taken}


async def test_what_pages_does_not_wait_for_what_does_not(desk: Desk) -> None:
    late, *red = lives(4)
    await desk.hear([late.breached("amber_decision")])
    await desk.deliver()
    for life in red:
        await desk.hear([life.rated()])
        await desk.deliver()
    assert len(desk.channel.taken) == 4
    assert len(await alerted(desk)) == 4


async def test_a_flood_of_pages_is_gathered_for_a_minute(desk: Desk) -> None:
    for life in lives(8):
        await desk.hear([life.rated()])
        await desk.deliver()
    assert len(desk.channel.taken) == 5
    await desk.business_time(NOON + MINUTE)
    await desk.deliver()
    assert [letter.subject for letter in desk.channel.taken[5:]] == ["Look at 3 contacts now"]
    assert len(await alerted(desk)) == 8


async def test_a_letter_lost_with_its_worker_goes_again_whole(desk: Desk) -> None:
    await desk.hear([life.breached("amber_decision") for life in lives(3)])
    courier = desk.alert_courier()
    async with desk.notify.work() as work:
        bundles, _ = await alerting.lease_alerts(work, courier.ways, now=desk.clock.now(), token=uuid4(), most=10)
        await work.commit()
    assert [len(bundle.errands) for bundle in bundles] == [3]
    await desk.deliver()
    assert desk.channel.taken == []
    desk.clock.advance(61)
    await desk.deliver()
    assert [letter.subject for letter in desk.channel.taken] == ["Time is running out for 3 contacts"]
    assert len(await alerted(desk)) == 3


async def test_what_a_person_did_not_take_goes_to_the_roles_team_together_at_once(desk: Desk) -> None:
    await on_duty(desk, ("duty_worker", "email", "on.duty@example.org"), teams={"duty_worker": "team@example.org"})
    desk.channel.script = [Refused("smtp_550")]
    await desk.hear([life.breached("amber_decision") for life in lives(3)])
    await desk.deliver()
    desk.clock.advance(6)
    await desk.deliver()
    assert [letter.to for letter in desk.channel.taken] == ["on.duty@example.org", "team@example.org"]
    assert len(await alerted(desk)) == 3


async def test_a_team_that_refuses_leaves_a_task_for_each(desk: Desk) -> None:
    desk.channel.script = [Refused("smtp_550")]
    await desk.hear([life.breached("amber_decision") for life in lives(2)])
    await desk.deliver()
    assert await desk.states() == ["needs_person"] * 2
    assert [type(data) for data in await desk.said()] == [DeliveryFailed] * 2


async def test_a_text_message_names_what_it_can_hold_and_the_team_gets_the_rest(desk: Desk) -> None:
    await on_duty(desk, ("duty_worker", "sms", "+447700900001"))
    text, late = ScriptedChannel(name="sms"), lives(25)
    await desk.hear([life.breached("amber_decision") for life in late])
    await desk.alert_courier({"email": desk.channel, "sms": text}).deliver_due()
    assert [(letter.to, letter.subject) for letter in text.taken] == [
        ("+447700900001", "Time is running out for 20 contacts")
    ]
    assert len(text.taken[0].body) < 612
    assert [letter.to for letter in desk.channel.taken] == [TEAM]
    assert len(await alerted(desk)) == 25


async def test_without_a_way_to_send_texts_the_team_is_alerted(desk: Desk) -> None:
    await on_duty(desk, ("duty_worker", "sms", "+447700900001"))
    await desk.hear([life.breached("amber_decision") for life in lives(1)])
    await desk.deliver()
    assert [letter.to for letter in desk.channel.taken] == [TEAM]


async def test_two_couriers_at_once_send_each_alert_in_one_letter(desk: Desk) -> None:
    late = lives(30)
    await desk.hear([life.breached("amber_decision") for life in late])

    async def another_round() -> None:
        await desk.alert_courier().deliver_due()

    slow = SlowChannel(another_round)
    await rounds(desk, slow)
    assert len([*slow.taken, *desk.channel.taken]) == 1
    assert len(await alerted(desk)) == 30


async def test_a_clock_that_ends_while_its_alert_gathers_is_not_alerted_to(desk: Desk) -> None:
    first, late = lives(2)
    await desk.hear([first.breached("amber_decision")])
    await desk.deliver()
    await desk.hear([late.breached("amber_decision")])
    await desk.deliver()
    await desk.hear([late.met("amber_decision")])
    await desk.business_time(NOON + 11 * MINUTE)
    await desk.deliver()
    assert len(desk.channel.taken) == 1
    rows = await desk.rows("SELECT state FROM messages WHERE contact_id = :id", id=late.id)
    assert [row["state"] for row in rows] == ["superseded"]


async def test_a_contact_erased_on_the_way_is_not_in_the_letter(desk: Desk) -> None:
    stays, goes = lives(2)
    await desk.hear([life.breached("amber_decision") for life in (stays, goes)])
    courier = desk.alert_courier()
    async with desk.notify.work() as work:
        bundles, _ = await alerting.lease_alerts(work, courier.ways, now=desk.clock.now(), token=uuid4(), most=10)
        await work.commit()
    await desk.hear([goes.erased()])
    await courier.deliver(bundles[0])
    (letter,) = desk.channel.taken
    assert str(goes.id) not in letter.body
    assert str(stays.id) in letter.body
    assert len(await alerted(desk)) == 1


async def test_no_address_is_kept_with_a_turn(desk: Desk) -> None:
    await desk.hear([life.breached("amber_decision") for life in lives(1)])
    await desk.deliver()
    (row,) = await desk.rows("SELECT CAST(t AS text) AS line, letters FROM alert_turns t")
    assert row["letters"] == 1
    assert TEAM not in row["line"]


async def test_a_busy_server_is_tried_again_all_together(desk: Desk) -> None:
    desk.channel.script = [TryLater("smtp_451")]
    await desk.hear([life.breached("amber_decision") for life in lives(3)])
    await desk.deliver()
    desk.clock.advance(6)
    await desk.deliver()
    assert [letter.subject for letter in desk.channel.taken] == ["Time is running out for 3 contacts"] * 2
    assert len(await alerted(desk)) == 3
