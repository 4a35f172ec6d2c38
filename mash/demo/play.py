"""Playing the examples on the running system, and telling what happens."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from uuid import UUID

import httpx2
from rich.console import Console

from mash.behind import what_is_behind
from mash.demo.desk import Desk, StepRefused
from mash.demo.examples import Example, load_examples
from mash.story import Story
from mash.story_thread import Thread
from mash.system import database, pack_of, refuse_in_production
from mash.telling import Teller, telling, wait_for

PACE_SECONDS = 0.35
"""Between one step and the next, so that a person can read along."""
RATED_SECONDS = 30.0
HEARD_SECONDS = 20.0
SETTLE_SECONDS = 1.0
"""Clocks that were over before the contact came are missed within the second."""
REQUEST_SECONDS = 15.0


async def run(
    settings: Mapping[str, str], *, pace_seconds: float = PACE_SECONDS, console: Console | None = None
) -> None:
    """Post the example contacts as their senders, let staff work on them, and tell the story; each run posts anew.

    Raises:
        Refused: this is production, or the development issuer is not there.
    """
    refuse_in_production(settings, "the story of the example contacts")
    story = Story(pack_of(settings))
    teller = Teller(story, console)
    async with AsyncExitStack() as closing:
        intake = await closing.enter_async_context(database(settings, "intake"))
        http = await closing.enter_async_context(httpx2.AsyncClient(timeout=REQUEST_SECONDS, trust_env=False))
        desk = Desk(settings, http, intake)
        since = await desk.now()
        await closing.enter_async_context(telling(settings, teller, since=since))
        posted = await _play(load_examples(since), desk, teller, pace_seconds)
        await wait_for(lambda: not any(_awaited(story, posted).values()), limit_seconds=HEARD_SECONDS)
        await asyncio.sleep(SETTLE_SECONDS)
    for contact_id, waits in _awaited(story, posted).items():
        if waits:
            teller.note(story.threads.get(contact_id, Thread()).reference, f"not heard yet: {', '.join(waits)}")
    teller.summary(await what_is_behind(settings))


def _awaited(story: Story, contact_ids: set[UUID]) -> dict[UUID, tuple[str, ...]]:
    return {one: story.threads.get(one, Thread()).awaits(story.pack) for one in contact_ids}


async def _play(examples: tuple[Example, ...], desk: Desk, teller: Teller, pace: float) -> set[UUID]:
    """Post one after the other; staff begin on each while the next arrive."""
    posted: set[UUID] = set()
    async with asyncio.TaskGroup() as staff:
        for example in examples:
            teller.heading(example.title)
            try:
                answer = await desk.post(example.sender, example.contact)
            except StepRefused as refused:
                teller.note(example.name, str(refused))
                continue
            contact_id, reference = UUID(answer["id"]), answer["reference"]
            posted.add(contact_id)
            desk.posted[example.name] = answer["id"]
            if answer["warnings"]:
                teller.note(reference, f"accepted with {len(answer['warnings'])} warnings about its form")
            for advice in answer["advice"]:
                teller.note(reference, f"the sender is told: {advice}")
            staff.create_task(_work_on(example, contact_id, desk, teller, pace))
            await asyncio.sleep(2 * pace)
    return posted


async def _work_on(example: Example, contact_id: UUID, desk: Desk, teller: Teller, pace: float) -> None:
    """What staff do with one contact, once it is rated."""
    threads = teller.story.threads

    def rated() -> bool:
        return contact_id in threads and threads[contact_id].rating is not None

    if not await wait_for(rated, limit_seconds=RATED_SECONDS):
        return  # the closing lines name it
    for step in example.staff:
        await asyncio.sleep(pace)
        if step.after is not None and not await wait_for(
            lambda heard=step.after: getattr(threads[contact_id], heard), limit_seconds=HEARD_SECONDS
        ):
            teller.note(threads[contact_id].reference, f"{step.do} left out: not {step.after} yet")
            return
        try:
            await desk.do(str(contact_id), step, sender=example.sender)
        except StepRefused as refused:
            teller.note(threads[contact_id].reference, str(refused))
            return
