"""The monthly measures, as JSON and CSV, and who is behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.deadlines.adapters import queries
from services.deadlines.adapters.repositories import (
    DeadlinesUnitOfWork,
    add_publication,
    lock_month,
    published,
)
from services.deadlines.bootstrap import Deadlines
from services.deadlines.domain.model.measures import DEFINITIONS, Measure, figures
from services.deadlines.domain.model.published import Publication, figures_of, moved, next_version
from services.deadlines.entrypoints import schemas
from shared.web import FieldError, Problem, decode_cursor, encode_cursor, next_link, not_found, note_look

from .months import Month, MonthPath, month_from
from .paging import Limit, Staff
from .spreadsheet import CSV, MEDIA_TYPE, written

COLUMNS = ("month", "policy", "version", "complete", *Measure.__slots__)
FIRST = UUID(int=0)

_AS_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}


def router(deadlines: Deadlines) -> APIRouter:
    """The routes of the measures."""
    routes = APIRouter()
    for part in (_month, _behind):
        routes.include_router(part(deadlines))
    return routes


def _month(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["measures"])

    @routes.get(
        "/measures/{month}",
        summary="A month's measures; as CSV with ?format=csv or Accept: text/csv",
        response_model=schemas.Measures,
        responses=_AS_CSV,
    )
    async def get_measures(
        month: MonthPath,
        request: Request,
        caller: Staff,
        form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
    ) -> schemas.Measures | Response:
        async with deadlines.work() as work:
            asked = month_from(month, work.now)
            counted, versions = await _given_out(deadlines, work, asked)
            await note_look(work, request, caller, action="measures.read", contact_ids=[])
            await work.commit()
        answer = _answer(asked, deadlines.rulebooks.active.pack.ref, counted, versions)
        wants_csv = form == "csv" or (form is None and MEDIA_TYPE in request.headers.get("accept", ""))
        return _as_csv(answer, counted) if wants_csv else answer

    return routes


async def _given_out(
    deadlines: Deadlines, work: DeadlinesUnitOfWork, asked: Month
) -> tuple[list[Measure], list[Publication]]:
    """The month's figures, and what was given out before; of a month that is over, these are kept from now on."""
    pack = deadlines.rulebooks.active.pack
    if asked.complete:
        await lock_month(work.connection, asked.first)
    counts = await queries.count_month(work.connection, asked.first)
    counted = figures(counts, deadlines.population, pack.measures)
    versions = await published(work.connection, asked.first)
    if asked.complete:
        following = next_version(
            versions, month=asked.first, policy=pack.ref, figures=figures_of(counted), now=work.now
        )
        if following is not None:
            await add_publication(work.connection, following)
            versions.append(following)
    return counted, versions


def _answer(asked: Month, policy: str, counted: Iterable[Measure], versions: list[Publication]) -> schemas.Measures:
    moves = [
        schemas.EarlierFigure(
            version=one.version,
            published_at=one.published_at,
            code=one.code,
            value=None if one.figure[0] is None else float(one.figure[0]),
            numerator=one.figure[1],
            denominator=one.figure[2],
        )
        for one in moved(versions)
    ]
    return schemas.Measures(
        month=asked.text,
        policy=policy,
        complete=asked.complete,
        version=len(versions),
        restated_at=versions[-1].published_at if len(versions) > 1 else None,
        measures=[schemas.MeasureOut.model_validate(asdict(one)) for one in counted],
        earlier=moves,
    )


def _as_csv(answer: schemas.Measures, counted: Iterable[Measure]) -> Response:
    said = (answer.month, answer.policy, answer.version, answer.complete)
    text = written(COLUMNS, ((*said, *asdict(one).values()) for one in counted))
    name = f'attachment; filename="measures-{answer.month}.csv"'
    return Response(text, media_type=CSV, headers={"Content-Disposition": name})


def _behind(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["measures"])

    @routes.get("/measures/{month}/{code}", summary="The subjects behind a measure")
    async def get_subjects_behind(
        *,
        month: MonthPath,
        code: Annotated[str, Path(max_length=20, examples=["M2"])],
        request: Request,
        response: Response,
        caller: Staff,
        cursor: str | None = None,
        limit: Limit = 100,
    ) -> schemas.SubjectsBehind:
        if code not in DEFINITIONS:
            raise not_found()
        async with deadlines.work() as work:
            first = month_from(month, work.now).first
            after = _position(cursor)
            found = await queries.subjects_behind(work.connection, first, code, most=limit + 1, after=after)
            erased = await queries.count_forgotten(work.connection, first, code)
            page = found[:limit]
            shown = [row["contact_id"] for row in page]
            await note_look(work, request, caller, action="measures.drill_down", contact_ids=shown)
            await work.commit()
        if len(found) > limit:
            response.headers.update(next_link(request, encode_cursor({"id": str(page[-1]["id"])})))
        subjects = [schemas.SubjectBehind.model_validate(dict(row)) for row in page]
        return schemas.SubjectsBehind(month=month, code=code, erased=erased, subjects=subjects)

    return routes


def _position(cursor: str | None) -> UUID:
    if cursor is None:
        return FIRST
    try:
        return UUID(str(decode_cursor(cursor, keys={"id"})["id"]))
    except ValueError:
        error = FieldError("/cursor", "cursor_invalid", "Use the link of the page before, unchanged.", "query")
        raise Problem(400, "cursor_invalid", detail="This cursor is not one of ours.", errors=[error]) from None
