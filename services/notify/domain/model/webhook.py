"""A partner's webhook: where it listens, what it asked to hear, with which secrets we sign, and whether we send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


class EventType(StrEnum):
    """What a partner is told by webhook: the words of intake's timeline, and no more than those."""

    RECEIVED = "contact.received"  # the contact is kept
    ACKNOWLEDGED = "contact.acknowledged"  # the referrer has our reference
    OPENED = "contact.opened"  # somebody is looking
    QUESTION_ASKED = "contact.information_requested"  # the referrer is asked for more; which questions, intake says
    CHECKS_UNDER_WAY = "contact.checks_under_way"  # agencies are asked; which, is not the partner's
    DECIDED = "contact.decided"  # a subject is decided, or decided anew; never how
    INFORMED = "contact.informed"  # the referrer has been told of the decision
    CHALLENGE_ANSWERED = "contact.challenge_answered"  # a challenge is answered; never how
    CLOSED = "contact.closed"  # the front door's work is done
    REOPENED = "contact.reopened"  # it is with staff again
    MESSAGE = "message.available"  # there is a message for the referrer
    PING = "webhook.ping"  # a test that the partner asked for; sent whatever was subscribed to


SUBSCRIBABLE: Final = tuple(kind for kind in EventType if kind is not EventType.PING)


class WebhookState(StrEnum):
    """Whether we send."""

    ACTIVE = "active"  # what is due is sent
    DISABLED = "disabled"  # nothing is sent; what happens meanwhile is kept for when it is enabled again


class WhyDisabled(StrEnum):
    """Why we stopped."""

    GONE = "gone"  # the receiver answered 410: it wants no more
    FAILING = "failing"  # nothing was accepted for days


FAILING_FOR: Final = timedelta(days=5)
"""So long without one acceptance, and the webhook is disabled: somebody at the partner has to look."""
OLD_SECRET_LIVES: Final = timedelta(hours=24)
"""How long both secrets sign after a rotation, so that a partner changes over without losing an event."""


class WebhookNotAllowed(Exception):
    """The webhook's state does not allow this; ``allowed`` says what it does."""

    def __init__(self, code: str, state: WebhookState, allowed: str) -> None:
        super().__init__(code)
        self.code = code
        self.state = state
        self.allowed = allowed


@dataclass(slots=True, kw_only=True)
class Webhook:
    """One registration. All times are real time. The address and the secrets are sealed wherever they are kept."""

    id: UUID
    organisation: str
    url: str
    events: tuple[str, ...]
    secret: str
    created_at: datetime
    created_by: str
    old_secret: str | None = None
    old_secret_until: datetime | None = None
    state: WebhookState = WebhookState.ACTIVE
    reason: WhyDisabled | None = None
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    accepted_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether we send."""
        return self.state is WebhookState.ACTIVE

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign now, the newest first."""
        old = self.old_secret if self.old_secret_until is not None and now < self.old_secret_until else None
        return (self.secret,) if old is None else (self.secret, old)

    def rotate(self, secret: str, now: datetime) -> None:
        """A new secret; the one before signs beside it for a day. One that was still older signs no more."""
        self.old_secret, self.old_secret_until = self.secret, now + OLD_SECRET_LIVES
        self.secret = secret

    def took(self, at: datetime) -> None:
        """The receiver has accepted something."""
        self.failing_since, self.accepted_at = None, at

    def failed(self, at: datetime) -> None:
        """It has not."""
        self.failing_since = self.failing_since or at

    def failing_too_long(self, now: datetime) -> bool:
        """Whether nothing has been accepted for so long that we stop."""
        return self.active and self.failing_since is not None and now - self.failing_since >= FAILING_FOR

    def disable(self, reason: WhyDisabled, at: datetime) -> bool:
        """We stop sending. False where we had."""
        if not self.active:
            return False
        self.state, self.reason, self.disabled_at = WebhookState.DISABLED, reason, at
        return True

    def enable(self) -> None:
        """We send again. Raises WebhookNotAllowed."""
        if self.active:
            raise WebhookNotAllowed("already_enabled", self.state, "delete, ping, replay, rotate the secret")
        self.state, self.reason, self.disabled_at, self.failing_since = WebhookState.ACTIVE, None, None, None
