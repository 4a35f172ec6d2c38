"""A page to somebody's telephone that nobody hears of again: the team's address, which is always on, is next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from services.notify.adapters.channels.asking import ReceiptAsker
from services.notify.application.ports import HandedOver
from services.notify.domain.model import Receipt, Verdict
from services.notify.domain.policy.schedule import TEAM_AFTER
from shared.contracts.notify import StaffAlerted
from tests.support.builders_notify import NOON, Life
from tests.support.fakes_outside import ScriptedChannel

from .conftest import TEAM, Desk
from .test_alerting import lives, on_duty

PHONE = "+447700900001"


@dataclass
class Pager:
    """Somebody on duty by text message, through a provider whose receipts are in our hands."""

    desk: Desk
    texts: ScriptedChannel = field(default_factory=lambda: ScriptedChannel([HandedOver("first")], name="sms"))
    verdict: Verdict | None = Verdict.UNDERWAY
    """None: the provider cannot be asked."""
    asked: list[str] = field(default_factory=list[str])

    async def receipt(self, provider_id: str) -> Receipt | None:
        self.asked.append(provider_id)
        if self.verdict is None:
            return None
        return Receipt(provider_id=provider_id, verdict=self.verdict, code="x", at=self.desk.clock.now(), channel="sms")

    async def round(self) -> None:
        """What a worker does all the time: alert, and ask for receipts."""
        desk = self.desk
        providers = {"sms": self, "email": self}
        asker = ReceiptAsker(open_work=desk.notify.work, providers=providers, clock=desk.clock, chance=lambda: 0.5)
        await asker.ask()
        await desk.alert_courier({"email": desk.channel, "sms": self.texts}).deliver_due()

    async def minutes(self, count: int) -> None:
        for _ in range(6 * count):
            self.desk.clock.advance(10)
            await self.round()


@pytest.fixture
async def pager(desk: Desk) -> Pager:
    await on_duty(desk, ("duty_worker", "sms", PHONE))
    return Pager(desk)


@pytest.mark.parametrize("verdict", [Verdict.UNDERWAY, None])
async def test_a_page_without_a_receipt_goes_to_the_team_within_minutes_and_once(
    pager: Pager, verdict: Verdict | None
) -> None:
    pager.verdict = verdict
    await pager.desk.hear([life.rated() for life in lives(1)])
    await pager.round()
    assert await pager.desk.states() == ["handed_over"]
    await pager.minutes(int(TEAM_AFTER / timedelta(minutes=1)) - 1)
    assert pager.desk.channel.taken == []
    assert pager.asked, "it is asked for first"
    await pager.minutes(10)
    assert [letter.to for letter in pager.texts.taken] == [PHONE]
    assert [letter.to for letter in pager.desk.channel.taken] == [TEAM]
    assert [type(data) for data in await pager.desk.said()] == [StaffAlerted]


async def test_a_page_to_the_team_itself_waits_for_its_receipt(pager: Pager) -> None:
    pager.desk.channel.script = [HandedOver("second")]
    await pager.desk.hear([life.rated() for life in lives(1)])
    await pager.round()
    await pager.minutes(15)
    assert [letter.to for letter in pager.desk.channel.taken] == [TEAM]
    assert await pager.desk.states() == ["handed_over"]


async def test_a_page_that_arrived_goes_no_further(pager: Pager) -> None:
    pager.verdict = Verdict.DELIVERED
    await pager.desk.hear([life.rated() for life in lives(1)])
    await pager.round()
    await pager.minutes(10)
    assert pager.desk.channel.taken == []
    assert await pager.desk.states() == ["sent"]


@pytest.mark.parametrize("verdict", [Verdict.UNDERWAY, Verdict.REFUSED])
async def test_once_somebody_has_opened_it_nobody_else_is_paged(pager: Pager, verdict: Verdict) -> None:
    (life,) = lives(1)
    await pager.desk.hear([life.rated()])
    await pager.round()
    await pager.desk.hear([life.opened()])
    pager.verdict = verdict
    await pager.minutes(10)
    assert pager.desk.channel.taken == []
    rows = await pager.desk.rows("SELECT state, reason FROM messages WHERE kind = 'alert'")
    assert [tuple(row.values()) for row in rows] == [("superseded", "opened")]


@pytest.mark.parametrize("verdict", [Verdict.UNDERWAY, Verdict.REFUSED])
async def test_a_rating_that_pages_no_longer_pages_nobody_else(pager: Pager, verdict: Verdict) -> None:
    (life,) = lives(1)
    await pager.desk.hear([life.rated()])
    await pager.round()
    await pager.desk.hear([life.rated("amber", pages=False, version=2)])
    pager.verdict = verdict
    await pager.minutes(10)
    assert pager.desk.channel.taken == []
    rows = await pager.desk.rows("SELECT state, reason FROM messages WHERE kind = 'alert'")
    assert [tuple(row.values()) for row in rows] == [("superseded", "rated_lower")]


@pytest.mark.parametrize("verdict", [Verdict.UNDERWAY, Verdict.REFUSED])
async def test_that_it_was_opened_before_does_not_keep_a_new_alert_from_the_team(
    pager: Pager, verdict: Verdict
) -> None:
    late, raised = Life("late"), Life("raised")
    for life in (late, raised):
        await pager.desk.hear([life.received(), life.rated("amber", pages=False), life.opened()])
    await pager.desk.business_time(NOON + timedelta(hours=2))
    await pager.desk.hear([late.breached("amber_decision")])
    await pager.round()
    pager.verdict = verdict
    await pager.minutes(10)
    assert [letter.subject for letter in pager.desk.channel.taken] == ["Time is running out for MASH-7K3P-2QF9-5"]
    pager.texts.script = [HandedOver("third")]
    await pager.desk.hear([raised.rated(version=2, at=NOON + timedelta(hours=2))])
    await pager.round()
    await pager.minutes(10)
    assert [letter.subject for letter in pager.desk.channel.taken][1:] == ["Look at MASH-7K3P-2QF9-5 now"]
