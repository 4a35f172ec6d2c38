"""What notify says."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from .envelope import EventData, Moment, OpenEnum, Part


class Proof(OpenEnum):
    """What proves that somebody was told."""

    ACCEPTED = "accepted"
    ATTESTED = "attested"
    OTHER = "other"


class Delivery(Part):
    """One accepted message: its id, how it went out, what proves it, and when.

    ``receipt``: what a provider that only passes messages on reported of it, without which its own acceptance would
    prove nothing; None where the acceptance is the proof.
    """

    message_id: UUID
    channel: str
    proof: Proof
    at: Moment
    receipt: str | None = None


class ReferrerAcknowledged(EventData):
    """The referrer has been sent our reference."""

    producer: ClassVar[str] = "notify"

    reference: str
    delivery: Delivery


class ReferrerInformed(EventData):
    """The referrer has been told of the decision, with proof.

    ``decisions`` says which decision version of which subject the message told; ``complete`` is true when every subject
    was decided in it.
    """

    producer: ClassVar[str] = "notify"

    reference: str
    delivery: Delivery
    decisions: dict[UUID, int]
    complete: bool


class DeliveryFailed(EventData):
    """A message could not be delivered and a person must act; never a silent end."""

    producer: ClassVar[str] = "notify"

    reference: str
    message_id: UUID
    purpose: str
    channel: str
    reason_code: str
    attempts: int


class StaffAlerted(EventData):
    """A member of staff on duty was alerted: ``rung`` of the ladder, because of what, about which clock."""

    producer: ClassVar[str] = "notify"

    reference: str
    delivery: Delivery
    rung: str
    because: str
    deadline_id: UUID | None = None
