"""The advice hub at intake's API: open to partners and staff, the same for both, and nothing of it stays."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from services.intake.bootstrap import Intake
from tests.integration.intake.conftest import Token

BABY = {
    "kind": "child",
    "age": {"unit": "weeks", "value": 8},
    "referrer_kind": "involved_professional",
    "facts": {"bruise_or_mark": "yes", "independently_mobile": "no"},
}
TABLES = text("SELECT format('%I', table_name) FROM information_schema.tables WHERE table_schema = 'public'")


async def everything_kept(intake: Intake) -> dict[str, str]:
    """A fingerprint of each table's rows, every table of the database."""
    found: dict[str, str] = {}
    async with intake.platform.engine.connect() as connection:
        for name in (await connection.execute(TABLES)).scalars():
            rows = await connection.execute(text(f"SELECT CAST(t AS text) FROM {name} t ORDER BY 1"))
            found[name] = hashlib.sha256("\n".join(rows.scalars()).encode()).hexdigest()
    return found


async def ask(api: httpx2.AsyncClient, headers: dict[str, str], **answers: Any) -> httpx2.Response:
    return await api.post("/v1/guidance/check", headers=headers, json=answers)


async def test_a_check_says_what_to_do_and_whom_to_phone(api: httpx2.AsyncClient, token: Token) -> None:
    answer = await ask(api, await token(), **BABY)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["rating"]["words"] == "Red"
    assert [one["number"] for one in said["phone_now"]] == ["01632 960101", "01632 960102"]
    assert said["next_steps"][0]["code"] == "phone_the_mash"
    [reason] = said["reasons"]
    assert reason["rule"] == "R-BRUISE-NM"
    assert {"name": "bruise_or_mark", "question": "Is there a bruise or a mark?", "answer": "Yes"} in reason["facts"]
    assert reason["strength"]
    assert reason["place"]
    version = (await api.get("/version")).json()
    assert f"{said['policy']['id']}@{said['policy']['version']}" == version["policy"]
    assert said["policy"]["hash"] == version["policy_hash"]


async def test_the_contact_made_afterwards_is_answered_the_same(api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    advised = (await ask(api, headers, **BABY)).json()
    subject = {"kind": "child", "facts": BABY["facts"], "birth_date": "2026-09-20"}
    contact = {"incident_at": "2026-11-20T10:00:00Z", "subjects": [subject]}
    posted = await api.post("/v1/contacts", headers=headers | {"Idempotency-Key": str(uuid4())}, json=contact)
    assert posted.json()["advice"] == [one["words"] for one in advised["advice"]]


async def test_nothing_is_kept_and_nothing_is_logged(intake: Intake, api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    before = await everything_kept(intake)
    with capture_logs() as logged:
        first = await ask(api, headers, **BABY, indicators={"L4-BAS-BRUISE-NM": "yes", "Quillonette": "yes"})
        await ask(api, headers, kind="child", facts={"Quillonette": "Quillonette"}, framework="other")
        await ask(api, headers | {"Idempotency-Key": "the-same"}, **BABY)
    assert first.status_code == 200
    assert await everything_kept(intake) == before
    assert not [name for name in ("Quillonette", "bruise", "BRUISE", "weeks") if name in str(logged)]


async def test_what_is_not_recognised_is_warned_about(api: httpx2.AsyncClient, token: Token) -> None:
    facts = {"injury": "perhaps", "Quillonette": "yes"}
    said = (await ask(api, await token(), kind="child", facts=facts, indicators={"L9-Quillonette": "yes"})).json()
    assert {(one["pointer"], one["code"]) for one in said["warnings"]} == {
        ("/facts/injury", "unrecognised_value"),
        ("/facts", "unrecognised_fact"),
        ("/indicators", "unrecognised_indicator"),
    }
    assert "D-UNRECOGNISED" in {one["rule"] for one in said["reasons"]}
    assert "Quillonette" not in str(said)


async def test_another_framework_names_its_own_level_and_never_the_rating(
    api: httpx2.AsyncClient, token: Token
) -> None:
    headers = await token()
    frameworks = (await api.get("/v1/guidance", headers=headers)).json()["frameworks"]
    ours = (await ask(api, headers, **BABY)).json()
    for one in frameworks:
        said = (await ask(api, headers, **BABY, framework=one["id"])).json()
        assert said["framework"] == one["id"]
        assert [said[name] for name in ("rating", "routes", "advice", "phone_now", "policy")] == [
            ours[name] for name in ("rating", "routes", "advice", "phone_now", "policy")
        ]
    unknown = await ask(api, headers, **BABY, framework="other")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/framework")


async def test_frameworks_are_served_whole(intake: Intake, api: httpx2.AsyncClient, token: Token) -> None:
    pack = intake.platform.pack
    headers = await token("practitioner")
    one = (await api.get(f"/v1/guidance/{pack.id}", headers=headers)).json()
    assert one in (await api.get("/v1/guidance", headers=headers)).json()["frameworks"]
    assert one["active"] is True
    assert [level["level"] for level in one["levels"]] == sorted(pack.levels)
    shown = [each["code"] for heading in one["headings"] for each in heading["indicators"]]
    assert len(shown) == len(set(shown)) == len(pack.indicators)
    assert [each["code"] for each in one["questions"]] == [each.code for each in pack.guidance_questions]
    assert {each["number"] for each in one["calls"]} >= {"999", "01632 960101"}
    assert (await api.get("/v1/guidance/other", headers=headers)).status_code == 404


@pytest.mark.parametrize("path", ["/v1/guidance", "/v1/guidance/southampton-pathways-2021", "/v1/code-sets"])
async def test_whoever_has_the_newest_is_sent_nothing(api: httpx2.AsyncClient, token: Token, path: str) -> None:
    headers = await token()
    first = await api.get(path, headers=headers)
    assert first.headers["Cache-Control"] == "private, max-age=300"
    again = await api.get(path, headers=headers | {"If-None-Match": f'"older", W/{first.headers["ETag"]}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (await api.get(path, headers=headers | {"If-None-Match": '"older"'})).json() == first.json()


async def test_codes_are_those_that_a_contact_may_carry(api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    sets = (await api.get("/v1/code-sets", headers=headers)).json()
    facts: dict[str, Any] = {
        one["name"]: one["minimum"] if one["form"] == "number" else one["values"][0]["code"] for one in sets["facts"]
    }
    indicators = {one["code"]: "not_known" for one in sets["indicators"]}
    said = (await ask(api, headers, kind="child", facts=facts, indicators=indicators)).json()
    assert said["warnings"] == []


async def test_form_is_strict_where_a_slip_would_change_the_advice(api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    for wrong in (
        {},
        {"kind": "kid"},
        {"kind": "child", "fact": {}},
        {"kind": "child", "age": {"unit": "days", "value": 3}},
    ):
        answer = await api.post("/v1/guidance/check", headers=headers, json=wrong)
        assert answer.status_code == 422, answer.text
