"""The registry: topic → who says what on it, who hears it. The one place where topics are declared."""

from __future__ import annotations

from dataclasses import dataclass

from . import deadlines, intake, notify, triage
from .envelope import EventData

SERVICES = ("intake", "triage", "deadlines", "notify")
PARTITIONS = 12
RETENTION_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic: one producer, all its events; ``consumers`` are the services that hear it."""

    name: str
    producer: str
    consumers: tuple[str, ...]
    events: tuple[type[EventData], ...]
    partitions: int = PARTITIONS
    retention_days: int = RETENTION_DAYS


TOPICS = (
    Topic(
        name="mash.intake.v1",
        producer="intake",
        consumers=("triage", "deadlines", "notify"),
        events=(
            intake.ContactReceived,
            intake.InformationAdded,
            intake.WithdrawalRequested,
            intake.DecisionChallenged,
            intake.HistoryFound,
            intake.ContactsLinked,
            intake.ContactsUnlinked,
            intake.ContactRestated,
            intake.ContactErased,
        ),
    ),
    Topic(
        name="mash.triage.v1",
        producer="triage",
        consumers=("intake", "deadlines", "notify"),
        events=(
            triage.ContactRated,
            triage.ContactOpened,
            triage.ContactAssigned,
            triage.InformationRequested,
            triage.ChecksRequested,
            triage.CheckAnswered,
            triage.DiscussionHeld,
            triage.DecisionMade,
            triage.DecisionRevised,
            triage.ChallengeAnswered,
            triage.MilestoneRecorded,
            triage.ContactClosed,
            triage.ContactReopened,
            triage.CaseRestated,
        ),
    ),
    Topic(
        name="mash.deadlines.v1",
        producer="deadlines",
        consumers=("triage", "notify"),
        events=(
            deadlines.DeadlineSet,
            deadlines.DeadlineApproaching,
            deadlines.DeadlineMet,
            deadlines.DeadlineBreached,
            deadlines.DeadlineEscalated,
            deadlines.DeadlineCancelled,
        ),
    ),
    Topic(
        name="mash.notify.v1",
        producer="notify",
        consumers=("intake", "triage", "deadlines"),
        events=(
            notify.ReferrerAcknowledged,
            notify.ReferrerInformed,
            notify.DeliveryFailed,
            notify.StaffAlerted,
        ),
    ),
)

DEAD_LETTER_TOPICS = tuple(f"mash.{service}.dead-letters.v1" for service in SERVICES)

EVENTS: dict[str, type[EventData]] = {event.ce_type(): event for topic in TOPICS for event in topic.events}
"""Every event a reader may meet, by its CloudEvents type."""

TOPIC_OF: dict[str, str] = {topic.producer: topic.name for topic in TOPICS}
"""The topic each service speaks on."""


def topics_heard_by(service: str) -> tuple[str, ...]:
    """The topics ``service`` consumes."""
    return tuple(topic.name for topic in TOPICS if service in topic.consumers)
