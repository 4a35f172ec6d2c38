"""The run itself: a hub on real Kafka, business time that stands still between steps, and what is seen afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import uuid4

from mash import business_time
from mash.behind import Behind, what_is_behind
from mash.bus_progress import bus_progress
from mash.demo.desk import Desk, StepRefused
from tests.support.hub import Hub, running_hub

from .kafka_log import Said, everything_said
from .play import ATTEST, TOLD_AT, Act, Play
from .plays import PLAYS

LOOKS_AT = 3
"""After so many of the days on which something is done, closed contacts are looked at, with clocks still running."""
ENVIRONMENT = "development"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact as the services show it."""

    id: str
    reference: str
    stage: str
    deadlines: list[dict[str, Any]]
    notifications: list[dict[str, Any]]


@dataclass(kw_only=True)
class Seen:
    """What the run left, and what was seen on the way."""

    contacts: dict[str, Contact] = field(default_factory=dict[str, Contact])
    on_the_way: list[dict[str, Contact]] = field(default_factory=list[dict[str, Contact]])
    ledger: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    stuck: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    behind: list[Behind] = field(default_factory=list[Behind])
    parked: dict[str, int] = field(default_factory=dict[str, int])
    letters: list[EmailMessage] = field(default_factory=list[EmailMessage])
    said: list[Said] = field(default_factory=list[Said])
    steps: int = 0

    def play_of(self, contact_id: str) -> str:
        """The name of the play that a contact belongs to."""
        return next(name for name, contact in self.contacts.items() if contact.id == contact_id)


async def played(folder: Path, kafka_bootstrap: str, plays: tuple[Play, ...] = PLAYS) -> Seen:
    """Tells all contacts at one moment, does at each later one what is to be done, and looks at everything."""
    feeds = {"MASH_DEADLINES_MILESTONE_FEEDS": "case_system"}
    async with AsyncExitStack() as closing:
        hub = await closing.enter_async_context(running_hub(folder, kafka_bootstrap=kafka_bootstrap, **feeds))
        engines = await closing.enter_async_context(business_time.open_databases(hub.settings))
        progress = await closing.enter_async_context(bus_progress(hub.settings))
        await business_time.begin_at(engines, TOLD_AT, speed=0, environment=ENVIRONMENT)
        run = _Run(hub, engines, progress)
        await run.tell(plays)
        await run.play(plays)
        return await run.look(folder, kafka_bootstrap)


async def _done(desk: Desk, contact_id: str, play: Play, act: Act) -> None:
    try:
        await desk.do(contact_id, act.step, sender=play.sender)
    except StepRefused as refused:
        raise AssertionError(f"{play.name} at {act.at}: {refused}") from refused


class _Run:
    def __init__(self, hub: Hub, engines: business_time.Databases, progress: business_time.BusProgress) -> None:
        self._hub = hub
        self._engines = engines
        self._progress = progress
        self._answers: dict[str, dict[str, Any]] = {}
        self._seen = Seen()

    def _desk(self) -> Desk:
        """A desk with fresh tokens: they last ten minutes."""
        return Desk(self._hub.settings, self._hub.http, self._engines["intake"])

    async def tell(self, plays: tuple[Play, ...]) -> None:
        desk = self._desk()
        for play in plays:
            self._answers[play.name] = await desk.post(play.sender, play.contact)
        await business_time.wait_until_quiet(self._engines, self._progress)

    async def play(self, plays: tuple[Play, ...]) -> None:
        """From one moment to the next; at each, one act of every contact after the other's."""
        days_looked_at = 0
        moments = sorted({act.at for play in plays for act in play.acts})
        for moment, following in zip_longest(moments, moments[1:]):
            self._seen.steps += await business_time.advance_to(
                self._engines, moment, progress=self._progress, environment=ENVIRONMENT
            )
            await self._act(moment, plays)
            if days_looked_at < LOOKS_AT and (following is None or following.date() > moment.date()):
                days_looked_at += 1
                self._seen.on_the_way.append(await self._contacts())

    async def _act(self, moment: datetime, plays: tuple[Play, ...]) -> None:
        desk = self._desk()
        queues = [(play, [act for act in play.acts if act.at == moment]) for play in plays]
        while any(acts for _, acts in queues):
            await asyncio.gather(*(self._do(desk, play, acts.pop(0)) for play, acts in queues if acts))
            await business_time.wait_until_quiet(self._engines, self._progress)

    async def _do(self, desk: Desk, play: Play, act: Act) -> None:
        contact_id = str(self._answers[play.name]["id"])
        if act.step.do != ATTEST:
            await _done(desk, contact_id, play, act)
            return
        headers = {**await self._hub.token("practitioner"), "Idempotency-Key": str(uuid4())}
        body = {**act.step.fields, "told_at": act.at.isoformat()}
        address = f"{self._hub.url('notify')}/v1/contacts/{contact_id}/told"
        answer = await self._hub.http.post(address, json=body, headers=headers)
        assert answer.status_code == 201, answer.text

    async def _contacts(self) -> dict[str, Contact]:
        found = await asyncio.gather(*(self._contact(answer) for answer in self._answers.values()))
        return dict(zip(self._answers, found, strict=True))

    async def _contact(self, answer: Mapping[str, Any]) -> Contact:
        contact_id = answer["id"]
        case = await self._get("triage", f"/v1/triage/{contact_id}")
        clocks = await self._get("deadlines", f"/v1/contacts/{contact_id}/deadlines")
        told = await self._get("notify", f"/v1/notifications?contact_id={contact_id}&limit=200")
        return Contact(
            id=contact_id,
            reference=answer["reference"],
            stage=case["stage"],
            deadlines=clocks["deadlines"],
            notifications=told["notifications"],
        )

    async def _get(self, service: str, path: str) -> dict[str, Any]:
        headers = await self._hub.token("practitioner")
        answer = await self._hub.http.get(f"{self._hub.url(service)}{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def look(self, folder: Path, kafka_bootstrap: str) -> Seen:
        """Everything that can be seen at the end."""
        seen = self._seen
        seen.contacts = await self._contacts()
        seen.ledger = (await self._get("deadlines", "/v1/breaches?limit=500"))["breaches"]
        seen.stuck = (await self._get("deadlines", "/v1/watchdog"))["stuck"]
        seen.behind = await what_is_behind(self._hub.settings)
        for service in ("intake", "triage", "deadlines", "notify"):
            rows = await self._hub.rows(service, "SELECT count(*) AS n FROM parked WHERE settled_at IS NULL")
            seen.parked[service] = rows[0]["n"]
        mailbox = sorted((folder / "mailbox").glob("*.eml"))
        seen.letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in mailbox]
        ours = {contact.id for contact in seen.contacts.values()}
        seen.said = [one for one in await everything_said(kafka_bootstrap) if one.contact_id in ours]
        return seen
