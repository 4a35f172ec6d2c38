"""Staff see who the subjects are now: as told first, and as added since; each at its own position."""

from __future__ import annotations

import httpx2

from services.intake.entrypoints.schemas.examples import EXAMPLE
from tests.integration.intake.steps import Token, send


async def test_names_added_later_are_shown_and_positions_hold(api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    odd = {"subjects": ["not even an object", {"kind": "child", "given_name": "Rowan"}]}
    told = (await send(api, headers, "/v1/contacts", odd)).json()
    second = told["subjects"][1]["subject_id"]
    first = [{"position": 1, "given_name": "Kim", "kind": "adult"}, {"subject_id": second, "family_name": "S"}]
    later = [
        {"kind": "child", "given_name": "Ash"},
        {"position": 2, "given_name": None, "birth_date": "2020-01-02"},
    ]
    for addition in ({"subjects": first}, {"subjects": later}, {"narrative": "nothing about anybody"}):
        assert (await send(api, headers, told["links"]["information"], addition)).status_code == 201
    plain = (await send(api, headers, "/v1/contacts", EXAMPLE)).json()
    nobody = (await send(api, headers, "/v1/contacts", {"narrative": "screaming"})).json()
    asked = {"contact_ids": [told["id"], plain["id"], nobody["id"]]}
    answer = await api.post("/v1/contacts/summaries", json=asked, headers=await token("manager"))
    found = {one["id"]: one["subjects"] for one in answer.json()["contacts"]}
    assert [(one["position"], one["kind"], one["name"], one["birth_date"]) for one in found[told["id"]]] == [
        (1, "adult", "Kim", None),
        (2, "child", "Rowan S", "2020-01-02"),
        (3, "child", "Ash", None),
    ]
    assert [one["name"] for one in found[plain["id"]]] == ["Rowan Sample"]
    assert [(one["position"], one["kind"], one["name"]) for one in found[nobody["id"]]] == [(1, "unknown", None)]
