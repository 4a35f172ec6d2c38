"""A notify over a database of its own, its clocks in our hands, and the outside scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.notify.adapters.channels.alert_courier import AlertCourier
from services.notify.adapters.channels.courier import Courier
from services.notify.application.ports import Channel
from services.notify.bootstrap import Notify, open_notify
from services.notify.entrypoints.worker import HANDLERS, WHEN_PARKED
from services.notify.settings import NotifySettings
from shared.clock import FixedClock
from shared.contracts.envelope import Event, EventData, read_event
from shared.contracts.topics import EVENTS
from shared.messaging.apply import Applier
from shared.messaging.bus import Delivered
from shared.messaging.outbox import headers_from
from shared.service import CommonSettings
from shared.settings import Secret
from tests.support.builders_notify import NOON, TEMPLATES, deliveries
from tests.support.fakes_outside import ScriptedAddressBook, ScriptedChannel
from tests.support.receivers import Receiver, authority, receiving

TEAM = "duty@example.org"


@dataclass
class Desk:
    """Notify with everything a test turns: real time, business time, channel and address book."""

    notify: Notify
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    channel: ScriptedChannel = field(default_factory=ScriptedChannel)
    book: ScriptedAddressBook = field(default_factory=ScriptedAddressBook)

    @property
    def applier(self) -> Applier:
        return Applier(service="notify", open_work=self.notify.work, handlers=HANDLERS, when_parked=WHEN_PARKED)

    async def hear(self, events: Iterable[Event[Any]]) -> None:
        await self.hear_records(deliveries(events))

    async def hear_records(self, records: list[Delivered]) -> None:
        await self.applier.process(records)

    def courier(self, channel: Channel | None = None, **others: Channel) -> Courier:
        """A courier with our clock: each call is another worker. ``others`` by what they reach: ``sms=…``."""
        courier = self.notify.courier({"email": channel or self.channel, **others})
        courier.clock, courier.chance, courier.under_way.patience = self.clock, lambda: 0.5, 30
        courier.addressing.clock, courier.addressing.book = self.clock, self.book
        return courier

    def alert_courier(self, channels: Mapping[str, Channel] | None = None) -> AlertCourier:
        """The same for alerts."""
        courier = self.notify.alert_courier(channels or {"email": self.channel})
        courier.clock, courier.chance, courier.under_way.patience = self.clock, lambda: 0.5, 30
        return courier

    async def deliver(self) -> None:
        await self.courier().deliver_due()
        await self.alert_courier().deliver_due()

    async def rows(self, query: str, **values: Any) -> list[Any]:
        async with self.notify.platform.engine.connect() as connection:
            return list((await connection.execute(text(query), values)).mappings())

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows("SELECT state FROM messages ORDER BY created_at, kind")]

    async def said(self) -> list[EventData]:
        rows = await self.rows("SELECT headers, value FROM outbox WHERE topic = 'mash.notify.v1' ORDER BY id")
        return [read_event(headers_from(row["headers"]), bytes(row["value"]), EVENTS).data for row in rows]

    async def business_time(self, moment: Any) -> None:
        """Business time stands still at ``moment``."""
        async with self.notify.platform.engine.begin() as connection:
            sql = "UPDATE clock SET anchor_real = now(), anchor_business = :moment, speed = 0"
            await connection.execute(text(sql), {"moment": moment})


@pytest.fixture
def notify_settings(settings_for: Callable[[str], CommonSettings], tmp_path: Path) -> NotifySettings:
    return NotifySettings(
        common=settings_for("notify"),
        client_id="notify",
        client_secret=Secret("not a real one"),
        channel="mailbox",
        mailbox_folder=tmp_path / "mailbox",
        templates_folder=TEMPLATES,
        smtp_host="127.0.0.1",
        smtp_port=25,
        smtp_security="none",
        smtp_username=None,
        smtp_password=None,
        smtp_timeout_seconds=2,
        mail_from="front-door@example.org",
        mail_from_name="MASH front door",
        duty_team_address=TEAM,
        phone="01632 960000",
        staff_url="https://hub.example.org/{contact_id}",
    )


@pytest.fixture
async def desk(notify_settings: NotifySettings) -> AsyncIterator[Desk]:
    async with open_notify(notify_settings) as notify:
        desk = Desk(notify)
        await desk.business_time(NOON)
        yield desk


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    """A partner's receiver of webhooks, with a certificate that is believed here."""
    async with receiving(authority().server(tmp_path)) as there:
        yield there
