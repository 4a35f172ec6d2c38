"""The forms that the YAML of a policy pack is made of."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Code: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)]
Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=600)]
Positive: TypeAlias = Annotated[int, Field(gt=0)]


class Strict(BaseModel):
    """Unknown fields, wrong types and missing fields are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
