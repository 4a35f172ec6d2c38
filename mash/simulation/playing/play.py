"""A plan from its first act to its last: groups of one moment, contacts side by side, acts of one contact in order."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import httpx2

from mash import business_time
from mash.bus_progress import bus_progress
from mash.business_time import Databases
from mash.refusal import Refused
from mash.simulation.acts import Act, Do, spoken
from mash.simulation.plan import Plan
from mash.simulation.playing.doing import ActRefused, Doing
from mash.simulation.playing.pace import Pace
from mash.simulation.playing.senders import Senders
from mash.simulation.telling import sender_reference
from mash.system import database, refuse_in_production, settings_of

AT_ONCE = 8
"""Contacts that are worked on side by side."""
REQUEST_SECONDS = 30.0
STIRRING = frozenset({Do.TELL, Do.INFORMATION, Do.LINK})
NEEDS_SETTLED = frozenset({Do.DECISION, Do.RATING, Do.LINK})
"""What was known before comes after the commit and may raise a rating: staff decide when it is there."""


@dataclass(slots=True)
class Played:
    """What came of it."""

    done: dict[str, int] = field(default_factory=dict[str, int])
    """Acts, by what was done."""
    refused: list[str] = field(default_factory=list[str])
    steps: int = 0
    waits: int = 0
    ended_at: str = ""

    def note(self, do: Do, acts: int = 1) -> None:
        """So many more were done."""
        self.done[do.value] = self.done.get(do.value, 0) + acts


class Player:
    """Plays acts; `write` gets a line for each that was done."""

    def __init__(self, doing: Doing, pace: Pace, write: Callable[[dict[str, Any]], None]) -> None:
        self._doing = doing
        self._pace = pace
        self._write = write
        self._places = asyncio.Semaphore(AT_ONCE)
        self.played = Played()

    async def moment(self, at: datetime, acts: Sequence[Act]) -> None:
        """Everything that is done at one moment; its lines in the order of the plan."""
        await self._pace.settle(one.contact for one in acts if one.do in NEEDS_SETTLED)
        await self._pace.move_to(at)
        batched = [one for one in acts if one.in_batch and one.do is Do.TELL]
        rest = [one for one in acts if one not in batched]
        chains = [list(group) for _, group in groupby(rest, key=lambda act: act.contact)]
        batches = [list(group) for _, group in groupby(batched, key=lambda act: act.by)]
        done = await asyncio.gather(*map(self._batch, batches), *map(self._chain, chains))
        for line in (line for lines in done for line in lines):
            self._write(line)
        self._pace.stir(one.contact for one in acts if one.do in STIRRING)
        for act in acts:
            if act.heard_within is not None:
                self._pace.to_be_heard_by(at + act.heard_within)

    async def _batch(self, acts: Sequence[Act]) -> list[dict[str, Any]]:
        self.played.note(Do.TELL, len(acts))
        return await self._doing.tell_together(acts)

    async def _chain(self, acts: Sequence[Act]) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        async with self._places:
            for act in acts:
                try:
                    lines.append(await (self._doing.tell(act) if act.do is Do.TELL else self._doing.do(act)))
                    self.played.note(act.do)
                except ActRefused as refused:
                    self.played.refused.append(str(refused))
        return lines


async def play(
    settings: Mapping[str, str], plan: Plan, *, write: Callable[[dict[str, Any]], None], on_act: Callable[[int], None]
) -> Played:
    """Play the plan on the running hub, from its first act to the end of its last day.

    Raises:
        Refused: in production; or business time is past the plan's beginning, and not because of this plan.
        NotQuiet: something stayed in flight for a minute.
    """
    refuse_in_production(settings, "a simulated month")
    environment = settings_of(settings, "deadlines").environment
    async with AsyncExitStack() as closing:
        engines = await closing.enter_async_context(business_time.service_databases(settings))
        progress = await closing.enter_async_context(bus_progress(settings))
        intake = await closing.enter_async_context(database(settings, "intake"))
        http = await closing.enter_async_context(httpx2.AsyncClient(timeout=REQUEST_SECONDS, trust_env=False))
        senders = Senders(settings, http, intake)
        await _refuse_another(senders, engines, plan)
        now = await closing.enter_async_context(_standing_still(engines, plan.acts[0].at, environment))
        pace = Pace(engines, progress, environment=environment, now=now)
        player = Player(Doing(senders, key=f"simulated-{plan.wishes.label}"), pace, write)
        await pace.quiet()
        for at, acts in groupby(plan.acts, key=lambda act: act.at):
            group = list(acts)
            await player.moment(at, group)
            on_act(len(group))
        await pace.quiet()
        player.played.steps, player.played.waits, player.played.ended_at = pace.steps, pace.waits, spoken(pace.now)
        write({"at": spoken(pace.now), "do": "end"})
    return player.played


@asynccontextmanager
async def _standing_still(engines: Databases, begins: datetime, environment: str) -> AsyncGenerator[datetime]:
    """Business time stands still at the plan's beginning, or where an earlier run was interrupted; it runs on only when
    all is played, so that whoever plays on finds it where it was.
    """
    before = await business_time.read(engines[business_time.LAST])
    if before.at < begins or not await business_time.has_contacts(engines):
        await business_time.begin_at(engines, begins, speed=0, environment=environment)
    else:
        await business_time.set_speed(engines, 0, environment=environment)
    yield (await business_time.read(engines[business_time.LAST])).at
    await business_time.set_speed(engines, before.speed or 1.0, environment=environment)


async def _refuse_another(senders: Senders, engines: Databases, plan: Plan) -> None:
    """Only a hub without contacts, or one that this very plan began, can be at a time after its beginning."""
    now = (await business_time.read(engines[business_time.LAST])).at
    if now <= plan.acts[0].at or not await business_time.has_contacts(engines):
        return
    first = plan.acts[0]
    path = f"/v1/contacts?sender_reference={sender_reference(plan.wishes.label, first.contact)}"
    answer = await senders.send("GET", path, by=first.by, service="intake")
    if not answer.is_success or not answer.json()["contacts"]:
        raise Refused(
            f"business time is {spoken(now)} and there are contacts: a month is simulated from its beginning,"
            f" which is {spoken(first.at)} here. Start afresh: `mash up --reset --no-demo`"
        )
