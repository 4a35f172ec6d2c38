"""More is told of a contact: it is kept sealed, said whole, changes nothing else, and only its owner may tell it."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text

from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.examples import CHALLENGE, EXAMPLE, WITHDRAWAL
from shared.contracts.intake import DecisionChallenged, InformationAdded, WithdrawalRequested
from shared.contracts.triage import InformationRequested
from tests.integration.intake.steps import NOON, Others, Token, said, send

NUMBER = "9990000026"


@pytest.fixture
async def told(api: httpx2.AsyncClient, token: Token) -> dict[str, Any]:
    return (await send(api, await token(), "/v1/contacts", EXAMPLE)).json()


async def added(intake: Intake, told: dict[str, Any]) -> InformationAdded:
    event = (await said(intake, told["id"]))[-1]
    assert isinstance(event.data, InformationAdded)
    return event.data


async def test_information_is_said_with_the_state_of_every_subject(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    first = {
        "facts": {"immediate_danger": "yes", "bruise_or_mark": "not_known"},
        "subjects": [
            {"position": 1, "birth_date": "2026-09-05", "nhs_number": NUMBER, "facts": {"independently_mobile": "yes"}},
            {"kind": "child", "given_name": "Ash", "indicators": {"L4-BAS-BRUISE-NM": "no"}},
        ],
        "consent": {"state": "given", "by": "mother"},
        "theirs": "a value of theirs",
    }
    answer = await send(api, await token(), told["links"]["information"], first)
    assert answer.status_code == 201, answer.text
    assert [one["position"] for one in answer.json()["subjects"]] == [1, 2]
    assert answer.json()["subjects"][0] == told["subjects"][0]
    data = await added(intake, told)
    one, two = data.subjects
    assert one.facts == {"bruise_or_mark": "yes", "independently_mobile": "yes", "immediate_danger": "yes"}
    assert one.indicators == {"L4-BAS-BRUISE-NM": "yes"}
    assert (one.consent, one.unrecognised, data.in_words, data.given_by) == (
        "given",
        {"unknown_field": 1},
        True,
        "partner",
    )
    index = intake.platform.blind_index
    assert one.child_id == index.child_id(NUMBER, date(2026, 9, 5))
    assert (two.position, two.facts["immediate_danger"], two.consent) == (2, "yes", "given")
    second = {"subjects": [{"subject_id": str(two.subject_id), "facts": {"injury": "yes"}, "unheard_of": 1}]}
    await send(api, await token(), told["links"]["information"], second)
    later = await added(intake, told)
    assert [subject.subject_id for subject in later.subjects] == [one.subject_id, two.subject_id]
    assert [subject.child_id for subject in later.subjects] == [one.child_id, two.child_id]
    assert later.subjects[0] == one
    assert (later.subjects[1].facts["injury"], later.subjects[1].unrecognised) == ("yes", {"unknown_field": 1})


async def test_a_subject_that_is_not_there_is_kept_as_a_new_one_and_a_person_looks(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    body = {"subjects": [{"subject_id": str(uuid4()), "facts": {"injury": "yes"}}]}
    answer = await send(api, await token(), told["links"]["information"], body)
    assert answer.status_code == 201
    assert [one["code"] for one in answer.json()["warnings"]] == ["no_such_subject"]
    data = await added(intake, told)
    assert (data.subjects[1].facts, data.subjects[1].unrecognised) == ({"injury": "yes"}, {"position": 1})


async def test_only_a_request_of_this_contact_is_answered(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    asked = uuid4()
    others = Others(intake, told["id"])
    await others.say(
        InformationRequested(
            contact=others.contact, request_id=asked, requested_at=NOON, question_codes=("what_was_seen",)
        )
    )
    body = {"narrative": "The mark was round.", "answers_request": str(asked)}
    assert (await send(api, await token(), told["links"]["information"], body)).json()["warnings"] == []
    assert (await added(intake, told)).answers_request == asked
    odd = await send(api, await token(), told["links"]["information"], {**body, "answers_request": str(uuid4())})
    assert [one["pointer"] for one in odd.json()["warnings"]] == ["/answers_request"]
    assert (await added(intake, told)).answers_request is None


async def test_what_is_told_later_is_shown_with_the_contact_and_sealed_in_the_database(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    headers = await token()
    others = Others(intake, told["id"])
    await others.say(others.decision())
    links = told["links"]
    information = {"narrative": "A secretphrase was heard.", "subjects": [{"position": 1, "given_name": "Secretname"}]}
    await send(api, headers, links["information"], information)
    await send(api, headers, links["withdrawal"], {**WITHDRAWAL, "words": "Secretwithdrawal"})
    await send(api, headers, links["challenge"], {**CHALLENGE, "words": "Secretchallenge"})
    shown = (await api.get(links["self"], headers=headers)).json()
    assert shown["told"] == EXAMPLE
    assert [one["told"] for one in shown["information"]] == [information]
    assert [one["told"] for one in shown["withdrawals"]] == [
        {"reason_code": "wrong_person", "words": "Secretwithdrawal"}
    ]
    assert [one["told"]["words"] for one in shown["challenges"]] == ["Secretchallenge"]
    async with intake.autocommit() as connection:
        for table in ("information", "withdrawals", "challenges", "outbox", "event_log", "idempotency", "subjects"):
            rows = (await connection.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            assert rows
            for row in rows:
                assert "ecret" not in row
                assert b"ecret".hex() not in row


async def test_withdrawal_and_challenge_are_said_and_change_nothing(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    headers, links = await token(), told["links"]
    early = await send(api, headers, links["challenge"], CHALLENGE)
    assert (early.status_code, early.json()["code"]) == (409, "nothing_decided")
    withdrawn = await send(api, headers, links["withdrawal"], WITHDRAWAL)
    assert withdrawn.status_code == 201, withdrawn.text
    others = Others(intake, told["id"])
    await others.say(others.decision())
    named = [told["subjects"][0]["subject_id"]]
    challenged = await send(api, headers, links["challenge"], {**CHALLENGE, "subject_ids": named})
    assert (challenged.status_code, challenged.json()["subject_ids"]) == (201, named)
    _, first, second = [event.data for event in await said(intake, told["id"])]
    assert isinstance(first, WithdrawalRequested)
    assert first.reason_code == "wrong_person"
    assert isinstance(second, DecisionChallenged)
    assert (second.reason_code, second.subject_ids) == ("facts_missed", (UUID(named[0]),))
    assert (await api.get(links["self"], headers=headers)).json()["stage"] == "decided"
    foreign = await send(api, headers, links["challenge"], {**CHALLENGE, "subject_ids": [str(uuid4())]})
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "/subject_ids")
    for path, member in ((links["withdrawal"], "reason_code"), (links["challenge"], "ground")):
        body = {**(WITHDRAWAL if member == "reason_code" else CHALLENGE), member: "unheard_of"}
        odd = await send(api, headers, path, body)
        assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (422, f"/{member}")
        assert "other" in odd.json()["errors"][0]["detail"], "it does not say which codes there are"


async def test_only_a_professionals_contact_can_be_challenged(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    body = {"narrative": "I am worried.", "referrer": {"kind": "family"}, "channel": "phone"}
    told = (await send(api, await token("practitioner"), "/v1/contacts", body)).json()
    others = Others(intake, told["id"])
    await others.say(others.decision())
    refused = await send(api, await token("manager"), told["links"]["challenge"], CHALLENGE)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_professional")


@pytest.mark.parametrize("what", ["information", "withdrawal", "challenge"])
async def test_a_foreign_contact_is_not_there_and_the_look_is_written_down(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any], what: str
) -> None:
    bodies = {"information": {"narrative": "x"}, "withdrawal": WITHDRAWAL, "challenge": CHALLENGE}
    foreign = await send(api, await token(organisation="school-9"), told["links"][what], bodies[what])
    absent = await send(api, await token(organisation="school-9"), f"/v1/contacts/{uuid4()}/{what}", bodies[what])
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert foreign.json()["detail"] == absent.json()["detail"]
    async with intake.autocommit() as connection:
        rows = await connection.execute(text("SELECT outcome FROM audit WHERE action = :a"), {"a": f"contact.{what}"})
        assert rows.scalars().all() == ["refused", "refused"]
        streams = (await connection.execute(text("SELECT count(*) FROM contact_stream"))).scalar_one()
    assert streams == 1, "a contact that is not there was locked"
    assert len(await said(intake)) == 1


async def test_the_same_twice_or_at_once_is_told_once(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    headers, path = await token(), told["links"]["information"]
    answers = await asyncio.gather(*(send(api, headers, path, {"narrative": "x"}, key="one-key") for _ in range(4)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["information_id"] for one in answers}) == 1
    different = await send(api, headers, path, {"narrative": "y"}, key="one-key")
    assert different.status_code == 422
    many = await asyncio.gather(*(send(api, headers, path, {"subjects": [{"kind": "child"}]}) for _ in range(5)))
    assert sorted(len(one.json()["subjects"]) for one in many) == [2, 3, 4, 5, 6], "an addition was lost"
    events = await said(intake, told["id"])
    assert [event.sequence for event in events] == list(range(1, 8))


async def test_nothing_told_is_refused_and_what_is_told_is_forgotten_with_the_contact(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    headers, links = await token(), told["links"]
    empty = await send(api, headers, links["information"], {"narrative": "  "})
    assert (empty.status_code, empty.json()["code"]) == (422, "nothing_told")
    await send(api, headers, links["information"], {"narrative": "x"})
    await send(api, headers, links["withdrawal"], WITHDRAWAL)
    erased = await send(api, await token("admin"), f"{links['self']}/erasure", {"reason_code": "retention_ended"})
    assert erased.status_code == 204
    assert (await send(api, headers, links["information"], {"narrative": "x"})).status_code == 404
    async with intake.autocommit() as connection:
        for table in ("information", "withdrawals", "challenges", "subjects", "progress"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0


async def test_no_more_than_can_be_read_together_is_told_of_one_contact(
    api: httpx2.AsyncClient, token: Token, told: dict[str, Any]
) -> None:
    headers, path = await token(), told["links"]["withdrawal"]
    answers = [await send(api, headers, path, WITHDRAWAL) for _ in range(101)]
    assert [one.status_code for one in answers] == [201] * 100 + [409]
    assert answers[-1].json()["code"] == "told_often_enough"
    assert "follows" in answers[-1].json()["detail"]
