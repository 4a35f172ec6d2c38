"""Notify's settings: those all services share, and how people are reached."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from services.notify.domain.policy.webhook_urls import AllowedPrivate
from shared.service import ROOT, CommonSettings
from shared.settings import Environment, Secret, SettingInvalid

SENDERS = ("mailbox", "smtp", "govuk-notify")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LEAST_TOKEN_CHARACTERS = 32


@dataclass(frozen=True, kw_only=True)
class GovukNotifySettings:
    """How GOV.UK Notify is reached. Without a template of a kind there are no messages of that kind."""

    url: str
    api_key: Secret
    email_template_id: str | None
    sms_template_id: str | None
    callback_token: Secret | None
    """What its receipts must bring; without one none is taken, and receipts are asked for."""

    @classmethod
    def read(cls, env: Environment) -> Self:
        """Reads them. Raises SettingMissing or SettingInvalid."""
        token = env.optional("MASH_GOVUK_NOTIFY_CALLBACK_TOKEN")
        if token is not None and len(token) < _LEAST_TOKEN_CHARACTERS:
            raise SettingInvalid("MASH_GOVUK_NOTIFY_CALLBACK_TOKEN must have 32 characters or more")
        return cls(
            url=env.text("MASH_GOVUK_NOTIFY_URL", "https://api.notifications.service.gov.uk"),
            api_key=env.secret("MASH_GOVUK_NOTIFY_API_KEY"),
            email_template_id=_template(env.optional("MASH_GOVUK_NOTIFY_EMAIL_TEMPLATE_ID")),
            sms_template_id=_template(env.optional("MASH_GOVUK_NOTIFY_SMS_TEMPLATE_ID")),
            callback_token=Secret(token) if token else None,
        )


def _template(text: str | None) -> str | None:
    if text is not None and _UUID.fullmatch(text) is None:
        raise SettingInvalid("MASH_GOVUK_NOTIFY_EMAIL_TEMPLATE_ID and _SMS_TEMPLATE_ID must be templates' ids (UUIDs)")
    return text


@dataclass(frozen=True, kw_only=True)
class NotifySettings:
    """Every knob of notify. Times are in seconds."""

    common: CommonSettings
    client_id: str
    client_secret: Secret
    channel: str
    """What carries messages out, one or several, the first that does e-mail carries it: ``smtp,govuk-notify``."""
    mailbox_folder: Path
    templates_folder: Path
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_username: str | None
    smtp_password: Secret | None
    smtp_timeout_seconds: float
    mail_from: str
    mail_from_name: str
    duty_team_address: str
    phone: str
    staff_url: str
    """Where staff look at a contact; ``{contact_id}`` is put in."""
    webhook_allow_private: AllowedPrivate = field(default_factory=AllowedPrivate)
    """Where webhooks may lead beside the public Internet."""
    govuk_notify: GovukNotifySettings | None = None

    @property
    def senders(self) -> tuple[str, ...]:
        """What carries messages out, in the order given."""
        return tuple(part.strip() for part in self.channel.split(","))

    @property
    def reaches(self) -> frozenset[str]:
        """The channels that this deployment has."""
        sms = self.govuk_notify is not None and self.govuk_notify.sms_template_id is not None
        return frozenset({"email", "webhook"} | ({"sms"} if sms else set()))

    @classmethod
    def read(cls, env: Environment) -> Self:
        """Reads them. Raises SettingMissing or SettingInvalid, naming the variable and what it must be."""
        common = CommonSettings.read(env, "notify")
        channel = env.text("MASH_NOTIFY_CHANNEL", "smtp")
        govuk_notify = _govuk_notify(env, common, channel)
        data = Path(env.text("MASH_DATA_DIR", str(ROOT / "data")))
        password = env.optional("MASH_SMTP_PASSWORD")
        # No default in production: alerts that end at nobody's address would be the silence we promise not to keep.
        invented = {} if common.environment == "production" else {"default": "duty@example.org"}
        team = env.text("MASH_DUTY_TEAM_ADDRESS", **invented)
        if team.count("@") != 1:
            raise SettingInvalid("MASH_DUTY_TEAM_ADDRESS must be an e-mail address: it is where every alert ends")
        return cls(
            common=common,
            client_id=env.text("MASH_NOTIFY_CLIENT_ID"),
            client_secret=env.secret("MASH_NOTIFY_CLIENT_SECRET"),
            channel=channel,
            govuk_notify=govuk_notify,
            mailbox_folder=Path(env.text("MASH_MAILBOX_DIR", str(data / "mailbox"))),
            templates_folder=Path(__file__).parent / "templates",
            smtp_host=env.text("MASH_SMTP_HOST", "127.0.0.1"),
            smtp_port=env.integer("MASH_SMTP_PORT", 587, minimum=1, maximum=65535),
            smtp_security=env.choice("MASH_SMTP_SECURITY", ("starttls", "tls", "none"), default="starttls"),
            smtp_username=env.optional("MASH_SMTP_USERNAME"),
            smtp_password=Secret(password) if password else None,
            smtp_timeout_seconds=env.number("MASH_SMTP_TIMEOUT_SECONDS", 15, minimum=1, maximum=30),
            mail_from=env.text("MASH_MAIL_FROM", "front-door@example.org"),
            mail_from_name=env.text("MASH_MAIL_FROM_NAME", "MASH front door"),
            duty_team_address=team,
            phone=env.text("MASH_PHONE", "01632 960000"),
            staff_url=env.text("MASH_STAFF_URL", "http://127.0.0.1:8002/v1/triage/{contact_id}"),
            webhook_allow_private=_allowed(env, production=common.environment == "production"),
        )


def _allowed(env: Environment, *, production: bool) -> AllowedPrivate:
    text = env.text("MASH_WEBHOOK_ALLOW_PRIVATE", "")
    try:
        return AllowedPrivate.read(text, production=production)
    except ValueError as fault:
        raise SettingInvalid(f"MASH_WEBHOOK_ALLOW_PRIVATE {fault}") from None


def _govuk_notify(env: Environment, common: CommonSettings, channel: str) -> GovukNotifySettings | None:
    senders = [part.strip() for part in channel.split(",")]
    if not set(senders) <= set(SENDERS) or len(set(senders)) < len(senders):
        raise SettingInvalid(f"MASH_NOTIFY_CHANNEL must be one of {', '.join(SENDERS)}, or several of them with commas")
    if "mailbox" in senders and common.environment == "production":
        raise SettingInvalid("MASH_NOTIFY_CHANNEL=mailbox reaches nobody: not with MASH_ENV=production")
    govuk = GovukNotifySettings.read(env) if "govuk-notify" in senders else None
    if govuk is not None and senders == ["govuk-notify"] and govuk.email_template_id is None:
        raise SettingInvalid("MASH_GOVUK_NOTIFY_EMAIL_TEMPLATE_ID must be set: alerts to duty end in an e-mail")
    return govuk


def read_settings() -> NotifySettings:
    """Reads them from this process's environment."""
    return NotifySettings.read(Environment(os.environ))
