"""Templates as they are shown and changed. Their words are ours: nothing about anybody stands in them."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, Field

from services.notify.domain.policy.templates import Audience
from shared.web import StrictBody

_HASH: Final = "9f2c41d07a3b"
_AT: Final = "2026-11-20T10:00:00Z"
_TEXT: Final = (
    "We have received your message {{ reference }}\n"
    "Thank you. We received your message on {{ received }}.\n\n"
    "Our reference: {{ reference }}\n"
    "If somebody is in danger now, phone 999. For anything else phone us on {{ phone }}.\n"
)


class TemplateOut(BaseModel):
    """One template: to whom it goes, what it may say, and which words are in force."""

    name: str = Field(examples=["public-receipt"])
    audience: Audience = Field(examples=["public"])
    version: int = Field(examples=[1], description="0: never changed here.")
    shipped: bool = Field(examples=[False], description="Whether the words that this release ships are in force.")
    hash: str = Field(examples=[_HASH], description="As attempts keep it: which words went out.")
    values: list[str] = Field(examples=[["phone", "received", "reference", "sender_reference"]])
    subject_values: list[str] = Field(examples=[["reference"]], description="Of these, what the first line may use.")
    tells_outcome: bool = Field(examples=[False])
    changed_at: AwareDatetime | None = Field(None, examples=[_AT])
    changed_by: str | None = Field(None, examples=["duty.manager"])


class TemplateVersionOut(BaseModel):
    """A version that was, or is, in force."""

    version: int = Field(examples=[1])
    shipped: bool = Field(examples=[False], description="Back to the shipped words, whichever those are.")
    hash: str | None = Field(None, examples=[_HASH])
    changed_at: AwareDatetime = Field(examples=[_AT])
    changed_by: str = Field(examples=["duty.manager"])


class TemplateTextOut(BaseModel):
    """A text that was in force at some time: what an attempt with this hash said."""

    hash: str = Field(examples=[_HASH])
    text: str = Field(examples=[_TEXT])
    first_at: AwareDatetime = Field(examples=[_AT])


class TemplateList(BaseModel):
    """All templates."""

    templates: list[TemplateOut]


class ReadingOut(BaseModel):
    """How easy it is to read, measured with the first sample. Not plain: think again; it is taken all the same."""

    mean_words: float = Field(examples=[9.5], description="Words in a sentence, on average.")
    longest: int = Field(examples=[18], description="Words in the longest sentence.")
    plain: bool = Field(examples=[True])


class TemplateDetail(TemplateOut):
    """One template with its text, and every text and version before."""

    text: str = Field(examples=[_TEXT], description="The first line is the subject.")
    reading: ReadingOut
    samples: list[str] = Field(examples=[["usual", "without_your_reference"]])
    history: list[TemplateVersionOut]
    texts: list[TemplateTextOut]


class TemplateIn(StrictBody):
    """New words for a template. The first line is the subject."""

    text: Annotated[str, Field(min_length=1, max_length=20_000, examples=[_TEXT])]


class PreviewIn(StrictBody):
    """What to show: the words in force, or others that are not kept; with one sample, or with all."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)] | None = Field(None, examples=[_TEXT])
    sample: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = Field(None, examples=["usual"])


class PreviewedOut(BaseModel):
    """The letter as its reader would have it, about an invented contact."""

    sample: str = Field(examples=["usual"])
    subject: str = Field(examples=["We have received your message MASH-7K3P-2QF9-5"])
    body: str = Field(examples=["Thank you. We received your message on Friday 20 November 2026 at 12:00.\n"])


class PreviewOut(BaseModel):
    """The letter with each sample asked for."""

    hash: str = Field(examples=[_HASH])
    reading: ReadingOut
    letters: list[PreviewedOut]
