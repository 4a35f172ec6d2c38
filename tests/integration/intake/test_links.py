"""Links by a person: the primary is rated again first, only then are the duplicate's own clocks cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from services.intake.application.commands.linking import carry_on
from services.intake.entrypoints.worker.linking import link_again, link_once
from shared.contracts.intake import ContactsLinked, ContactsUnlinked
from tests.integration.intake.people import ROWAN, Front, take_outbox

WHY = {"reason_code": "same_incident", "reason": "Both saw Rowan's bruise."}


class Desk:
    """A member of staff at the links of a contact."""

    def __init__(self, front: Front, headers: dict[str, str]) -> None:
        self.front = front
        self.headers = headers

    async def see(self, contact: UUID) -> httpx2.Response:
        return await self.front.api.get(f"/v1/contacts/{contact}/links", headers=self.headers)

    async def link(self, primary: UUID, other: UUID, relation: str = "duplicate", **more: Any) -> httpx2.Response:
        seen = (await self.see(primary)).headers["ETag"]
        headers = {**self.headers, "Idempotency-Key": str(uuid4()), "If-Match": seen}
        body = {"other_contact_id": str(other), "relation": relation, **WHY, **more}
        return await self.front.api.post(f"/v1/contacts/{primary}/links", json=body, headers=headers)

    async def unlink(self, contact: UUID, link: UUID | str) -> httpx2.Response:
        headers = {**self.headers, "If-Match": (await self.see(contact)).headers["ETag"]}
        return await self.front.api.request("DELETE", f"/v1/contacts/{contact}/links/{link}", json=WHY, headers=headers)

    async def say(self) -> list[tuple[UUID, Any]]:
        """What the link loop says, and what was said at once."""
        while await link_once(self.front.intake):
            pass
        said = await take_outbox(self.front.intake)
        return [(one.contact_id, one.data) for one in said if isinstance(one.data, ContactsLinked | ContactsUnlinked)]


@pytest.fixture
async def desk(front: Front) -> Desk:
    return Desk(front, await front.token("practitioner"))


async def two(front: Front) -> tuple[UUID, UUID]:
    first = await front.tell(ROWAN)
    second = await front.tell({**ROWAN, "given_name": "Rowen"}, organisation="school-9")
    await front.match()
    return first, second


def roles(said: list[tuple[UUID, Any]]) -> list[tuple[UUID, str, int]]:
    return [(contact, data.role, data.link_version) for contact, data in said]


async def test_the_duplicate_is_told_once_the_primarys_rating_has_it(front: Front, desk: Desk) -> None:
    primary, duplicate = await two(front)
    await front.rated(duplicate, "high", routes=("fast", "faster"))
    answer = await desk.link(primary, duplicate)
    assert answer.status_code == 201, answer.text
    link = UUID(answer.json()["links"][0]["id"])
    assert answer.json()["links"][0]["reason"] == WHY["reason"]
    ((told, data),) = await desk.say()
    assert (told, data.role, data.link_version) == (primary, "primary", 1)
    (subject,) = data.subjects
    assert (subject.rating, subject.routes) == ("high", ("fast", "faster"))
    assert subject.subject_id == front.received(primary).subjects[0].subject_id
    assert subject.told == front.received(duplicate).subjects[0]
    await front.rated(primary, "low")
    assert await desk.say() == [], "a rating without the link is no echo"
    await front.rated(primary, "high", links=(link,), version=2)
    assert roles(await desk.say()) == [(duplicate, "duplicate", 1)]
    await front.rated(duplicate, "high", routes=("fast", "faster"), version=2)
    assert await desk.say() == []
    await front.rated(duplicate, "higher", version=3)
    said = await desk.say()
    assert roles(said) == [(primary, "primary", 2)]
    assert said[0][1].subjects[0].rating == "higher"
    await front.rated(primary, "high", links=(link,), version=3, link_versions={link: 1})
    assert not (await front.rows("SELECT heard FROM links WHERE link_id = :link", link=link))[0].heard, (
        "an echo of an earlier version is none"
    )
    await front.rated(primary, "higher", links=(link,), version=4, link_versions={link: 2})
    assert (await front.rows("SELECT heard FROM links WHERE link_id = :link", link=link))[0].heard
    assert await desk.say() == []


async def test_unlinked_both_are_told_and_once(front: Front, desk: Desk) -> None:
    primary, duplicate = await two(front)
    link = (await desk.link(primary, duplicate)).json()["links"][0]["id"]
    await desk.say()
    gone = await desk.unlink(duplicate, link)
    assert gone.status_code == 200, gone.text
    assert gone.json()["links"][0]["state"] == "unlinked"
    assert {(contact, data.role) for contact, data in await desk.say()} == {
        (primary, "primary"),
        (duplicate, "duplicate"),
    }
    assert (await desk.unlink(primary, link)).status_code == 200
    await front.rated(primary, "x", links=(UUID(link),))
    assert await desk.say() == []
    assert (await desk.link(duplicate, primary)).status_code == 201


async def test_chains_circles_and_itself_are_refused(front: Front, desk: Desk) -> None:
    one, two_, three = [await front.tell(ROWAN) for _ in range(3)]
    await front.match()
    assert (await desk.link(one, two_)).status_code == 201
    refused = {
        "same_contact": await desk.link(one, one),
        "already_linked": await desk.link(two_, one),
        "primary_is_a_duplicate": await desk.link(two_, three),
        "already_a_duplicate": await desk.link(three, two_),
        "has_duplicates": await desk.link(three, one),
    }
    for code, answer in refused.items():
        assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
    assert (await desk.link(one, three)).status_code == 201
    assert (await desk.link(two_, uuid4())).status_code == 404
    wrong = await desk.link(two_, three, relation="related", pairs={str(uuid4()): str(uuid4())})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_pairs")


async def test_related_contacts_are_peers_at_once(front: Front, desk: Desk) -> None:
    one, other = await two(front)
    assert (await desk.link(one, other, relation="related")).status_code == 201
    assert {(contact, data.role) for contact, data in await desk.say()} == {(one, "peer"), (other, "peer")}


async def test_without_an_echo_it_is_said_again(front: Front, desk: Desk) -> None:
    primary, duplicate = await two(front)
    await desk.link(primary, duplicate)
    first = await desk.say()
    await link_again(front.intake, patience_seconds=0)
    assert await desk.say() == first
    await link_again(front.intake, patience_seconds=0)
    assert roles(await desk.say()) == [(primary, "primary", 2)]
    await link_again(front.intake)
    assert await desk.say() == [], "it waits longer each time"


async def test_unlinked_while_it_waits_for_an_echo_it_is_not_linked_again(front: Front, desk: Desk) -> None:
    primary, duplicate = await two(front)
    link = UUID((await desk.link(primary, duplicate)).json()["links"][0]["id"])
    await front.rows("UPDATE links SET times_said = 1100, said_at = now() - interval '61 minutes'")
    async with front.intake.work() as work:
        assert [one.link_id for one in await work.links.unheard()] == [link], "often said, and still not heard"
    await desk.unlink(primary, link)
    await desk.say()
    async with front.intake.work() as work:
        await work.lock([primary, duplicate])
        assert not await carry_on(work, link, root=primary, again=True)
        await work.commit()
    assert await desk.say() == []


async def test_what_was_read_before_another_link_is_refused(front: Front, desk: Desk) -> None:
    one, other = await two(front)
    body = {"other_contact_id": str(other), "relation": "related", **WHY}
    path, headers = f"/v1/contacts/{one}/links", {**desk.headers, "Idempotency-Key": str(uuid4())}
    assert (await front.api.post(path, json=body, headers=headers)).status_code == 428
    stale = {**headers, "If-Match": '"7"'}
    assert (await front.api.post(path, json=body, headers=stale)).status_code == 412


async def test_a_senders_follow_up_is_linked_by_the_worker(front: Front, desk: Desk) -> None:
    first = await front.tell(ROWAN)
    await front.match()
    reference = front.received(first).contact.reference
    second = await front.tell(ROWAN, follows=reference)
    third = await front.tell({**ROWAN, "given_name": "Rowen"}, follows=front.received(first).contact.reference)
    await front.match()
    fourth = await front.tell(ROWAN, follows=front.received(second).contact.reference)
    foreign = await front.tell(ROWAN, follows=reference, organisation="school-9")
    await front.match()
    said = await desk.say()
    assert roles(said) == [(first, "primary", 1)] * 3
    assert {data.other_contact_id for _, data in said} == {second, third, fourth}
    assert {data.relation for _, data in said} == {"follow_up"}
    shown = (await desk.see(foreign)).json()
    assert [(one["state"], one["other_contact_id"]) for one in shown["links"]] == [("proposed", str(first))]
    assert not shown["follows_unknown"]
    await front.match()
    assert front.histories(second)[-1].subjects[0].probable.repeat_contacts_12_months == 1, "one piece of work"


async def test_erasing_the_primary_sets_the_duplicate_free(front: Front, desk: Desk) -> None:
    primary, duplicate = await two(front)
    await desk.link(primary, duplicate)
    await desk.say()
    headers = {**await front.token("admin"), "Idempotency-Key": "once"}
    path = f"/v1/contacts/{primary}/erasure"
    done = await front.api.post(path, json={"reason_code": "court_order"}, headers=headers)
    assert done.status_code == 204
    assert [(contact, data.reason_code) for contact, data in await desk.say()] == [(duplicate, "contact_erased")]
    columns = await front.rows(
        "SELECT table_name AS name, column_name AS place FROM information_schema.columns"
        " WHERE column_name IN ('contact_id', 'other_contact_id')"
    )
    for column in columns:
        if column.name not in ("contacts", "contact_stream", "event_log"):  # the word that it is erased stays
            query = f'SELECT 1 FROM "{column.name}" WHERE {column.place} = :gone'
            assert await front.rows(query, gone=primary) == [], column.name
    await front.match()
    assert front.histories(duplicate)[-1].subjects[0].related == ()
