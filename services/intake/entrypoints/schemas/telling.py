"""What is sent and answered when more is told of a contact. A withdrawal and a challenge are strict; no machine reads
their words.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.web import Id, StrictBody

from .answer_examples import CHALLENGED, INFORMED, WITHDRAWN
from .answers import SubjectNamed, WarningOut
from .examples import CHALLENGE, WITHDRAWAL

Words = Annotated[str, Field(min_length=1, max_length=20_000)]
PackCode = Annotated[str, Field(min_length=1, max_length=64)]


class WithdrawalIn(StrictBody):
    """The referrer would take it back. That is information: it changes no rating, clock or stage."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [WITHDRAWAL]})

    reason_code: PackCode = Field(description="One of the policy's reasons.")
    words: Words | None = None


class ChallengeIn(StrictBody):
    """The referrer disagrees with a decision; a manager who did not decide answers."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [CHALLENGE]})

    ground: PackCode = Field(description="One of the policy's grounds.")
    words: Words
    subject_ids: Annotated[list[Id], Field(max_length=100)] = Field(
        default=[], description="The subjects it is about; none named: all."
    )


class InformationAccepted(BaseModel):
    """The addition is kept; what it changes is said."""

    model_config = INFORMED

    information_id: UUID = Field(examples=["0b64a6cb-7f1c-4a3c-a2f5-0a7c0f1d2e3f"])
    added_at: AwareDatetime = Field(examples=["2026-11-20T15:00:00Z"])
    subjects: list[SubjectNamed] = Field(description="All subjects, the new included.")
    warnings: list[WarningOut] = []


class WithdrawalAccepted(BaseModel):
    """It is kept, and a person reads it."""

    model_config = WITHDRAWN

    withdrawal_id: UUID = Field(examples=["0b64a6cb-7f1c-4a3c-a2f5-0a7c0f1d2e3f"])
    requested_at: AwareDatetime = Field(examples=["2026-11-20T15:00:00Z"])


class ChallengeAccepted(BaseModel):
    """It is kept, and a manager answers it."""

    model_config = CHALLENGED

    challenge_id: UUID = Field(examples=["0b64a6cb-7f1c-4a3c-a2f5-0a7c0f1d2e3f"])
    challenged_at: AwareDatetime = Field(examples=["2026-11-20T15:00:00Z"])
    subject_ids: list[UUID] = Field(examples=[["6a1f0a52-0c5e-4c55-9f3f-7f1f6f0f2b10"]])
