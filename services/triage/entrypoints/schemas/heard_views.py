"""What others told of a case, as the API shows it. Ids, codes and counts; an answer's words are staff's own."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class _View(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class LinkView(_View):
    """A link to another contact, and what this one is in it: primary, duplicate or peer."""

    link_id: UUID
    version: int
    relation: str
    role: str
    other_contact_id: UUID
    linked_at: datetime
    reason_code: str
    unlinked_at: datetime | None
    unlinked_reason: str | None


class ChallengeView(_View):
    """The referrer disagrees; result null: no manager has answered yet."""

    challenge_id: UUID
    challenged_at: datetime
    reason_code: str
    subject_ids: list[UUID]
    result: str | None
    reason_codes: list[str]
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


class WithdrawalView(_View):
    """The referrer would take it back: information, and no more."""

    withdrawal_id: UUID
    requested_at: datetime
    reason_code: str


class RelatedView(_View):
    """Another contact's subject, and what they are to this one; probable: a proposal for a person."""

    contact_id: UUID
    subject_id: UUID
    relation: str
    certainty: str


class HistoryView(_View):
    """What was known already of a subject. ``probable`` counts what is confirmed and what is proposed together."""

    version: int
    confirmed: dict[str, int]
    probable: dict[str, int]
    related: list[RelatedView]
