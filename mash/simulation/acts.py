"""One act of a plan: who does what about which contact, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Do(StrEnum):
    """What is done; each is one request."""

    TELL = "tell"
    """A contact is posted."""
    INFORMATION = "information"
    WITHDRAWAL = "withdrawal"
    CHALLENGE = "challenge"
    LINK = "link"
    """Of a duplicate: staff link it to the contact that tells the same."""
    OPEN = "open"
    RATING = "rating"
    CHECK = "check"
    CHECK_ANSWER = "check_answer"
    DISCUSSION = "discussion"
    DECISION = "decision"
    AUTHORISATION = "authorisation"
    MILESTONE = "milestone"
    CHALLENGE_ANSWER = "challenge_answer"
    CLOSURE = "closure"


WORKER, MANAGER, OTHER_MANAGER = "duty.worker", "duty.manager", "other.manager"
STAFF: Mapping[str, str] = {WORKER: "practitioner", MANAGER: "manager", OTHER_MANAGER: "manager"}
"""Members of staff, and their roles."""
CASE_SYSTEM = "case-system"
"""A service: it says what becomes of children after hand-over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """`by` is a member of staff, the case system, or else the organisation whose system sends it.

    `fields` are the request's body without the ids that only answers tell; `subject` stands for one of them.
    """

    at: datetime
    contact: int
    do: Do
    by: str
    subject: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    in_batch: bool = False
    heard_within: timedelta | None = None
    """A clock waits for it that ends no sooner than so long after it."""

    def line(self) -> dict[str, Any]:
        """The act as a line of the plan says it."""
        return {
            "at": spoken(self.at),
            "contact": self.contact,
            "do": self.do.value,
            "by": self.by,
            "subject": self.subject,
            "in_batch": self.in_batch,
            "fields": self.fields,
        }


def spoken(at: datetime) -> str:
    """A moment as JSON says it."""
    return at.isoformat().replace("+00:00", "Z")
