"""Last year's code list at two in the morning, calls taken for others, requests that came late: all kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import text

from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.examples import EXAMPLE
from shared.contracts.intake import ContactReceived
from tests.integration.intake.steps import Token, said, send

LAST_YEAR: dict[str, Any] = {
    "schema_version": "2025-04",
    "sender_reference": 220704,
    "sender_grade": "RED2",
    "channel": "PPN",
    "incident_at": "20/11/2026 02:00",
    "first_attempted_at": "two o'clock",
    "referrer": {
        "kind": "constable", "involved": "N", "source_code": "06", "name": ["PC", "Specimen"],
        "phone": 101, "email": "no address", "collar_number": 4711,
    },
    "subjects": [
        {
            "kind": "victim", "given_name": "Jamie", "birth_date": "02/03/2015", "sex": "male", "ethnicity": "IC1",
            "nhs_number": 9991131191, "upn": "none", "address": "Flat 3, 1 Specimen Street", "disability": "Y",
            "facts": {"DASH": "HIGH", "immediate_danger": "Y"},
            "indicators": {"CYP-2025-014": "Y", "L4-BAS-BRUISE-NM": 1},
            "relationships": {"mother": "Kim"}, "consent": "not asked", "missing_episodes": "several",
        },
        "unborn baby",
        {"kind": "child", "facts": {"immediate_danger": "yes"}},
    ],
    "adults": "Kim Placeholder",
    "consent": "N",
    "narrative": ["Neighbours called.", "The boy was awake and crying."],
    "attachments": [{"name": "body-worn.mp4", "data": "AAAA"}],
    "follows": "PPN1-2206",
}  # fmt: skip


async def test_last_years_police_code_list_at_two_in_the_morning(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    headers = await token(organisation="police")
    answer = await send(api, headers, "/v1/contacts", LAST_YEAR)
    assert answer.status_code == 201, answer.text
    warned = {one["pointer"] for one in answer.json()["warnings"]}
    assert {"/sender_grade", "/channel", "/incident_at", "/referrer/kind", "/referrer/source_code"} <= warned
    assert {"/subjects/0/kind", "/subjects/0/facts/immediate_danger", "/subjects/1", "/narrative"} <= warned
    assert not any(str(value) in answer.text for value in ("RED2", "constable", "4711", "IC1", "CYP-2025-014", "Kim"))
    (event,) = await said(intake)
    assert isinstance(event.data, ContactReceived)
    assert [one.position for one in event.data.subjects] == [1, 2, 3]
    assert all(sum(one.unrecognised.values()) for one in event.data.subjects[:2]), "nobody would look"
    assert event.data.subjects[2].facts == {"immediate_danger": "yes"}
    assert (await api.get(answer.json()["links"]["self"], headers=headers)).json()["told"] == LAST_YEAR
    batch = {"contacts": [{"idempotency_key": str(n), "contact": {**LAST_YEAR, "n": n}} for n in range(30)]}
    night = await api.post("/v1/contacts/batch", json=batch, headers=headers)
    assert {one["status"] for one in night.json()["results"]} == {201}


async def test_a_call_taken_for_an_organisation_is_its_contact(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    call = {**EXAMPLE, "channel": "phone", "on_behalf_of": "health-visiting"}
    taken = (await send(api, await token("practitioner"), "/v1/contacts", call)).json()
    assert taken["warnings"] == []
    theirs = await token()
    assert (await api.get(taken["links"]["self"], headers=theirs)).json()["organisation"] == "health-visiting"
    follow_up = {"narrative": "The form.", "follows": taken["reference"]}
    assert (await send(api, theirs, "/v1/contacts", follow_up)).json()["received_at"] == taken["received_at"]
    other = (await send(api, await token(organisation="school-9"), "/v1/contacts", call)).json()
    assert [(one["pointer"], one["code"]) for one in other["warnings"]] == [("/on_behalf_of", "ignored")]
    async with intake.autocommit() as connection:
        owners = (await connection.execute(text("SELECT organisation FROM contacts ORDER BY accepted_at"))).scalars()
        assert list(owners) == ["health-visiting", "health-visiting", "school-9"]


async def test_clocks_start_at_the_first_try_even_where_only_the_third_got_through(
    api: httpx2.AsyncClient, token: Token
) -> None:
    """The first is refused (nobody could act), the second is no JSON: neither uses up the key."""
    headers, tried = await token(), datetime.now(UTC) - timedelta(minutes=10)
    first = await send(api, headers, "/v1/contacts", {"subjects": []}, key="k")
    second = await send(api, headers, "/v1/contacts", b"{", key="k")
    third = await send(api, headers, "/v1/contacts", {**EXAMPLE, "first_attempted_at": tried.isoformat()}, key="k")
    assert [one.status_code for one in (first, second, third)] == [422, 400, 201]
    assert datetime.fromisoformat(third.json()["received_at"]) == tried
    fourth = await send(api, headers, "/v1/contacts", {**EXAMPLE, "first_attempted_at": tried.isoformat()}, key="k")
    assert fourth.json() == third.json()
