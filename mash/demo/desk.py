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
from mash.demo.steps import BY_MANAGER, LINK, TOLD, NotThereYet, body_of, path_of
from mash.system import address_of, business_now, settings_of

STAFF = {"duty.worker": "practitioner", "duty.manager": "manager", "other.manager": "manager"}
CHANGED_MEANWHILE = 412
NOT_YET = 409
NOT_NOW = (429, 503)
TRIES = 5
AGAIN_SECONDS = 1.0


class StepRefused(Exception):
    """The system did not take a step; the message has the status and the problem's code only."""


class Desk:
    """Sends what an example says, as whoever says it."""

    def __init__(self, settings: Mapping[str, str], http: httpx2.AsyncClient, intake: AsyncEngine) -> None:
        """`intake` is intake's database, where development makes the partners' clients and reads business time."""
        self._settings = settings
        self._http = http
        self._intake = intake
        self.posted: dict[str, str] = {}
        """The ids of the examples' contacts, by the examples' names."""
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

    async def do(self, contact_id: str, step: Step, *, sender: Sender) -> None:
        """Let staff take a step, on what the case is at that moment, or the sender tell more.

        Raises:
            StepRefused: it was not taken.
        """
        if step.do in TOLD:
            await self._tell(contact_id, step, sender)
        elif step.do == LINK:
            await self._link(contact_id, step)
        else:
            await self._work(contact_id, step)

    async def _work(self, contact_id: str, step: Step) -> None:
        headers = await self._headers(Sender(staff=_by(step)))
        address = f"{address_of(self._settings, 'triage')}/v1/triage/{contact_id}"
        now = await self.now()
        for tries_left in reversed(range(TRIES)):  # a case moves by itself too: its referrer was told
            read = await self._send("GET", address, headers)
            case = _accepted(read, "read")
            try:
                body, there = body_of(step, case, now), f"{address}/{path_of(step, case)}"
            except NotThereYet:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            answer = await self._send("POST", there, {**headers, "If-Match": read.headers["ETag"]}, body)
            if answer.status_code != CHANGED_MEANWHILE or not tries_left:
                _accepted(answer, step.do)
                return
        raise StepRefused(f"{step.do} refused: what it is about has not been heard")

    async def _tell(self, contact_id: str, step: Step, sender: Sender) -> None:
        """More is told by whoever sent it; intake may not have heard yet what it is about."""
        address = f"{address_of(self._settings, 'intake')}/v1/contacts/{contact_id}/{step.do}"
        for tries_left in reversed(range(TRIES)):
            answer = await self._send("POST", address, await self._headers(sender), step.fields)
            if answer.status_code != NOT_YET or not tries_left:
                _accepted(answer, step.do)
                return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _link(self, contact_id: str, step: Step) -> None:
        """The contact is a duplicate of the example that `to` names: the work is done on that one."""
        headers = await self._headers(Sender(staff=_by(step)))
        primary = self.posted[step.fields["to"]]
        address = f"{address_of(self._settings, 'intake')}/v1/contacts/{primary}/links"
        said = {name: value for name, value in step.fields.items() if name != "to"}
        body = {**said, "other_contact_id": contact_id, "relation": "duplicate"}
        for tries_left in reversed(range(TRIES)):
            read = await self._send("GET", address, headers)
            _accepted(read, "read")
            answer = await self._send("POST", address, {**headers, "If-Match": read.headers["ETag"]}, body)
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


def _by(step: Step) -> str:
    return step.by or ("duty.manager" if step.do in BY_MANAGER else "duty.worker")


def _accepted(answer: httpx2.Response, what: str) -> dict[str, Any]:
    if answer.is_success:
        return answer.json()
    kind = answer.headers.get("content-type", "")
    problem = answer.json() if "json" in kind else {}
    codes = ", ".join(str(error.get("code")) for error in problem.get("errors", []))
    raise StepRefused(f"{what} refused: {answer.status_code} {problem.get('code', '')} {codes}".rstrip())
