"""How long a contact waits, in the whole running hub, from its acceptance to its rating, its clocks, its answer."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from benchmarks import contacts
from benchmarks.figures import Figure, Options, p50_p99, percentile
from benchmarks.post import ACCEPTED, posts_to
from benchmarks.wire import Answered
from mash.kafka import temporary_kafka
from tests.support.hub import Hub, running_hub

WARM_UP_SECONDS = 3
REST_SECONDS = 300
# When a transaction's rows could be seen: the server notes each commit, by its own clock.
_COMMITTED = "pg_xact_commit_timestamp(xmin)"
_STAGES = {
    "rated": ("triage", "ContactRated", "min"),
    "all clocks set": ("deadlines", "DeadlineSet", "max"),
    "acknowledgement sent": ("notify", "ReferrerAcknowledged", "min"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """Seconds of each contact, by what was waited for."""

    post: list[float]
    refused: int
    stages: dict[str, list[float]]


async def run(options: Options) -> list[Figure]:
    """Offered at a steady rate whatever the answers do: on the real Kafka, then on the PostgreSQL bus."""
    seconds, rate = options.seconds or 30, options.rate or 100
    with temporary_kafka() as kafka:
        on_kafka = await measure(kafka.bootstrap, rate=rate, seconds=seconds)
    on_postgres = await measure(None, rate=rate, seconds=seconds)

    def figure(name: str, ours: list[float], peer: list[float], *, aim: str = "") -> Figure:
        return Figure(
            name=f"{rate}/s on Kafka: {name}, p50 / p99",
            value=p50_p99(ours),
            beside="on the PostgreSQL bus",
            there=p50_p99(peer),
            ratio=percentile(ours, 0.99) / percentile(peer, 0.99),
            aim=aim,
        )

    return [
        Figure(
            name=f"contacts posted at {rate}/s for {seconds:g} s, on Kafka",
            value=f"{len(on_kafka.post)} accepted, {on_kafka.refused} refused",
            beside="on the PostgreSQL bus",
            there=f"{len(on_postgres.post)} accepted, {on_postgres.refused} refused",
        ),
        figure("POST", on_kafka.post, on_postgres.post, aim="p99 ≤ 50 ms"),
        *(
            figure(f"accepted → {name}", found, on_postgres.stages[name], aim=_aim(name))
            for name, found in on_kafka.stages.items()
        ),
    ]


def _aim(stage: str) -> str:
    return "" if stage == "acknowledgement sent" else "p99 ≤ 150 ms (at 300/s)"


async def measure(bootstrap: str | None, *, rate: int, seconds: float) -> Waited:
    """One run over a hub of its own."""
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as folder:
        async with running_hub(Path(folder), kafka_bootstrap=bootstrap) as hub:
            await note_commits(hub)
            posts = await posts_to(hub)
            await posts.open_loop(rate=rate, seconds=WARM_UP_SECONDS)
            await hub.at_rest(within_seconds=REST_SECONDS)
            answers = await posts.open_loop(rate=rate, seconds=seconds)
            took = [one.seconds for one in answers if one.status == ACCEPTED]
            await hub.at_rest(within_seconds=REST_SECONDS)
            found = await stages(hub, ids_of(answers))
            return Waited(post=took, refused=len(answers) - len(took), stages=found)


async def note_commits(hub: Hub) -> None:
    """Makes the server note when each transaction was committed: that takes a restart."""
    hub.postgres.sql("ALTER SYSTEM SET track_commit_timestamp = on")
    hub.postgres.restart()
    await hub.tell(contacts.contact(0))
    await hub.at_rest(within_seconds=REST_SECONDS)


def ids_of(answers: list[Answered]) -> set[UUID]:
    """The contacts that were acknowledged."""
    return {UUID(json.loads(one.body)["id"]) for one in answers if one.status == ACCEPTED}


async def stages(hub: Hub, ids: set[UUID]) -> dict[str, list[float]]:
    """Seconds from when the accepting statement began to each stage's commit. Raises AssertionError for one missing."""
    began = await hub.rows("intake", "SELECT contact_id, created_at AS at FROM event_log WHERE sequence = 1")
    accepted: dict[UUID, datetime] = {row["contact_id"]: row["at"] for row in began if row["contact_id"] in ids}
    found: dict[str, list[float]] = {}
    for name, (service, event, which) in _STAGES.items():
        sql = f"SELECT contact_id, {which}({_COMMITTED}) AS at FROM event_log WHERE headers::text LIKE $1 GROUP BY 1"
        rows = await hub.rows(service, sql, f"%.{event}.%")
        at: dict[UUID, datetime] = {row["contact_id"]: row["at"] for row in rows}
        found[name] = [(at[one] - since).total_seconds() for one, since in accepted.items() if one in at]
    assert len(found["rated"]) == len(ids), f"{len(ids) - len(found['rated'])} contacts were not rated"
    return found
