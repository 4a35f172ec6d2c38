"""Clock changes as they are committed: server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from services.deadlines.adapters.channels.listeners import Listener, TooManyListeners, TooManyOfYours
from services.deadlines.adapters.queries.stream import CursorOutlived, CursorUnreadable, Position, refuse_unreadable
from services.deadlines.bootstrap import Deadlines
from shared.web import Caller, FieldError, Problem, note_look, problem_for
from shared.web.event_stream import EventStream

from .paging import Staff

EXAMPLE = """\
id: 1795190400~781:781:~783:783:~5f0c6a527d0b5c1f8a520d7f5d1c9c11~4
event: breached
data: {"event_id":"…","type":"DeadlineBreached","time":"…","contact_id":"…","sequence":4,"data":{"reference":"…"}}

"""
DESCRIPTION = (
    "Each transition of a clock as it is committed: `set`, `approaching`, `escalated`, `met`, `breached`, `cancelled`,"
    " with the data of the event of that name. A contact's events come in their order. `Last-Event-ID` reads on after"
    " that event, without loss, for thirteen days; without it the stream begins now. A comment comes every 15 seconds."
    " The stream ends with an event `end` that says why (`token_expired`, `stopping`, `too_slow`): come back with the"
    " last id and a token that holds."
)
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}}}
}
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", description="The id of the last event received.")]


def router(deadlines: Deadlines) -> APIRouter:
    """The route of the stream."""
    routes = APIRouter(prefix="/v1", tags=["watching"])

    @routes.get(
        "/deadlines/stream",
        response_class=Response,
        summary="Clock changes as they happen",
        description=DESCRIPTION,
        responses=STREAM,
    )
    async def get_stream(request: Request, caller: Staff, last_event_id: LastEventId = None) -> Response:
        after = await _position(deadlines, last_event_id)
        listener = await _join(deadlines, caller, after)
        try:
            async with deadlines.work() as work:
                await note_look(work, request, caller, action="deadlines.stream", contact_ids=[], outcome="opened")
                await work.commit()
        except BaseException:
            deadlines.listeners.leave(listener)
            raise
        frames = listener.frames(deadlines.platform.engine, lives_seconds=caller.seconds_left)
        return EventStream(frames, on_end=lambda: deadlines.listeners.leave(listener))

    return routes


async def _position(deadlines: Deadlines, text: str | None) -> Position | None:
    if not text:
        return None
    try:
        position = Position.read(text)
        await refuse_unreadable(deadlines.platform.engine, position)
    except CursorUnreadable:
        raise _not_ours("cursor_invalid", "Send the id of the last event as it was received.") from None
    except CursorOutlived:
        detail = "What followed it is no longer kept: read /v1/deadlines, and listen without Last-Event-ID."
        raise _not_ours("cursor_outlived", detail) from None
    return position


def _not_ours(code: str, detail: str) -> Problem:
    return Problem(400, code, detail=detail, errors=[FieldError("/Last-Event-ID", code, detail, "header")])


async def _join(deadlines: Deadlines, caller: Caller, after: Position | None) -> Listener:
    try:
        return await deadlines.listeners.join(caller.key, after)
    except TooManyOfYours:
        detail = "You listen as often as one caller may; close a connection first."
        raise Problem(429, "too_many_streams", detail=detail, headers={"Retry-After": "15"}) from None
    except TooManyListeners:
        raise problem_for(503, {"Retry-After": "15"}) from None
