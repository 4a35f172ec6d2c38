"""What intake says."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from .envelope import EventData, Moment
from .parts import Age, ContactKept, SubjectRef


class SubjectTold(SubjectRef):
    """A subject as the referrer told of them.

    ``facts`` has every answered fact by its name in the policy's closed list of facts, indicators under their codes in
    ``indicators``; ``unrecognised`` counts, by field, the values nobody recognised (the values stay in intake).
    """

    child_id: str | None
    age_at_incident: Age
    age_at_receipt: Age
    facts: dict[str, str | int]
    indicators: dict[str, str]
    unrecognised: dict[str, int] = Field(default_factory=dict[str, int])
    consent: str
    open_case: str


class ContactReceived(EventData):
    """Somebody told the front door of a worry. ``received_at`` is where the clocks start; ``accepted_at`` is when this
    contact was stored.
    """

    producer: ClassVar[str] = "intake"

    contact: ContactKept
    incident_at: Moment | None
    channel: str
    sender_grade: str | None
    subjects: tuple[SubjectTold, ...]
    follows: UUID | None = None


class ContactRestated(ContactReceived):
    """The contact's full current state said anew, because no echo of its first announcement was heard."""

    restates: ClassVar[bool] = True


class ContactErased(EventData):
    """The contact is to be forgotten: every service deletes its key, indexes, facts and event copies.

    Applied whatever was seen last, like a restatement: what a service has missed must not keep it from forgetting.
    """

    producer: ClassVar[str] = "intake"
    restates: ClassVar[bool] = True

    reason_code: str
