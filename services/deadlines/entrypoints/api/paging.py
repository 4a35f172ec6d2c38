"""Who may read, and pages of lists in the order of due times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.deadlines.adapters import queries
from shared.web import Caller, FieldError, Problem, allow, decode_cursor, encode_cursor, next_link

Staff = Annotated[Caller, allow("practitioner", "manager", "ops")]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows a page.")]


def page_of(request: Request, response: Response, found: Sequence[queries.Row], limit: int) -> Sequence[queries.Row]:
    """The page, and the Link header where there is more."""
    page = found[:limit]
    if len(found) > limit:
        last = page[-1]
        cursor = encode_cursor({"due": last["due_at"].isoformat(), "id": str(last["id"])})
        response.headers.update(next_link(request, cursor))
    return page


def position_from(cursor: str | None) -> queries.Position | None:
    """Where the page before ended. Raises Problem for a cursor that is not one of ours."""
    if cursor is None:
        return None
    read = decode_cursor(cursor, keys={"due", "id"})
    try:
        return _in_utc(str(read["due"])), UUID(str(read["id"]))
    except (ValueError, OverflowError):
        raise Problem(400, "cursor_invalid", detail="Use the address in the Link header as it is.") from None


def _in_utc(text: str) -> datetime:
    """The time; raises ValueError where it is none or has no zone, OverflowError outside UTC's range."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)


def not_valid(field: str, code: str, detail: str) -> Problem:
    """What is wrong with a query parameter, as an answer."""
    return Problem(422, "not_valid", detail=detail, errors=[FieldError(f"/{field}", code, detail, "query")])
