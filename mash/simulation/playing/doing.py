"""One act becomes one request: ids in the place of positions, the key of the seed, the version it was read at."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2

from mash.simulation.acts import CASE_SYSTEM, WORKER, Act, Do
from mash.simulation.playing.kept import Kept, kept_of, line_of
from mash.simulation.playing.senders import Senders

PATHS: Mapping[Do, str] = {
    Do.CHECK: "checks",
    Do.CHECK_ANSWER: "checks/{check_id}/answer",
    Do.DISCUSSION: "discussions",
    Do.MILESTONE: "milestones",
    Do.CHALLENGE_ANSWER: "challenges/{challenge_id}/answer",
}
"""Of staff's acts at triage, where the act's name is not already the last part of the address."""
BY_SENDER = frozenset({Do.INFORMATION, Do.WITHDRAWAL, Do.CHALLENGE})
CHANGED, NOT_YET, NOT_FOUND = 412, 409, 404
PATIENCE_SECONDS = 60.0
AGAIN_SECONDS = 0.1


class ActRefused(Exception):
    """The system did not take an act; the message has the act, the status and the problem's codes only."""


class Doing:
    """Does acts, and keeps what their answers say."""

    def __init__(self, senders: Senders, *, key: str) -> None:
        """`key` begins every idempotency key: the same plan played again does nothing twice."""
        self._senders = senders
        self._key = key
        self._done: dict[int, int] = {}
        self.contacts: dict[int, Kept] = {}

    async def tell(self, act: Act) -> dict[str, Any]:
        """Post one contact.

        Raises:
            ActRefused: it was not taken.
        """
        headers = {"Idempotency-Key": self._key_of(act)}
        answer = await self._patiently(
            lambda: self._senders.send(
                "POST", "/v1/contacts", by=act.by, service="intake", body=act.fields, headers=headers
            )
        )
        return self._keep(act, _accepted(answer, act))

    async def tell_together(self, acts: Sequence[Act]) -> list[dict[str, Any]]:
        """Post the batch of one sender.

        Raises:
            ActRefused: one of them was not taken.
        """
        body = {"contacts": [{"idempotency_key": self._key_of(act), "contact": act.fields} for act in acts]}
        answer = await self._senders.send("POST", "/v1/contacts/batch", by=acts[0].by, service="intake", body=body)
        results = _accepted(answer, acts[0])["results"]
        for act, result in zip(acts, results, strict=True):
            if result["contact"] is None:
                raise ActRefused(f"contact {act.contact} of a batch refused: {result['status']}")
        return [self._keep(act, result["contact"]) for act, result in zip(acts, results, strict=True)]

    async def do(self, act: Act) -> dict[str, Any]:
        """Do what comes after the first post; the line that says what was done.

        Raises:
            ActRefused: it was not taken.
        """
        kept = self.contacts[act.contact]
        if act.do is Do.LINK:
            return await self._link(act, kept)
        if act.do in BY_SENDER:
            return await self._tell_more(act, kept)
        return await self._work(act, kept)

    async def _tell_more(self, act: Act, kept: Kept) -> dict[str, Any]:
        path, headers = f"/v1/contacts/{kept.contact_id}/{act.do.value}", {"Idempotency-Key": self._key_of(act)}
        answer = await self._patiently(
            lambda: self._senders.send("POST", path, by=act.by, service="intake", body=act.fields, headers=headers)
        )
        said = _accepted(answer, act)
        kept.challenge_id = said.get("challenge_id", kept.challenge_id)
        return line_of(act, kept)

    async def _link(self, act: Act, kept: Kept) -> dict[str, Any]:
        primary = self.contacts[act.fields["same_as"]]
        path, key = f"/v1/contacts/{primary.contact_id}/links", {"Idempotency-Key": self._key_of(act)}
        reason = {"reason_code": "same_incident", "reason": "The same children and the same day."}
        pairs = {kept.subjects[position]: primary.subjects[position] for position in sorted(kept.subjects)}
        body = {"other_contact_id": kept.contact_id, "relation": "duplicate", "pairs": pairs, **reason}

        async def attempt() -> httpx2.Response:
            read = await self._senders.send("GET", path, by=WORKER, service="intake")
            match = {"If-Match": read.headers.get("ETag", "")}
            return await self._senders.send("POST", path, by=WORKER, service="intake", body=body, headers=key | match)

        _accepted(await self._patiently(attempt), act)
        kept.etag = primary.etag = None
        return line_of(act, kept, duplicate_of=primary.reference)

    async def _work(self, act: Act, kept: Kept) -> dict[str, Any]:
        path = f"/v1/triage/{kept.contact_id}"
        key, body = self._key_of(act), _body(act, kept)

        async def attempt() -> httpx2.Response:
            if kept.etag is None and act.by != CASE_SYSTEM:
                read = await self._senders.send("GET", path, by=act.by)
                if read.status_code == NOT_FOUND or (read.is_success and read.json()["rating"] is None):
                    return httpx2.Response(NOT_YET)
                kept.etag = _accepted_response(read, act).headers["ETag"]
            there = PATHS.get(act.do, act.do.value).format(check_id=kept.check_id, challenge_id=kept.challenge_id)
            headers = {"Idempotency-Key": key, **({"If-Match": kept.etag} if kept.etag else {})}
            answer = await self._senders.send("POST", f"{path}/{there}", by=act.by, body=body, headers=headers)
            kept.etag = answer.headers.get("ETag") if answer.is_success else None
            return answer

        said = _accepted(await self._patiently(attempt), act)
        return line_of(act, kept, **_learn(act, kept, said))

    async def _patiently(self, attempt: Any) -> httpx2.Response:
        """Again where the case has moved, or a service has not heard yet what the act is about."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer: httpx2.Response = await attempt()
            if answer.status_code not in (CHANGED, NOT_YET) or time.monotonic() > until:
                return answer
            if answer.status_code == NOT_YET:
                await asyncio.sleep(AGAIN_SECONDS)

    def _keep(self, act: Act, answer: Mapping[str, Any]) -> dict[str, Any]:
        kept = self.contacts[act.contact] = kept_of(answer)
        return line_of(act, kept)

    def _key_of(self, act: Act) -> str:
        """The key of a contact's n-th act: the same whenever the plan is played."""
        count = self._done[act.contact] = self._done.get(act.contact, 0) + 1
        return f"{self._key}-{act.contact}-{count}"


def _body(act: Act, kept: Kept) -> dict[str, Any]:
    subject = {} if act.subject is None else {"subject_id": kept.subjects[act.subject]}
    body = {**subject, **act.fields}
    match act.do:
        case Do.CHECK:
            about = {**subject, "why": body.pop("why")}
            return {name: value for name, value in body.items() if name != "subject_id"} | {"subjects": [about]}
        case Do.DISCUSSION:
            return body | {"subject_ids": [kept.subjects[position] for position in sorted(kept.subjects)]}
        case Do.DECISION:
            return body | ({"discussion_id": kept.discussion_id} if kept.discussion_id else {})
        case _:
            return body


def _learn(act: Act, kept: Kept, said: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what the answer says; of a decision also whether it holds from now on."""
    position = act.subject or 0
    match act.do:
        case Do.DISCUSSION:
            kept.discussion_id = said["made"]
        case Do.CHECK:
            kept.check_id = said["checks"][0]["check_id"]
        case Do.DECISION | Do.AUTHORISATION:
            if act.do is Do.DECISION:
                kept.proposed[position] = act.fields["outcome"]
                kept.revised |= {position} if act.fields.get("revises") else set()
            first = said["undecided"] < kept.undecided
            kept.undecided = said["undecided"]
            again = act.do is Do.AUTHORISATION and position in kept.revised
            return {"outcome": kept.proposed.get(position), "in_force": first or again}
        case _:
            pass
    return {}


def _accepted(answer: httpx2.Response, act: Act) -> dict[str, Any]:
    return _accepted_response(answer, act).json()


def _accepted_response(answer: httpx2.Response, act: Act) -> httpx2.Response:
    if answer.is_success:
        return answer
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    codes = ", ".join(str(error.get("code")) for error in problem.get("errors", []))
    said = f"{answer.status_code} {problem.get('code', '')} {codes}".strip()
    raise ActRefused(f"{act.do.value} of contact {act.contact} refused: {said}")
