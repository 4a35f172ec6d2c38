"""Wires a notify process by hand, once."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from services.notify.adapters.channels.address_book import IntakeAddressBook
from services.notify.adapters.channels.addressing import Addressing
from services.notify.adapters.channels.asking import ReceiptAsker
from services.notify.adapters.channels.courier import Courier
from services.notify.adapters.channels.govuk_notify import ApiKey, GovukNotify, GovukNotifyChannel
from services.notify.adapters.channels.letters import LetterTemplates
from services.notify.adapters.channels.mail import Sender
from services.notify.adapters.channels.mailbox import Mailbox, MailboxChannel
from services.notify.adapters.channels.smtp import SmtpChannel, SmtpServer
from services.notify.adapters.channels.writing import Writer
from services.notify.adapters.repositories import NotifyUnitOfWork, PackShelf, Store
from services.notify.application.ports import Channel, WebhookDirectory
from services.notify.domain.policy import routing
from services.notify.settings import NotifySettings
from shared.database.table_keys import table_cipher
from shared.service import Platform, open_platform


@dataclass(kw_only=True)
class Notify:
    """A notify process."""

    platform: Platform
    settings: NotifySettings
    store: Store
    channels: dict[str, Channel]
    """By what they reach: ``email``, ``sms``, ``webhook``."""
    mailbox: Mailbox | None
    """The folder of the embedded run; None where mail really goes out."""
    directory: WebhookDirectory | None = None
    """Which organisations take messages in a system of their own."""

    def work(self) -> NotifyUnitOfWork:
        """A new unit of work."""
        return NotifyUnitOfWork(self.store)

    def courier(self, channels: Mapping[str, Channel] | None = None) -> Courier:
        """What carries messages out; ``channels`` instead of those that the settings name."""
        settings, platform = self.settings, self.platform
        deployed = self.channels if channels is None else channels
        return Courier(
            open_work=self.work,
            channels=deployed,
            addressing=self._addressing(frozenset(deployed)),
            writer=Writer(
                packs=self.store.packs,
                templates=LetterTemplates(settings.templates_folder),
                texts=LetterTemplates(settings.templates_folder / "text-messages"),
                phone=settings.phone,
                staff_url=settings.staff_url,
            ),
            blind_index=platform.blind_index,
            metrics=platform.metrics,
            clock=platform.clock,
            new_token=uuid4,
            chance=random.random,
        )

    def asker(self) -> ReceiptAsker:
        """What asks providers for receipts that have not come."""
        providers = {
            channel.name: channel for channel in self.channels.values() if isinstance(channel, GovukNotifyChannel)
        }
        return ReceiptAsker(open_work=self.work, providers=providers, clock=self.platform.clock, chance=random.random)

    def _addressing(self, reaches: frozenset[str]) -> Addressing:
        settings, platform = self.settings, self.platform
        return Addressing(
            book=IntakeAddressBook(
                platform.http,
                intake_url=settings.common.intake_url,
                client_id=settings.client_id,
                client_secret=settings.client_secret,
                clock=platform.clock,
            ),
            directory=self.directory,
            reaches=reaches,
            team_address=settings.duty_team_address,
            metrics=platform.metrics,
            clock=platform.clock,
        )


@asynccontextmanager
async def open_notify(settings: NotifySettings) -> AsyncGenerator[Notify]:
    """Opens everything a notify process needs, and closes it again."""
    async with open_platform(settings.common) as platform:
        rota_cipher = await table_cipher(platform.engine, platform.database.master_keys, "notify", "duty_rota")
        yield Notify(
            platform=platform,
            settings=settings,
            store=Store(
                database=platform.database,
                packs=PackShelf(platform.pack, settings.common.policies_directory),
                rota_cipher=rota_cipher,
                reaches=settings.reaches,
            ),
            channels=make_channels(settings, platform),
            mailbox=Mailbox(settings.mailbox_folder) if "mailbox" in settings.senders else None,
        )


def make_channels(settings: NotifySettings, platform: Platform) -> dict[str, Channel]:
    """The channels that the settings name, by what they reach; the first that does e-mail carries it."""
    channels: dict[str, Channel] = {}
    for sender in settings.senders:
        for channel in _channels_of(sender, settings, platform):
            channels.setdefault(routing.SMS if channel.name == routing.SMS else routing.EMAIL, channel)
    return channels


def _channels_of(sender: str, settings: NotifySettings, platform: Platform) -> list[Channel]:
    whose = Sender(name=settings.mail_from_name, address=settings.mail_from)
    govuk = settings.govuk_notify
    if sender == "mailbox":
        return [MailboxChannel(settings.mailbox_folder, whose, platform.clock)]
    if sender == "smtp" or govuk is None:
        return [SmtpChannel(_smtp_server(settings), whose, platform.clock)]
    key = ApiKey.read(govuk.api_key)
    notify = GovukNotify(platform.http, url=govuk.url, key=key, clock=platform.clock)
    templates = {routing.EMAIL: govuk.email_template_id, routing.SMS: govuk.sms_template_id}
    return [
        GovukNotifyChannel(notify, name=name, template_id=template_id)
        for name, template_id in templates.items()
        if template_id is not None
    ]


def _smtp_server(settings: NotifySettings) -> SmtpServer:
    return SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password,
        timeout_seconds=settings.smtp_timeout_seconds,
    )
