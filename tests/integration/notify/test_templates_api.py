"""Templates by the API: read, tried, replaced, set back; and letters in the newest words without a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from services.notify.entrypoints.api import make_app
from shared.contracts.parts import ReferrerKind
from tests.support.builders_notify import Life
from tests.support.issuers import Issuers

from .conftest import Desk
from .test_api import Api

PATH = "/v1/templates/public-receipt"
WORDS = "We have your message {{ reference }}\nThank you. Our reference: {{ reference }}\n"


@pytest.fixture
async def api(desk: Desk) -> AsyncIterator[Api]:
    issuers = Issuers()
    desk.notify.platform.verifier = issuers.verifier
    transport = httpx2.ASGITransport(make_app(desk.notify), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://notify") as http:
        yield Api(http, issuers)


async def put(api: Api, text: str, tag: str = '"0"', role: str = "manager") -> httpx2.Response:
    return await api.send("PUT", PATH, {"text": text}, role=role, If_Match=tag)


async def receive(desk: Desk, name: str) -> str:
    """What a member of the public is sent."""
    await desk.hear([Life(name, referrer=ReferrerKind.PUBLIC).received()])
    await desk.deliver()
    return desk.channel.taken[-1].body


async def test_the_list_says_what_is_in_force_and_what_each_may_use(api: Api) -> None:
    listed = (await api.get("/v1/templates")).json()["templates"]
    receipt = next(each for each in listed if each["name"] == "public-receipt")
    assert (receipt["version"], receipt["shipped"], receipt["audience"]) == (0, True, "public")
    assert receipt["values"] == ["phone", "received", "reference", "sender_reference"]
    assert not receipt["tells_outcome"]
    one = await api.get(PATH)
    assert one.headers["ETag"] == '"0"'
    assert one.json()["text"].startswith("We have received your message {{ reference }}")
    assert one.json()["reading"]["plain"]
    assert (await api.get("/v1/templates/nothing")).status_code == 404


async def test_the_newest_words_go_out_without_a_restart_and_can_be_shown_by_their_hash(desk: Desk, api: Api) -> None:
    courier = desk.courier()
    before = await receive(desk, "before")
    taken = await put(api, WORDS)
    assert (taken.status_code, taken.json()["version"], taken.json()["shipped"]) == (200, 1, False), taken.text
    await desk.hear([Life("after", referrer=ReferrerKind.PUBLIC).received()])
    await courier.deliver_due()
    after = desk.channel.taken[-1]
    assert after.body.startswith("Thank you. Our reference: MASH-")
    assert before != after.body
    detail = (await api.get(PATH)).json()
    texts = {each["hash"]: each["text"] for each in detail["texts"]}
    rows = await desk.rows("SELECT template_hash FROM attempts ORDER BY started_at, number")
    assert {row["template_hash"] for row in rows} == texts.keys()
    assert texts[after.template_hash] == WORDS


async def test_words_are_replaced_under_their_etag_and_set_back(desk: Desk, api: Api) -> None:
    assert (await api.send("PUT", PATH, {"text": WORDS}, role="manager")).status_code == 428
    first = await put(api, WORDS)
    assert (await put(api, WORDS)).status_code == 412
    same = await put(api, WORDS, first.headers["ETag"])
    assert same.json()["version"] == 1
    back = await api.send("DELETE", PATH, role="admin", If_Match=first.headers["ETag"])
    assert (back.status_code, back.json()["version"], back.json()["shipped"]) == (200, 2, True)
    assert [each["shipped"] for each in back.json()["history"]] == [False, True]
    assert "we cannot tell you what happens next" in await receive(desk, "set back")
    assert (await put(api, WORDS, '"2"', role="practitioner")).status_code == 403
    actions = await desk.rows("SELECT action FROM audit WHERE action LIKE 'template%' ORDER BY action")
    assert [row["action"] for row in actions] == ["template.replaced", "template.replaced", "template.reset"]


async def test_what_is_no_template_is_refused_with_every_reason_and_changes_nothing(desk: Desk, api: Api) -> None:
    answer = await put(api, "canary {{ phone }}\n{{ outcomes }}\n{{ x.y }}\n")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "template_refused")
    assert {error["code"] for error in problem["errors"]} == {"value_not_allowed"}
    assert {error["detail"].split(":")[0] for error in problem["errors"]} == {"Line 1", "Line 2", "Line 3"}
    assert "canary" not in answer.text
    assert (await api.get(PATH)).json()["version"] == 0
    assert await desk.rows("SELECT 1 FROM template_versions") == []


async def test_a_preview_shows_each_sample_and_keeps_nothing(desk: Desk, api: Api) -> None:
    path = f"{PATH}/preview"
    shown = (await api.send("POST", path, {}, role="manager")).json()
    assert [each["sample"] for each in shown["letters"]] == ["usual", "without_your_reference"]
    assert "Your reference: SCH/2026/14" in shown["letters"][0]["body"]
    assert "Your reference" not in shown["letters"][1]["body"]
    own = await api.send("POST", path, {"text": WORDS, "sample": "usual"}, role="admin")
    assert [each["subject"] for each in own.json()["letters"]] == ["We have your message MASH-7K3P-2QF9-5"]
    refused = await api.send("POST", path, {"text": "nothing"}, role="manager")
    assert refused.status_code == 422
    unknown = await api.send("POST", path, {"sample": "made_up"}, role="manager")
    assert unknown.json()["errors"][0]["code"] == "unknown_sample"
    assert (await api.send("POST", path, {})).status_code == 403
    assert await desk.rows("SELECT 1 FROM template_texts") == []


async def test_versions_cannot_be_rewritten(desk: Desk, api: Api) -> None:
    await put(api, WORDS)
    async with desk.notify.work() as work:
        with pytest.raises(Exception, match="permission denied"):
            await work.connection.exec_driver_sql("DELETE FROM template_versions")
