"""POST /v1/contacts, committed before its 201, beside the same application without the database's statements."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2

from benchmarks import contacts
from benchmarks.figures import Figure, Options, median, p50_p99, percentile
from benchmarks.places import Place, a_place
from benchmarks.wire import Answered, Posts
from mash.supervisor import Program, Supervisor
from tests.support.eventually import eventually
from tests.support.hub import Hub, free_ports

CONNECTIONS = 16
ROUNDS = 5
CALLERS = 16
BATCH_OF, BATCH_CONNECTIONS = 500, 2
ACCEPTED = 201


async def run(options: Options) -> list[Figure]:
    """Five rounds of closed loop on each, taking turns; then 300 a second offered to the durable one."""
    seconds, rate = options.seconds or 4, options.rate or 300
    async with a_place(["intake"]) as place, both_applications(place) as (durable, without):
        for posts in (durable, without):
            await posts.closed_loop(connections=CONNECTIONS, seconds=2)
        rounds = [
            [await posts.closed_loop(connections=CONNECTIONS, seconds=seconds) for posts in (durable, without)]
            for _ in range(ROUNDS)
        ]
        answers = await durable.open_loop(rate=rate, seconds=3 * seconds)
        await in_batches(durable, seconds=2)
        batched = [await in_batches(durable, seconds=seconds) for _ in range(ROUNDS)]
    offered = offered_at_a_rate(answers, rate)
    ours, peers = ([all_accepted(answers) for answers in side] for side in zip(*rounds, strict=True))
    return [
        Figure(
            name=f"durable POST /v1/contacts, {CONNECTIONS} connections",
            value=f"{median([len(one) / seconds for one in ours]):,.0f}/s",
            beside="the same without database",
            there=f"{median([len(one) / seconds for one in peers]):,.0f}/s",
            ratio=median([len(one) / len(peer) for one, peer in zip(ours, peers, strict=True)]),
            aim="≥ 0.50",
        ),
        batches_beside_posts(batched, [len(one) / seconds for one in ours]),
        Figure(
            name="its p50 / p99",
            value=p50_p99([one for many in ours for one in many]),
            beside="the same without database",
            there=p50_p99([one for many in peers for one in many]),
        ),
        offered,
    ]


def offered_at_a_rate(answers: list[Answered], rate: float) -> Figure:
    """How long those took that were accepted, and how many were not."""
    taken = [one.seconds for one in answers if one.status == ACCEPTED]
    refused = len(answers) - len(taken)
    return Figure(
        name=f"durable POST, {rate}/s offered ({refused} of {len(answers)} refused): p50 / p99",
        value=p50_p99(taken),
        aim="p99 ≤ 50 ms",
        ratio=percentile(taken, 0.99) / 0.05,
        beside="the aim",
        there="50 ms",
    )


def batches_beside_posts(batched: list[float], posted: list[float]) -> Figure:
    """Contacts a second in batches, beside as many single posts as there was time for."""
    return Figure(
        name=f"contacts in batches of {BATCH_OF}, {BATCH_CONNECTIONS} connections",
        value=f"{median(batched):,.0f}/s",
        beside="single durable posts",
        there=f"{median(posted):,.0f}/s",
        ratio=median(batched) / median(posted),
    )


async def in_batches(durable: Posts, *, seconds: float) -> float:
    """Contacts stored a second by POST /v1/contacts/batch. Raises AssertionError where one was not new."""
    batches = replace(durable, path="/v1/contacts/batch", body=contacts.batch)
    started = time.monotonic()
    answers = await batches.closed_loop(connections=BATCH_CONNECTIONS, seconds=seconds)
    elapsed = time.monotonic() - started
    statuses = [result["status"] for one in answers for result in json.loads(one.body)["results"]]
    assert set(statuses) == {ACCEPTED}, f"not all were new: {set(statuses)}"
    return len(statuses) / elapsed


def all_accepted(answers: list[Answered]) -> list[float]:
    """The seconds each took. Raises AssertionError where one was not accepted."""
    refused = {one.status for one in answers} - {ACCEPTED}
    assert not refused, f"answers other than 201: {refused}"
    return [one.seconds for one in answers]


@asynccontextmanager
async def both_applications(place: Place) -> AsyncGenerator[tuple[Posts, Posts]]:
    """Intake's API, and the same without its statements, as processes."""
    durable_port, other_port = int(place.settings["MASH_INTAKE_PORT"]), free_ports(1)[0]
    supervisor = Supervisor(logs=place.folder / "logs", say=print)
    settings = {**os.environ, **place.settings}
    try:
        await supervisor.start(
            [
                Program("durable", (sys.executable, "-m", "services.intake", "api"), settings),
                Program(
                    "without",
                    (sys.executable, "-m", "benchmarks.intake_without_database"),
                    {**settings, "MASH_INTAKE_PORT": str(other_port)},
                ),
            ]
        )
        async with httpx2.AsyncClient(timeout=10) as http:
            for port in (durable_port, other_port):
                await eventually(lambda port=port: _ready(http, port), within_seconds=30)
            hub = Hub(postgres=place.postgres, settings=place.settings, supervisor=supervisor, http=http)
            durable = await posts_to(hub)
            yield durable, replace(durable, port=other_port)
    finally:
        await supervisor.stop()


async def posts_to(hub: Hub) -> Posts:
    """Contacts from several partners to the hub's intake."""
    tokens = [await hub.token("partner", organisation=f"partner-{number}") for number in range(CALLERS)]
    return Posts(
        port=int(hub.settings["MASH_INTAKE_PORT"]), path="/v1/contacts", callers=tuple(tokens), body=contacts.body
    )


async def _ready(http: httpx2.AsyncClient, port: int) -> bool:
    try:
        return (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx2.TransportError:
        return False
