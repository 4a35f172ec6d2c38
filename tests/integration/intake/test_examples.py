"""What the API's page shows can be pasted: each example of a body is answered as the page says it will be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from services.intake.bootstrap import Intake
from services.intake.entrypoints.api import make_app
from services.intake.entrypoints.schemas import answers, batch, telling
from services.intake.entrypoints.schemas.examples import EXAMPLE
from tests.integration.intake.steps import Others, Token, send

WHO = {
    "/v1/contacts": "partner",
    "/v1/contacts/batch": "partner",
    "/v1/contacts/{contact_id}/information": "partner",
    "/v1/contacts/{contact_id}/withdrawal": "partner",
    "/v1/contacts/{contact_id}/challenge": "partner",
    "/v1/contacts/summaries": "practitioner",
    "/v1/contacts/{contact_id}/erasure": "admin",
    "/development/token": "ops",
}
ANSWERS = [
    answers.ContactAccepted, answers.ContactOut, answers.ContactList, answers.Timeline, answers.Recipient,
    answers.Summaries, answers.TokenOut, batch.BatchAnswer, telling.InformationAccepted, telling.WithdrawalAccepted,
    telling.ChallengeAccepted,
]  # fmt: skip


def whole(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def examples(document: dict[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """Path, body and documented success of each example."""
    for path in WHO:
        operation = document["paths"][path]["post"]
        schema = whole(operation["requestBody"]["content"]["application/json"]["schema"], document)
        assert schema.get("examples"), f"{path} has no example"
        success = min(int(status) for status in operation["responses"] if status.isdecimal())
        yield from ((path, example, success) for example in schema["examples"])


async def test_each_example_of_a_body_works_when_pasted(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    document = make_app(intake).openapi()
    headers = {role: await token(role) for role in sorted(set(WHO.values()))}
    for path, example, success in examples(document):
        told = (await send(api, headers["partner"], "/v1/contacts", EXAMPLE)).json()
        others = Others(intake, told["id"])
        await others.say(others.decision())
        answer = await send(api, headers[WHO[path]], path.format(contact_id=told["id"]), example)
        assert answer.status_code == success, f"{path}: {answer.text}"
        content = answer.json() if answer.content else {}
        assert not content.get("warnings"), f"{path}: {content}"
        assert all(one["status"] == 201 for one in content.get("results", ())), content


@pytest.mark.parametrize("model", ANSWERS, ids=lambda model: model.__name__)
def test_each_example_of_an_answer_is_one(model: Any) -> None:
    (example,) = model.model_json_schema()["examples"]
    shown = model.model_validate(example).model_dump(mode="json", exclude_unset=True)
    assert shown.keys() == example.keys()


async def test_every_body_of_the_page_has_an_example(intake: Intake) -> None:
    """The token's form excepted: a secret that works cannot be shown."""
    document = make_app(intake).openapi()
    with_body = {path for path, item in document["paths"].items() if "requestBody" in item.get("post", {})}
    ours = {path for path in with_body if not path.startswith(("/v1/guidance", "/v1/children")) and "links" not in path}
    assert ours - {"/v1/token"} == set(WHO)
