"""Monthly measures as they are shown."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

_ID = "5f0c6a52-7d0b-5c1f-8a52-0d7f5d1c9c11"
_AT = "2026-12-01T09:00:00Z"


class MeasureOut(BaseModel):
    """One figure, with the counts it follows from."""

    code: str = Field(examples=["M3"])
    name: str = Field(examples=["New referrals as a share of contacts received"])
    unit: str = Field(description="children, contacts, % or per 10,000.", examples=["%"])
    value: int | float | None = Field(description="Two decimals, half up; null: see note.", examples=[16.35])
    numerator: int = Field(examples=[340])
    denominator: int | None = Field(description="Of a share or rate.", examples=[2080])
    basis: str | None = Field(description="How time is counted.", examples=[None])
    note: str | None = Field(description="Why there is no value, or what the population is.", examples=[None])


class EarlierFigure(BaseModel):
    """A figure that was given out and has moved since."""

    version: int = Field(description="The version of the month that said so.", examples=[1])
    published_at: AwareDatetime = Field(examples=[_AT])
    code: str = Field(examples=["M2"])
    value: int | float | None = Field(examples=[339])
    numerator: int = Field(examples=[339])
    denominator: int | None = Field(examples=[None])


class Measures(BaseModel):
    """A month's measures. While it runs they move with every event, and no version is kept."""

    month: str = Field(examples=["2026-11"])
    policy: str = Field(examples=["southampton-pathways-2021@1"])
    complete: bool = Field(description="The month is over in London.", examples=[True])
    version: int = Field(description="0 while the month runs; 1 when first given out after; one more each move.")
    restated_at: AwareDatetime | None = Field(description="When a move was first given out.", examples=[_AT])
    measures: list[MeasureOut]
    earlier: list[EarlierFigure] = Field(description="What was given out before, where it has moved.")


class SubjectBehind(BaseModel):
    """A subject behind a figure."""

    contact_id: UUID = Field(examples=[_ID])
    reference: str = Field(examples=["MASH-7K3P-2QF9-5"])
    subject_id: UUID = Field(examples=[_ID])
    in_numerator: bool = Field(examples=[True])
    in_denominator: bool | None = Field(description="Null where the measure is no share.", examples=[True])


class SubjectsBehind(BaseModel):
    """A page of the subjects behind a figure; the Link header names the next page."""

    month: str = Field(examples=["2026-11"])
    code: str = Field(examples=["M8-QL-24H"])
    erased: int = Field(description="Counted, but nothing names them any more.", examples=[0])
    subjects: list[SubjectBehind]
