"""Partners' webhooks as they are registered and shown. A secret stands in the answer that made it, and nowhere else."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.notify.domain.model.webhook import WebhookState, WhyDisabled
from services.notify.domain.policy.webhook_urls import MOST_URL_CHARACTERS
from shared.web import Moment, StrictBody

_ID = "8d0a2f6e-3c1b-5e77-9b7e-2f4f1f0c9a21"
_EVENT = "1f7b4f0e-7a1d-5b52-8a61-0d9c2f6b7e10"
_AT = "2026-11-20T10:00:05Z"
_SECRET = "whsec_" + "A" * 43 + "="
Subscribed = Literal[
    "contact.received",
    "contact.acknowledged",
    "contact.opened",
    "contact.information_requested",
    "contact.checks_under_way",
    "contact.decided",
    "contact.informed",
    "contact.challenge_answered",
    "contact.closed",
    "contact.reopened",
    "message.available",
]
SUBSCRIBED: tuple[str, ...] = get_args(Subscribed)
_EXAMPLE: dict[str, Any] = {
    "url": "https://example.org/mash-events",
    "events": ["contact.information_requested", "contact.decided"],
}


class WebhookIn(StrictBody):
    """Where you listen, and for what."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    url: Annotated[str, Field(min_length=1, max_length=MOST_URL_CHARACTERS)] = Field(
        examples=[_EXAMPLE["url"]], description="https, a public name, port 443 or 8443."
    )
    events: Annotated[list[Subscribed], Field(min_length=1, max_length=50)] = Field(examples=[_EXAMPLE["events"]])


class WebhookOut(BaseModel):
    """A webhook. To staff only its host is shown: an address may hold a token."""

    id: UUID = Field(examples=[_ID])
    organisation: str = Field(examples=["school-1"])
    url: str = Field(examples=[_EXAMPLE["url"]])
    events: list[str] = Field(examples=[_EXAMPLE["events"]])
    state: WebhookState = Field(examples=["active"])
    reason: WhyDisabled | None = Field(None, examples=[None], description="Why it is disabled.")
    created_at: AwareDatetime = Field(examples=["2026-11-20T10:00:00Z"])
    disabled_at: AwareDatetime | None = Field(None, examples=[None])
    failing_since: AwareDatetime | None = Field(None, examples=[None], description="Since when nothing was accepted.")
    accepted_at: AwareDatetime | None = Field(None, examples=[_AT], description="When it last accepted something.")
    old_secret_until: AwareDatetime | None = Field(None, examples=[None], description="Until when both secrets sign.")
    waiting: int = Field(0, examples=[0], description="Events on their way to it.")
    given_up: int = Field(0, examples=[0], description="Not taken within five days; a replay sends them again.")


class WebhookMade(WebhookOut):
    """The new webhook and its secret, which is shown this once."""

    secret: str = Field(examples=[_SECRET])


class WebhookList(BaseModel):
    """Webhooks, in the order they were made."""

    webhooks: list[WebhookOut]


class SecretOut(BaseModel):
    """The new secret, shown this once; the one before signs beside it for a while."""

    secret: str = Field(examples=[_SECRET])
    old_secret_until: AwareDatetime = Field(examples=["2026-11-21T10:00:00Z"])


class PingOut(BaseModel):
    """A test event is on its way, under this id; what came of it stands among the attempts."""

    event_id: UUID = Field(examples=[_EVENT])


class ReplayIn(StrictBody):
    """Send again what was made since then."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [{"since": "2026-11-20T10:00:00Z"}]}
    )

    since: Moment = Field(examples=["2026-11-20T10:00:00Z"], description="At most 30 days back.")


class ReplayOut(BaseModel):
    """How many events are sent again, under the ids they had."""

    replayed: int = Field(examples=[12])
    more_since: AwareDatetime | None = Field(None, examples=[None], description="Ask again from here: there is more.")


class WebhookAttemptOut(BaseModel):
    """One try. Without an end it was cut off: you may have had it."""

    event_id: UUID = Field(examples=[_EVENT], description="The webhook-id that was sent.")
    type: str = Field(examples=["contact.decided"])
    number: int = Field(examples=[1])
    started_at: AwareDatetime = Field(examples=[_AT])
    ended_at: AwareDatetime | None = Field(None, examples=[_AT])
    outcome: str | None = Field(None, examples=["accepted"], description="accepted, later, slowly or gone.")
    code: str | None = Field(None, examples=["http_204"])


class WebhookAttemptList(BaseModel):
    """A page of attempts, newest first."""

    attempts: list[WebhookAttemptOut]
