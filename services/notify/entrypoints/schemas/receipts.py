"""A receipt as GOV.UK Notify sends it. What else it sends, the recipient's address among it, is not read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_ID = "740e5834-3a29-46b4-9a6f-16142fde533a"
_REFERENCE = "5b0c2b1e-8f1d-5a55-9c0a-2d8a5a4f6e01"


class GovukReceiptIn(BaseModel):
    """What came of one notification."""

    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        frozen=True,
        json_schema_extra={"examples": [{"id": _ID, "reference": _REFERENCE, "status": "delivered"}]},
    )

    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,60}$", description="The provider's own name for it.")]
    reference: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="Our message's id; none for what others sent."
    )
    status: Annotated[str, Field(pattern=r"^[a-z-]{1,40}$")]
    notification_type: Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")] | None = Field(
        None, examples=["email"], description="By which of its channels."
    )
