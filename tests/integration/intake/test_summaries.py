"""Staff see who the subjects are now: as told first, and as added since; each at its own position."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx2

from services.intake.adapters.repositories.blocks import open_people
from services.intake.entrypoints.schemas.examples import EXAMPLE
from tests.integration.intake.people import Front
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


async def test_whom_an_addition_names_is_found_however_it_was_typed(front: Front) -> None:
    headers = await front.token()
    first = {"subjects": [{"family_name": "Sample", "position": 2}, {"family_name": "Specimen", "position": 1}]}
    told = (await send(front.api, headers, "/v1/contacts", first)).json()
    one, two = (subject["subject_id"] for subject in told["subjects"])
    named = [
        {"subject_id": one.upper(), "given_name": "Rowan"},
        {"position": "2", "given_name": "Ash"},
        {},
        {"subject_id": str(uuid4()), "position": 1, "given_name": "Kim"},
    ]
    added = await send(front.api, headers, told["links"]["information"], {"subjects": named})
    three, four = (subject["subject_id"] for subject in added.json()["subjects"][2:])
    await front.match()
    asked = {"contact_ids": [told["id"]]}
    staff = await front.token("practitioner")
    (shown,) = (await front.api.post("/v1/contacts/summaries", json=asked, headers=staff)).json()["contacts"]
    assert [subject["name"] for subject in shown["subjects"]] == ["Rowan Sample", "Ash Specimen", None, "Kim"]
    async with front.intake.work() as work:
        ids = [UUID(subject) for subject in (one, two, three, four)]
        known = await open_people(work.connection, ids, work.database.master_keys)
    assert [known[subject].person.given for subject in ids] == [("rowan",), ("ash",), (), ("kim",)]
    assert [known[subject].person.family for subject in ids] == [("sample",), ("specimen",), (), ()]
