"""The rota by the API: channels, teams, warnings, and readiness."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from services.notify.domain.policy.rota import roles_of
from services.notify.entrypoints.api import make_app
from tests.support.builders_notify import southampton
from tests.support.issuers import Issuers

from .conftest import TEAM, Desk
from .test_api import Api

PATH = "/v1/duty-rota"
PERIOD = {
    "role": "duty_worker",
    "person": "duty.worker",
    "channel": "sms",
    "address": "+447700900001",
    "starts_at": "2026-11-20T08:30:00Z",
    "ends_at": "2026-11-20T17:00:00Z",
    "absent": False,
}
TEAMS = [{"role": role, "address": f"{role}@example.org"} for role in roles_of(southampton().ladder)]


@pytest.fixture
async def api(desk: Desk) -> AsyncIterator[Api]:
    issuers = Issuers()
    desk.notify.platform.verifier = issuers.verifier
    transport = httpx2.ASGITransport(make_app(desk.notify), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://notify") as http:
        yield Api(http, issuers)


async def put(api: Api, body: Any, version: int = 0) -> httpx2.Response:
    return await api.send("PUT", PATH, body, role="manager", If_Match=f'"{version}"')


async def test_channels_people_and_teams_are_kept_sealed_and_shown(desk: Desk, api: Api) -> None:
    answer = await put(api, {"periods": [PERIOD], "teams": TEAMS})
    assert answer.status_code == 200, answer.text
    shown = (await api.get(PATH)).json()
    assert shown["periods"] == [PERIOD]
    assert shown["teams"] == sorted(TEAMS, key=lambda team: team["role"])
    first = shown["ladder"][0]
    assert (first["team_address"], first["out_of_hours_team_address"]) == ("duty_worker@example.org", "edt@example.org")
    (row,) = await desk.rows("SELECT CAST(t AS text) AS line FROM duty_rota t")
    assert "900001" not in row["line"]
    assert "example.org" not in row["line"]


async def test_teams_that_are_left_out_stay_and_an_empty_list_clears_them(api: Api) -> None:
    await put(api, {"periods": [], "teams": TEAMS})
    kept = await put(api, {"periods": [PERIOD]}, version=1)
    assert len(kept.json()["teams"]) == len(TEAMS)
    cleared = await put(api, {"periods": [PERIOD], "teams": []}, version=2)
    assert cleared.json()["teams"] == []
    assert {rung["team_address"] for rung in cleared.json()["ladder"]} == {TEAM}


async def test_gaps_overlaps_and_missing_teams_are_warned_of(api: Api) -> None:
    second = PERIOD | {"starts_at": "2026-11-20T13:00:00Z", "channel": "email", "address": "second@example.org"}
    warnings = (await put(api, {"periods": [PERIOD, second]})).json()["warnings"]
    assert {each["role"] for each in warnings if each["code"] == "no_team_address"} == {team["role"] for team in TEAMS}
    (overlap,) = [each for each in warnings if each["code"] == "overlap"]
    assert (overlap["starts_at"], overlap["ends_at"]) == ("2026-11-20T13:00:00Z", "2026-11-20T17:00:00Z")
    gaps = [each for each in warnings if each["code"] == "gap" and each["role"] == "duty_worker"]
    assert gaps[0]["starts_at"] == "2026-11-23T08:30:00Z"  # Monday's opening: this Friday somebody is there


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"periods": [PERIOD | {"channel": "email"}]}, "address_unfit"),
        ({"periods": [PERIOD | {"address": "no number"}]}, "address_unfit"),
        ({"periods": [PERIOD | {"channel": "pigeon"}]}, None),
        ({"periods": [], "teams": [TEAMS[0], TEAMS[0]]}, "role_twice"),
        ({"periods": [], "teams": [{"role": "manager", "address": "nobody"}]}, None),
    ],
)
async def test_what_cannot_reach_anybody_is_refused(api: Api, wrong: dict[str, Any], code: str | None) -> None:
    answer = await put(api, wrong)
    assert answer.status_code == 422
    assert code is None or answer.json()["errors"][0]["code"] == code
    assert (await api.get(PATH)).json()["version"] == 0


async def test_production_is_not_ready_before_every_role_has_a_team(desk: Desk, api: Api) -> None:
    assert (await api.get("/readyz")).json()["checks"]["duty_teams"] == "ok"
    common = replace(desk.notify.settings.common, environment="production")
    desk.notify.settings = replace(desk.notify.settings, common=common)
    assert (await api.get("/readyz")).status_code == 503
    await put(api, {"periods": [], "teams": TEAMS[:-1]})
    assert (await api.get("/readyz")).status_code == 503
    await put(api, {"periods": [], "teams": TEAMS}, version=1)
    assert (await api.get("/readyz")).status_code == 200


async def test_a_rota_written_before_roles_had_teams_is_read(desk: Desk) -> None:
    kept = (
        '[{"id": "5b0c2b1e-8f1d-5a55-9c0a-2d8a5a4f6e01", "role": "manager", "address": "old@example.org",'
        ' "starts_at": "2026-11-20T08:30:00+00:00", "ends_at": "2026-11-20T17:00:00+00:00", "absent": false}]'
    )
    sealed = desk.notify.store.rota_cipher.encrypt(kept, column="periods", row_id="rota")
    async with desk.notify.work() as work:
        await work.connection.exec_driver_sql(
            "INSERT INTO duty_rota (one_row, version, periods, changed_at, changed_by)"
            " VALUES (true, 7, $1, now(), 'x')",
            (sealed,),
        )
        version, rota = await work.rota.read()
    assert (version, rota.teams, rota.periods[0].channel) == (7, {}, "email")
