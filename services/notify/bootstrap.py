"""Wires a notify process by hand, once."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from services.notify.adapters.channels.address_book import IntakeAddressBook
from services.notify.adapters.channels.alert_courier import AlertCourier
from services.notify.adapters.channels.courier import Courier
from services.notify.adapters.channels.letters import LetterTemplates
from services.notify.adapters.channels.mail import Sender
from services.notify.adapters.channels.mailbox import Mailbox, MailboxChannel
from services.notify.adapters.channels.smtp import SmtpChannel, SmtpServer
from services.notify.adapters.channels.webhook import OrganisationWebhooks, WebhookChannel
from services.notify.adapters.channels.webhook_guard import Guard, SystemResolver
from services.notify.adapters.channels.webhook_post import WebhookPost
from services.notify.adapters.channels.webhook_sender import WebhookSender
from services.notify.adapters.repositories import NotifyUnitOfWork, PackShelf, Store
from services.notify.application.commands.alerting import Ways
from services.notify.application.ports import Channel
from services.notify.domain.model import EMAIL
from services.notify.domain.policy.rota import without_team
from services.notify.settings import NotifySettings
from shared.database.table_keys import table_cipher
from shared.policy.holidays import days_off
from shared.service import Platform, open_platform


@dataclass(kw_only=True)
class Notify:
    """A notify process."""

    platform: Platform
    settings: NotifySettings
    store: Store
    letters: LetterTemplates
    mailbox: Mailbox | None
    """The folder of the embedded run; None where mail really goes out."""
    webhook_post: WebhookPost

    def organisation_webhooks(self) -> OrganisationWebhooks:
        """Which organisations take their messages by webhook."""
        return OrganisationWebhooks(self.work)

    def webhook_channel(self) -> WebhookChannel:
        """The channel whose addresses are organisations."""
        return WebhookChannel(
            self.webhook_post,
            self.organisation_webhooks(),
            intake_url=self.settings.common.intake_url,
            clock=self.platform.clock,
        )

    def webhook_sender(self) -> WebhookSender:
        """What carries events to partners' webhooks. Whoever runs it closes it."""
        platform = self.platform
        return WebhookSender(
            open_work=self.work,
            post=self.webhook_post,
            intake_url=self.settings.common.intake_url,
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

    def courier(self, channel: Channel | None = None) -> Courier:
        """What carries messages out; ``channel`` instead of the one that the settings name."""
        settings, platform = self.settings, self.platform
        return Courier(
            open_work=self.work,
            channel=channel or make_channel(self),
            address_book=IntakeAddressBook(
                platform.http,
                intake_url=settings.common.intake_url,
                client_id=settings.client_id,
                client_secret=settings.client_secret,
                clock=platform.clock,
            ),
            packs=self.store.packs,
            templates=self.letters,
            phone=settings.phone,
            blind_index=platform.blind_index,
            metrics=platform.metrics,
            clock=platform.clock,
            new_token=uuid4,
            chance=random.random,
        )

    def alert_courier(self, channels: Mapping[str, Channel] | None = None) -> AlertCourier:
        """What carries alerts to staff; ``channels`` instead of those that the settings name."""
        settings, platform = self.settings, self.platform
        ways = channels or {EMAIL: make_channel(self)}
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
            notify = Notify(
                platform=platform,
                settings=settings,
                store=Store(
                    database=platform.database,
                    packs=PackShelf(platform.pack, settings.common.policies_directory),
                    rota_cipher=rota_cipher,
                    webhook_cipher=webhook_cipher,
                    days_off=days_off(settings.common.policies_directory, platform.pack.calendar.holidays),
                ),
                letters=LetterTemplates(settings.templates_folder),
                mailbox=Mailbox(settings.mailbox_folder) if settings.channel == "mailbox" else None,
                webhook_post=WebhookPost(Guard(resolver, settings.webhook_allow_private)),
            )
            platform.own_checks["duty_teams"] = notify.every_role_has_a_team
            yield notify


def make_channel(notify: Notify) -> Channel:
    """The channel that the settings name."""
    settings = notify.settings
    sender = Sender(name=settings.mail_from_name, address=settings.mail_from)
    if settings.channel == "mailbox":
        return MailboxChannel(settings.mailbox_folder, sender, notify.platform.clock)
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password,
        timeout_seconds=settings.smtp_timeout_seconds,
    )
    return SmtpChannel(server, sender, notify.platform.clock)
