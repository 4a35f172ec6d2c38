"""The delivery loop over real PostgreSQL: leases, retries, crashes, proof."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notify.adapters.channels.courier import UNDER_WAY
from services.notify.application.ports import Accepted, AddressAway, Recipient, Refused, TryLater
from services.notify.domain.model import DutyPeriod, Rota, State
from shared.contracts.notify import DeliveryFailed, Proof, ReferrerAcknowledged, ReferrerInformed, StaffAlerted
from shared.contracts.parts import ReferrerKind
from tests.support.builders_notify import EMAIL, NOON, REFERENCE, Life

from .conftest import TEAM, Desk


async def test_acknowledged_and_informed_with_proof(desk: Desk) -> None:
    life = Life(subjects=2)
    await desk.hear([life.received(), life.decided(1, undecided=1), life.decided(2)])
    await desk.deliver()
    acknowledged, informed = sorted(await desk.said(), key=lambda data: type(data).__name__)
    assert isinstance(acknowledged, ReferrerAcknowledged)
    assert acknowledged.delivery.proof is Proof.ACCEPTED
    assert isinstance(informed, ReferrerInformed)
    assert informed.decisions == {life.subject(1): 1, life.subject(2): 1}
    assert informed.complete
    assert informed.reference == REFERENCE
    assert {letter.to for letter in desk.channel.taken} == {EMAIL}
    assert await desk.states() == ["sent", "sent"]


async def test_nothing_is_said_before_a_channel_has_accepted(desk: Desk) -> None:
    desk.channel.script = [TryLater("smtp_451")]
    await desk.hear([Life().received()])
    await desk.deliver()
    assert await desk.said() == []
    assert await desk.states() == ["retrying"]


async def test_the_address_is_kept_only_masked_and_hashed(desk: Desk) -> None:
    await desk.hear([Life().received()])
    await desk.deliver()
    (row,) = await desk.rows("SELECT masked_address, address_mark FROM messages")
    assert row["masked_address"] == "j…@example.org"
    assert bytes(row["address_mark"]) == desk.notify.platform.blind_index.of("recipient address", EMAIL)
    for table in ("messages", "attempts", "contacts", "outbox", "event_log"):
        kept = await desk.rows(f"SELECT CAST(t AS text) AS line FROM {table} t")
        assert not any("jo.referrer" in row["line"] for row in kept)


async def test_retries_follow_the_schedule_and_then_a_person_is_asked(desk: Desk) -> None:
    desk.channel.script = [TryLater("smtp_451")] * 20
    await desk.hear([Life().received()])
    waits: list[float] = []
    for _ in range(7):
        await desk.deliver()
        (row,) = await desk.rows("SELECT next_try_at FROM messages")
        waits.append((row["next_try_at"] - desk.clock.now()).total_seconds())
        desk.clock.advance(waits[-1] - 1)
        await desk.deliver()
        desk.clock.advance(1)
    assert waits == [5, 30, 120, 600, 1800, 3600, 3600]
    assert len(desk.channel.taken) == 7
    await desk.business_time(NOON + timedelta(hours=8))
    await desk.deliver()
    assert await desk.states() == ["needs_person"]
    (failed,) = await desk.said()
    assert isinstance(failed, DeliveryFailed)
    assert (failed.reason_code, failed.attempts) == ("smtp_451", 8)


async def test_a_permanent_refusal_needs_a_person_at_once(desk: Desk) -> None:
    desk.channel.script = [Refused("smtp_550")]
    await desk.hear([Life().received()])
    await desk.deliver()
    (row,) = await desk.rows("SELECT state, reason, attempts FROM messages")
    assert dict(row) == {"state": "needs_person", "reason": "smtp_550", "attempts": 1}
    (failed,) = await desk.said()
    assert isinstance(failed, DeliveryFailed)
    (attempt,) = await desk.rows("SELECT outcome, code FROM attempts")
    assert dict(attempt) == {"outcome": "refused", "code": "smtp_550"}


async def test_intake_away_is_no_attempt_and_after_ten_minutes_an_alarm(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.book.answer = AddressAway("intake_503")
    await desk.hear([Life().received()])
    courier = desk.courier()
    for _ in range(70):
        await courier.deliver_due()
        desk.clock.advance(10)
    (row,) = await desk.rows("SELECT state, reason, attempts FROM messages")
    assert dict(row) == {"state": "retrying", "reason": "intake_503", "attempts": 0}
    assert await desk.rows("SELECT 1 FROM attempts") == []
    assert "nobody is told" in capsys.readouterr().out
    desk.book.answer = Recipient(email=EMAIL, sender_reference=None)
    await courier.deliver_due()
    assert await desk.states() == ["sent"]
    assert courier.addressing.away_since is None


@pytest.mark.parametrize(
    ("answer", "reason"), [(None, "recipient_unknown"), (Recipient(email=None, sender_reference=None), "no_address")]
)
async def test_nobody_to_send_to_is_a_task(desk: Desk, answer: Recipient | None, reason: str) -> None:
    desk.book.answer = answer
    await desk.hear([Life().received()])
    await desk.deliver()
    (row,) = await desk.rows("SELECT state, reason FROM messages")
    assert dict(row) == {"state": "needs_person", "reason": reason}
    assert len(await desk.said()) == 1


async def test_an_alert_goes_to_the_rota_first_and_then_to_the_team(desk: Desk) -> None:
    async with desk.notify.work() as work:
        period = DutyPeriod(
            id=desk.courier().new_token(),
            role="duty_worker",
            address="on.duty@example.org",
            starts_at=NOON - timedelta(hours=1),
            ends_at=NOON + timedelta(hours=1),
            absent=False,
        )
        await work.rota.write(Rota(periods=(period,)), version=1, by="a.manager")
        await work.commit()
    desk.channel.script = [Refused("smtp_550")]
    await desk.hear([Life(referrer=ReferrerKind.ANONYMOUS).rated()])
    await desk.deliver()
    assert await desk.states() == ["retrying"]
    desk.clock.advance(5)
    await desk.deliver()
    assert [letter.to for letter in desk.channel.taken] == ["on.duty@example.org", TEAM]
    (alerted,) = await desk.said()
    assert isinstance(alerted, StaffAlerted)
    assert (alerted.rung, alerted.because) == ("0", "rated-and-pages")
    kept = await desk.rows("SELECT CAST(t AS text) AS line FROM duty_rota t")
    assert "on.duty" not in kept[0]["line"]


async def test_told_at_24_hours_is_what_was_known_when_it_went_out(desk: Desk) -> None:
    life = Life(subjects=2)
    await desk.hear([life.received(), life.breached()])
    await desk.hear([life.decided(1, undecided=1)])
    await desk.deliver()
    informed = [data for data in await desk.said() if isinstance(data, ReferrerInformed)]
    assert [(data.decisions, data.complete) for data in informed] == [({life.subject(1): 1}, False)]


async def test_accepted_is_accepted_whatever_the_clock_says(desk: Desk) -> None:
    desk.channel.script = [Accepted()]
    await desk.hear([Life().received()])
    await desk.business_time(NOON + timedelta(hours=30))
    await desk.deliver()
    assert await desk.states() == [State.SENT.value]


async def test_schools_letters_go_first_until_three(desk: Desk) -> None:
    others = [Life(f"other {number}", source="3A") for number in range(UNDER_WAY + 5)]
    await desk.hear([life.received() for life in others])
    await desk.hear([Life("a school").received()])
    await desk.courier().deliver_due()
    first = [row["contact_id"] for row in await desk.rows("SELECT contact_id FROM messages WHERE state = 'sent'")]
    assert len(first) <= UNDER_WAY
    assert Life("a school").id in first
