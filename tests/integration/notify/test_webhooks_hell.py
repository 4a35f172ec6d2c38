"""Receivers with every bad habit: nothing is lost, nobody else is delayed, and all arrives once they are mended."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

from services.notify.domain.policy.webhook_answers import AT_ONCE_A_HOST, CALL_SECONDS
from tests.support.builders_notify import Life
from tests.support.eventually import eventually
from tests.support.receivers import WRONG, Authority, Receiver, authority, receiving

from .conftest import Desk
from .webhook_desk import WebhookDesk, running

EVENTS = 10
HABITS = ("hang", "drip head", "reset", "429", "500", "503", "redirect", "404")
CERTIFICATES = ("wrong name", "self-signed", "expired")
Bad = dict[str, tuple[Receiver, ssl.SSLContext]]


def tls(kind: str, folder: Path, name: str) -> ssl.SSLContext:
    """A server's side that is right, or wrong in one way."""
    if kind == "self-signed":
        return Authority.new().server(folder, name)
    return authority().server(folder, WRONG if kind == "wrong name" else name, expired=kind == "expired")


async def bad_receivers(stack: AsyncExitStack, folder: Path) -> Bad:
    """One of each kind, each under a name of its own."""
    found: Bad = {}
    for kind in (*HABITS, *CERTIFICATES):
        name = f"{kind.replace(' ', '-')}-of-hell.example.org"
        context = tls(kind, folder, name)
        habit = kind if kind in HABITS else "204"
        receiver = await stack.enter_async_context(receiving(context, habit=habit, name=name))
        found[kind] = receiver, context
    found["429"][0].headers = {"Retry-After": "120"}
    return found


async def test_receivers_from_hell_lose_nothing_and_delay_nobody(desk: Desk, tmp_path: Path) -> None:
    hooks = WebhookDesk(desk, seconds=4 * CALL_SECONDS)  # what hangs, hangs for longer than the rest of this takes
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(receiving(authority().server(tmp_path)))
        bad = await bad_receivers(stack, tmp_path)
        for receiver in (*(receiver for receiver, _ in bad.values()), good):
            await hooks.register(receiver.url())
        await nobody_else_is_delayed(hooks, good, bad)
        await failures_are_noted(desk)
        for receiver, context in bad.values():
            receiver.mend(context, tmp_path)
        await all_arrives(WebhookDesk(desk, clock=hooks.clock), [good, *(receiver for receiver, _ in bad.values())])


async def nobody_else_is_delayed(hooks: WebhookDesk, good: Receiver, bad: Bad) -> None:
    hanging = [bad[kind][0] for kind in ("hang", "drip head")]

    async def all_but_what_hangs() -> bool:
        tried = all(receiver.calls for receiver, _ in list(bad.values())[: len(HABITS)])
        return tried and len(good.accepted) == EVENTS

    async with running(hooks.sender()):
        started = asyncio.get_running_loop().time()
        await hooks.desk.hear([Life(f"hell {number}").received() for number in range(EVENTS)])
        await eventually(all_but_what_hangs, within_seconds=2 * CALL_SECONDS)
        for receiver in hanging:
            assert receiver.at_once == len(receiver.calls) == AT_ONCE_A_HOST, "the first four hang still, no more came"
        assert good.accepted[-1].at - started < CALL_SECONDS, "all had its events before one call could have run out"
    assert good.most_at_once <= AT_ONCE_A_HOST


async def failures_are_noted(desk: Desk) -> None:
    """What each did stands among the attempts, in words; the calls that were cut off have no end."""
    rows = await desk.rows("SELECT DISTINCT coalesce(outcome, 'none') AS outcome, code FROM webhook_attempts")
    noted = {(row["outcome"], row["code"]) for row in rows}
    assert noted >= {
        ("none", None),
        ("accepted", "http_204"),
        ("later", "connection_lost"),
        ("later", "http_429"),
        ("later", "http_500"),
        ("later", "http_503"),
        ("later", "tls_failed"),
        ("slowly", "http_302"),
        ("slowly", "http_404"),
    }
    assert len(await desk.rows("SELECT * FROM webhook_deliveries")) == EVENTS * (len(HABITS) + len(CERTIFICATES) + 1)


async def all_arrives(hooks: WebhookDesk, everybody: list[Receiver]) -> None:
    """Time passes in steps, and another worker sends what comes due."""
    ids = {str(row["id"]) for row in await hooks.desk.rows("SELECT id FROM webhook_events")}
    async with hooks.sender() as sender:
        for _ in range(12):
            await hooks.run(sender)
            if all(set(each.ids) == ids for each in everybody):
                break
            hooks.clock.advance(700)
    assert {each.name: len(set(each.ids)) for each in everybody} == {each.name: EVENTS for each in everybody}
    assert set(await hooks.states()) == {"accepted"}
