"""Staff look for a child, and say whether two subjects are one; the machine merges nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from tests.integration.intake.people import NHS, ROWAN, Front

SEARCH = "/v1/children/matches"


@pytest.fixture
async def staff(front: Front) -> dict[str, str]:
    return await front.token("practitioner")


def subject(front: Front, contact: UUID) -> str:
    return str(front.received(contact).subjects[0].subject_id)


async def answer(front: Front, staff: dict[str, str], one: str, other: str, *, same: bool) -> httpx2.Response:
    body = {"subject_id": one, "other_subject_id": other, "same": same, "reason": "Rowan's school says so."}
    headers = {**staff, "Idempotency-Key": str(uuid4())}
    return await front.api.post(f"{SEARCH}/answers", json=body, headers=headers)


async def test_a_child_is_found_by_what_is_known_and_the_look_is_audited(front: Front, staff: dict[str, str]) -> None:
    contact = await front.tell(ROWAN)
    await front.match()
    asked: dict[str, Any] = {"given_name": "Rowen", "family_name": "Okafor", "birth_date": "2014-04-03"}
    found = await front.api.post(SEARCH, json={"person": asked}, headers=staff)
    assert found.status_code == 200, found.text
    (match,) = found.json()["matches"]
    assert (match["contact_id"], match["sameness"]) == (str(contact), "probable")
    assert set(match["near"]) == {"birth_date", "given_name", "family_name"}
    assert found.json()["too_common"] == []
    (row,) = await front.rows("SELECT contact_ids FROM audit WHERE action = 'children.matches'")
    assert row.contact_ids == [contact]
    nobody = await front.api.post(SEARCH, json={"subject_id": str(uuid4())}, headers=staff)
    assert nobody.status_code == 404
    for wrong in ({}, {"person": {}}, {"person": asked, "subject_id": subject(front, contact)}):
        refused = await front.api.post(SEARCH, json=wrong, headers=staff)
        assert refused.status_code == 422
        assert "Rowen" not in refused.text


async def test_a_known_subject_is_looked_for_elsewhere(front: Front, staff: dict[str, str]) -> None:
    one, other = await front.tell(ROWAN), await front.tell({**ROWAN, "given_name": "Willow"})
    await front.match()
    found = await front.api.post(SEARCH, json={"subject_id": subject(front, one)}, headers=staff)
    (match,) = found.json()["matches"]
    assert (match["contact_id"], match["sameness"], match["relation"]) == (str(other), "none", "sibling")
    assert match["differs"] == ["given_name"]
    relatives = (await front.api.get(f"/v1/contacts/{other}/links", headers=staff)).json()["related"]
    assert [(one_["other_contact_id"], one_["relation"]) for one_ in relatives] == [(str(one), "sibling")]


async def test_what_a_person_says_counts_as_confirmed_until_they_say_otherwise(
    front: Front, staff: dict[str, str]
) -> None:
    first, second = await front.tell(ROWAN), await front.tell({**ROWAN, "given_name": "Rowen"})
    await front.match()
    one, other = subject(front, first), subject(front, second)
    shown = (await front.api.get(f"/v1/contacts/{second}/links", headers=staff)).json()["proposals"]
    assert [(proposal["state"], proposal["other_subject_id"]) for proposal in shown] == [("proposed", one)]
    said = await answer(front, staff, other, one, same=True)
    assert (said.status_code, said.json()["state"]) == (200, "accepted")
    await front.match()
    history = front.histories(second)[-1].subjects[0]
    assert history.confirmed.repeat_contacts_12_months == 2
    assert history.related[0].certainty == "confirmed"
    assert (await answer(front, staff, one, other, same=False)).json()["state"] == "refused"
    await front.match()
    history = front.histories(second)[-1].subjects[0]
    assert history.probable.repeat_contacts_12_months == 1
    shown = (await front.api.get(f"/v1/contacts/{second}/links", headers=staff)).json()["proposals"]
    assert [(proposal["state"], proposal["reason"]) for proposal in shown] == [("refused", "Rowan's school says so.")]
    (row,) = await front.rows("SELECT p::text AS whole FROM match_proposals p")
    assert "Rowan" not in row.whole


async def test_what_cannot_be_answered_is_refused_by_name(front: Front, staff: dict[str, str]) -> None:
    numbered = {**ROWAN, "nhs_number": NHS}
    first, second = await front.tell(numbered, {**ROWAN, "given_name": "Willow"}), await front.tell(numbered)
    await front.match()
    one, sibling = (str(known.subject_id) for known in front.received(first).subjects)
    within = await answer(front, staff, one, sibling, same=True)
    assert (within.status_code, within.json()["code"]) == (409, "same_contact")
    by_number = await answer(front, staff, one, subject(front, second), same=False)
    assert (by_number.status_code, by_number.json()["code"]) == (409, "same_identifiers")
    assert (await answer(front, staff, one, str(uuid4()), same=True)).status_code == 404
    assert await front.rows("SELECT 1 FROM match_proposals") == []
