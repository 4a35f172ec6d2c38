"""How the examples reach the system: partners through intake's REST API, staff through triage's, nothing else."""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.credentials import client_token, secret_for, staff_token
from mash.demo.examples import Sender, Step
from mash.system import address_of, business_now, settings_of

STAFF = {"duty.worker": "practitioner", "duty.manager": "manager"}
MANAGERS_STEPS = ("authorisation",)
CHANGED_MEANWHILE = 412
NOT_NOW = (429, 503)
TRIES = 5
AGAIN_SECONDS = 1.0
PATHS = {"discussion": "discussions", "milestone": "milestones"}
"""Where a step's name is not already the last part of its address."""


class StepRefused(Exception):
    """The system did not take a step; the message has the status and the problem's code only."""


class Desk:
    """Sends what an example says, as whoever says it."""

    def __init__(self, settings: Mapping[str, str], http: httpx2.AsyncClient, intake: AsyncEngine) -> None:
        """`intake` is intake's database, where development makes the partners' clients and reads business time."""
        self._settings = settings
        self._http = http
        self._intake = intake
        self._tokens: dict[str, str] = {}
        self._one_token_at_a_time = asyncio.Lock()

    async def now(self) -> datetime:
        """Business time."""
        return await business_now(self._intake)

    async def post(self, sender: Sender, contact: Mapping[str, Any]) -> dict[str, Any]:
        """Post a contact under a key of its own and return intake's answer.

        Raises:
            StepRefused: it was not accepted.
        """
        headers = await self._headers(sender)
        address = f"{address_of(self._settings, 'intake')}/v1/contacts"
        return _accepted(await self._send("POST", address, headers, contact), "contact")

    async def do(self, contact_id: str, step: Step) -> None:
        """Let staff take a step, on what the case is at that moment.

        Raises:
            StepRefused: triage did not take it.
        """
        by = step.by or ("duty.manager" if step.do in MANAGERS_STEPS else "duty.worker")
        headers = await self._headers(Sender(staff=by))
        address = f"{address_of(self._settings, 'triage')}/v1/triage/{contact_id}"
        now = await self.now()
        for tries_left in reversed(range(TRIES)):  # a case moves by itself too: its referrer was told
            read = await self._send("GET", address, headers)
            body = body_of(step, _accepted(read, "read"), now)
            there = f"{address}/{PATHS.get(step.do, step.do)}"
            answer = await self._send("POST", there, {**headers, "If-Match": read.headers["ETag"]}, body)
            if answer.status_code != CHANGED_MEANWHILE or not tries_left:
                _accepted(answer, step.do)
                return

    async def _send(
        self, method: str, address: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> httpx2.Response:
        """As a good client does: what was not answered is sent again under the same key, so it is done once."""
        for tries_left in reversed(range(TRIES)):
            try:
                answer = await self._http.request(method, address, headers=headers, json=body)
            except httpx2.HTTPError as error:
                if not tries_left:
                    raise StepRefused(f"no answer ({type(error).__name__})") from error
            else:
                if answer.status_code not in NOT_NOW or not tries_left:
                    return answer
            await asyncio.sleep(AGAIN_SECONDS)
        raise StepRefused("no answer")

    async def _headers(self, sender: Sender) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self._token(sender)}", "Idempotency-Key": str(uuid.uuid4())}

    async def _token(self, sender: Sender) -> str:
        """A token lives ten minutes, longer than any playing."""
        who = sender.client or sender.staff or ""
        async with self._one_token_at_a_time:
            if who not in self._tokens:
                self._tokens[who] = await self._new_token(sender)
            return self._tokens[who]

    async def _new_token(self, sender: Sender) -> str:
        if sender.staff is not None:
            return await staff_token(self._http, self._settings, role=STAFF[sender.staff], subject=sender.staff)
        client_id = sender.client or ""
        secret = await secret_for(
            self._intake,
            client_id=client_id,
            organisation=sender.organisation,
            name=sender.name or client_id,
            role="partner",
            environment=settings_of(self._settings, "intake").environment,
        )
        return await client_token(self._http, self._settings, client_id=client_id, secret=secret)


def body_of(step: Step, case: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return a step as triage's API wants it: ids instead of positions, business time for what takes place now."""
    by_position = {subject["position"]: subject["subject_id"] for subject in case["subjects"]}
    subject = {} if step.subject is None else {"subject_id": by_position[step.subject]}
    body = {**subject, **step.fields}
    match step.do:
        case "discussion":
            body |= {"held_at": now.isoformat(), "subject_ids": list(by_position.values())}
        case "milestone":
            body |= {"occurred_at": now.isoformat()}
        case "authorisation":
            body |= {"agreed": True}
        case "decision":
            strategies = [held["discussion_id"] for held in case["discussions"] if held["kind"] == "strategy"]
            body |= {"discussion_id": strategies[-1]} if strategies else {}
        case _:
            pass
    return body


def _accepted(answer: httpx2.Response, what: str) -> dict[str, Any]:
    if answer.is_success:
        return answer.json()
    kind = answer.headers.get("content-type", "")
    problem = answer.json() if "json" in kind else {}
    codes = ", ".join(str(error.get("code")) for error in problem.get("errors", []))
    raise StepRefused(f"{what} refused: {answer.status_code} {problem.get('code', '')} {codes}".rstrip())
