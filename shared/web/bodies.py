"""What request bodies are made of. Staff writes are strict: no guessing of types, no member that nobody knows."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError


def _only_text(value: Any) -> Any:
    # pydantic would take 0 for 1 January 1970
    if isinstance(value, int | float):
        raise PydanticCustomError("text_needed", "Must be a text, not a number.")
    return value


def _in_utc(moment: datetime) -> datetime:
    # an offset may lead out of the years 1 to 9999, and no database or calendar knows of a time there
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("out_of_range", "Must lie within the years 1 to 9999 in UTC.") from None


AtUtc = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A point in time as a parameter says it, with its zone; in UTC from here on."""
# Strictness speaks of Python types, which JSON has not; these are texts in JSON and are read from them.
Id = Annotated[UUID, Field(strict=False), BeforeValidator(_only_text)]
Moment = Annotated[AtUtc, Field(strict=False), BeforeValidator(_only_text)]
Day = Annotated[date, Field(strict=False), BeforeValidator(_only_text)]


class StrictBody(BaseModel):
    """A request body: types as written, unknown members refused. For times, dates and ids use Moment, Day and Id."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
