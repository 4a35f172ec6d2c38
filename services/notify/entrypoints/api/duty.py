"""The duty rota: who is alerted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.notify.bootstrap import Notify
from services.notify.domain.model import DutyPeriod, Rota
from services.notify.domain.policy.rota import doubts
from services.notify.entrypoints.schemas import DutyPeriodIn, DutyRotaIn, DutyRotaOut, RotaWarning, RungOut, TeamIn
from shared.web import Caller, allow, etag, note_look, require_match


def router(notify: Notify) -> APIRouter:
    """The routes of /v1/duty-rota."""
    routes = APIRouter(prefix="/v1/duty-rota", tags=["duty"])

    @routes.get("", response_model=DutyRotaOut, summary="Who is on duty, and what is doubtful in the week ahead")
    async def get_rota(caller: Annotated[Caller, allow("practitioner", "manager", "ops", "admin")]) -> Response:
        del caller
        async with notify.work() as work:
            version, rota = await work.rota.read()
            now = work.now
        return _answer(notify, version, rota, now)

    @routes.put("", response_model=DutyRotaOut, summary="Replace the rota")
    async def put_rota(
        body: DutyRotaIn, request: Request, caller: Annotated[Caller, allow("manager", "admin")]
    ) -> Response:
        async with notify.work() as work:
            await work.rota.lock()
            version, before = await work.rota.read()
            require_match(request, version)
            rota = _rota(body, before, version + 1)
            await work.rota.write(rota, version=version + 1, by=caller.subject)
            await note_look(work, request, caller, action="rota.replaced", contact_ids=[], outcome="done")
            now = work.now
            await work.commit()
        return _answer(notify, version + 1, rota, now)

    return routes


def _rota(body: DutyRotaIn, before: Rota, version: int) -> Rota:
    periods = tuple(
        DutyPeriod(id=uuid5(NAMESPACE_URL, f"duty-rota|{version}|{position}"), **period.model_dump())
        for position, period in enumerate(body.periods)
    )
    teams = before.teams if body.teams is None else {team.role: team.address for team in body.teams}
    return Rota(periods=periods, teams=teams)


def _answer(notify: Notify, version: int, rota: Rota, now: datetime) -> Response:
    pack = notify.platform.pack
    found = doubts(rota, pack.ladder, pack.calendar, notify.store.days_off, now)
    body = DutyRotaOut(
        version=version,
        periods=[DutyPeriodIn.model_validate(each, from_attributes=True) for each in rota.periods],
        teams=[TeamIn(role=role, address=address) for role, address in sorted(rota.teams.items())],
        ladder=_ladder(notify, rota),
        warnings=[RotaWarning.model_validate(each, from_attributes=True) for each in found],
    )
    return JSONResponse(body.model_dump(mode="json"), headers={"ETag": etag(version)})


def _ladder(notify: Notify, rota: Rota) -> list[RungOut]:
    otherwise = notify.settings.duty_team_address
    return [
        RungOut(
            role=rung.role,
            out_of_hours_role=rung.out_of_hours_role,
            after_minutes=rung.after_minutes,
            team_address=rota.team_of(rung.role, otherwise=otherwise).address,
            out_of_hours_team_address=rota.team_of(rung.out_of_hours_role, otherwise=otherwise).address,
        )
        for rung in notify.platform.pack.ladder
    ]
