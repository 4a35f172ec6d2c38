"""Bodies for opening again what was closed, and for answering a challenge."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.web import StrictBody

from .bodies import Code, Words


class ReopeningBody(StrictBody):
    """Why it must be open again, by code for others and in words for staff."""

    reason: Literal["new_information", "closed_in_error", "challenge_upheld", "other"]
    note: Words

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "closed_in_error", "note": "The second child was overlooked."}]}
    )


class ChallengeAnswerBody(StrictBody):
    """The answer. Of it the referrer may be told the result and the pack's reason codes, never the words."""

    result: Literal["upheld", "partly_upheld", "not_upheld"]
    reason_codes: Annotated[list[Code], Field(max_length=30, default_factory=list)]
    answer: Words

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "result": "not_upheld",
                    "reason_codes": ["concern_not_borne_out"],
                    "answer": "The injury was seen by a paediatrician, who found it consistent with the account.",
                }
            ]
        }
    )
