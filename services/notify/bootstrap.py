"""Wires a notify process by hand, once."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from services.notify.adapters.channels.address_book import IntakeAddressBook
from services.notify.adapters.channels.addressing import Addressing
from services.notify.adapters.channels.alert_courier import AlertCourier
from services.notify.adapters.channels.asking import ReceiptAsker
from services.notify.adapters.channels.courier import Courier
from services.notify.adapters.channels.govuk_notify import ApiKey, GovukNotify, GovukNotifyChannel
from services.notify.adapters.channels.letters import LetterTemplates
from services.notify.adapters.channels.mail import Sender
from services.notify.adapters.channels.mailbox import Mailbox, MailboxChannel
from services.notify.adapters.channels.smtp import SmtpChannel, SmtpServer
from services.notify.adapters.channels.webhook import OrganisationWebhooks, WebhookChannel
from services.notify.adapters.channels.webhook_guard import Guard, SystemResolver
from services.notify.adapters.channels.webhook_post import WebhookPost
from services.notify.adapters.channels.webhook_sender import WebhookSender
from services.notify.adapters.channels.writing import Writer
from services.notify.adapters.repositories import NotifyUnitOfWork, PackShelf, Store
from services.notify.application.commands.alerting import Ways
from services.notify.application.ports import Channel, WebhookDirectory
from services.notify.domain.policy import routing
from services.notify.domain.policy.rota import without_team
from services.notify.settings import NotifySettings
from shared.database.table_keys import table_cipher
from shared.policy.holidays import days_off
from shared.security.encryption import TableCipher
from shared.service import Platform, open_platform


@dataclass(kw_only=True)
class Notify:
    """A notify process."""

    platform: Platform
    settings: NotifySettings
    store: Store
    letters: LetterTemplates
    channels: dict[str, Channel]
    """By what they reach: ``email``, ``sms``, ``webhook``."""
    mailbox: Mailbox | None
    """The folder of the embedded run; None where mail really goes out."""
    webhook_post: WebhookPost
    directory: WebhookDirectory | None = None
    """Which organisations take messages in a system of their own."""

    def organisation_webhooks(self) -> OrganisationWebhooks:
        """Which organisations take their messages by webhook."""
        return OrganisationWebhooks(self.work)

    def webhook_channel(self) -> WebhookChannel:
        """The channel whose addresses are organisations."""
        return WebhookChannel(self.webhook_post, self.organisation_webhooks(), clock=self.platform.clock)

    def webhook_sender(self) -> WebhookSender:
        """What carries events to partners' webhooks. Whoever runs it closes it."""
        platform = self.platform
        return WebhookSender(
            open_work=self.work,
            post=self.webhook_post,
            metrics=platform.metrics,
            clock=platform.clock,
            new_token=uuid4,
            chance=random.random,
        )

    def work(self) -> NotifyUnitOfWork:
        """A new unit of work."""
        return NotifyUnitOfWork(self.store)

    async def every_role_has_a_team(self) -> None:
        """For /readyz: in production each role that the pack alerts has an always-on address on the rota."""
        if self.settings.common.environment != "production":
            return  # the setting's address serves
        async with self.work() as work:
            _, rota = await work.rota.read()
        missing = without_team(self.platform.pack.ladder, rota.teams)
        if missing:
            message = f"no always-on address on the duty rota for: {', '.join(missing)}"
            raise RuntimeError(message)

    def courier(self, channels: Mapping[str, Channel] | None = None) -> Courier:
        """What carries messages out; ``channels`` instead of those that the settings name."""
        platform = self.platform
        deployed = self.channels if channels is None else channels
        return Courier(
            open_work=self.work,
            channels=deployed,
            addressing=self._addressing(frozenset(deployed)),
            writer=self.writer(),
            blind_index=platform.blind_index,
            metrics=platform.metrics,
            clock=platform.clock,
            new_token=uuid4,
            chance=random.random,
        )

    def writer(self) -> Writer:
        """What puts messages to referrers into words."""
        return Writer(packs=self.store.packs, templates=self.letters, phone=self.settings.phone)

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
            metrics=platform.metrics,
            clock=platform.clock,
        )

    def alert_courier(self, channels: Mapping[str, Channel] | None = None) -> AlertCourier:
        """What carries alerts to staff; ``channels`` instead of those that the settings name."""
        settings, platform = self.settings, self.platform
        ways = channels or {name: channel for name, channel in self.channels.items() if name != routing.WEBHOOK}
        return AlertCourier(
            open_work=self.work,
            channels=ways,
            ways=Ways(
                channels=frozenset(ways),
                team_address=settings.duty_team_address,
                mark_of=partial(platform.blind_index.of, "recipient address"),
            ),
            packs=self.store.packs,
            templates=self.letters,
            blind_index=platform.blind_index,
            staff_url=settings.staff_url,
            metrics=platform.metrics,
            clock=platform.clock,
            new_token=uuid4,
            chance=random.random,
        )


@asynccontextmanager
async def open_notify(settings: NotifySettings) -> AsyncGenerator[Notify]:
    """Opens everything a notify process needs, and closes it again."""
    async with open_platform(settings.common) as platform:
        rota_cipher = await table_cipher(platform.engine, platform.database.master_keys, "notify", "duty_rota")
        webhook_cipher = await table_cipher(platform.engine, platform.database.master_keys, "notify", "webhooks")
        with closing(SystemResolver()) as resolver:
            notify = _wire(platform, settings, rota_cipher, webhook_cipher, resolver)
            platform.own_checks["duty_teams"] = notify.every_role_has_a_team
            yield notify


def _wire(
    platform: Platform,
    settings: NotifySettings,
    rota_cipher: TableCipher,
    webhook_cipher: TableCipher,
    resolver: SystemResolver,
) -> Notify:
    notify = Notify(
        platform=platform,
        settings=settings,
        store=Store(
            database=platform.database,
            packs=PackShelf(platform.pack, settings.common.policies_directory),
            rota_cipher=rota_cipher,
            webhook_cipher=webhook_cipher,
            days_off=days_off(settings.common.policies_directory, platform.pack.calendar.holidays),
            reaches=settings.reaches,
        ),
        letters=LetterTemplates(settings.templates_folder),
        channels=make_channels(settings, platform),
        mailbox=Mailbox(settings.mailbox_folder) if "mailbox" in settings.senders else None,
        webhook_post=WebhookPost(Guard(resolver, settings.webhook_allow_private)),
    )
    notify.directory = notify.organisation_webhooks()
    notify.channels[routing.WEBHOOK] = notify.webhook_channel()
    return notify


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
