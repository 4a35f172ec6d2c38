"""How contacts ended, as it is shown."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CountOut(BaseModel):
    """One count. Null: withheld, because so few could be known by it."""

    code: str = Field(examples=["signpost"])
    name: str = Field(examples=["Signposted to services"])
    children: int | None = Field(examples=[12])


class EndingsOut(BaseModel):
    """The children of a month's contacts by what became of them; a child may have several reasons."""

    contacts: int = Field(examples=[31])
    children: int = Field(examples=[47])
    by_outcome: list[CountOut]
    by_level: list[CountOut]
    by_rating: list[CountOut]
    by_reason: list[CountOut]


class OrganisationEndings(BaseModel):
    """One organisation's contacts, beside all of its kind (one group of the DfE's source codes), and all."""

    month: str = Field(examples=["2026-11"])
    policy: str = Field(examples=["southampton-pathways-2021@1"])
    complete: bool = Field(examples=[True])
    organisation_id: str = Field(examples=["school-1"])
    kind: str | None = Field(description="Null where it sent nothing.", examples=["2"])
    kind_name: str | None = Field(examples=["Schools and education services"])
    own: EndingsOut
    all_of_kind: EndingsOut | None = Field(description="For a partner once the month is over, few counts withheld.")
    everybody: EndingsOut | None = Field(description="For the hub only.")
    note: str | None = Field(description="Why something is not shown.", examples=[None])


class OrganisationLine(BaseModel):
    """One organisation of a month."""

    organisation_id: str = Field(examples=["school-1"])
    kind: str = Field(examples=["2"])
    kind_name: str = Field(examples=["Schools and education services"])
    contacts: int = Field(examples=[31])
    children: int = Field(examples=[47])
    by_outcome: list[CountOut]


class OrganisationList(BaseModel):
    """A page of the organisations that sent contacts in a month; the Link header names the next page."""

    month: str = Field(examples=["2026-11"])
    policy: str = Field(examples=["southampton-pathways-2021@1"])
    complete: bool = Field(examples=[True])
    organisations: list[OrganisationLine]
