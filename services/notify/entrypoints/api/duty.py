"""The duty rota: who is alerted."""

from __future__ import annotations

from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.notify.bootstrap import Notify
from services.notify.domain.model import DutyPeriod
from services.notify.entrypoints.schemas import DutyPeriodIn, DutyRotaIn, DutyRotaOut, RungOut
from shared.web import Caller, allow, etag, note_look, require_match


def router(notify: Notify) -> APIRouter:
    """The routes of /v1/duty-rota."""
    routes = APIRouter(prefix="/v1/duty-rota", tags=["duty"])

    @routes.get("", response_model=DutyRotaOut, summary="Who is on duty")
    async def get_rota(caller: Annotated[Caller, allow("practitioner", "manager", "ops", "admin")]) -> Response:
        del caller
        async with notify.work() as work:
            version, periods = await work.rota.read()
        return _answer(notify, version, periods)

    @routes.put("", response_model=DutyRotaOut, summary="Replace the rota")
    async def put_rota(
        body: DutyRotaIn, request: Request, caller: Annotated[Caller, allow("manager", "admin")]
    ) -> Response:
        async with notify.work() as work:
            await work.rota.lock()
            version, _ = await work.rota.read()
            require_match(request, version)
            periods = _periods(body, version + 1)
            await work.rota.write(periods, version=version + 1, by=caller.subject)
            await note_look(work, request, caller, action="rota.replaced", contact_ids=[], outcome="done")
            await work.commit()
        return _answer(notify, version + 1, periods)

    return routes


def _periods(body: DutyRotaIn, version: int) -> tuple[DutyPeriod, ...]:
    return tuple(
        DutyPeriod(id=uuid5(NAMESPACE_URL, f"duty-rota|{version}|{position}"), **period.model_dump())
        for position, period in enumerate(body.periods)
    )


def _answer(notify: Notify, version: int, periods: tuple[DutyPeriod, ...]) -> Response:
    pack, team = notify.platform.pack, notify.settings.duty_team_address
    body = DutyRotaOut(
        version=version,
        periods=[
            DutyPeriodIn(
                role=each.role, address=each.address, starts_at=each.starts_at, ends_at=each.ends_at, absent=each.absent
            )
            for each in periods
        ],
        ladder=[
            RungOut(
                role=rung.role,
                out_of_hours_role=rung.out_of_hours_role,
                after_minutes=rung.after_minutes,
                team_address=team,
            )
            for rung in pack.ladder
        ],
    )
    return JSONResponse(body.model_dump(mode="json"), headers={"ETag": etag(version)})
