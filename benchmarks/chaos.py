"""``python -m benchmarks.chaos``: contacts keep coming, processes are killed, PostgreSQL restarts, Kafka is away.

Afterwards each acknowledged contact must have had each effect exactly once; exit code 1 where one has not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks import contacts, document
from benchmarks.accepted_to_rated import note_commits
from benchmarks.figures import Figure, percentile, show
from mash.kafka import LocalKafka, temporary_kafka
from mash.services import SERVICES
from tests.support.hub import KINDS, Hub, running_hub
from tests.support.oracle import everything_once

SENDERS = 8
BROKER_AWAY_SECONDS = 20
AT_REST_SECONDS = 300
CLEAN = "Nothing lost, nothing twice."
ON_THE_WAY = ("intake-api", "intake-worker", "triage-worker")
"""Without these nothing is accepted, announced or rated: their kills are what a contact feels."""
_DOUBLE_RATINGS = (
    "SELECT contact_id FROM event_log WHERE headers::text LIKE '%.ContactRated.%'"
    " GROUP BY contact_id, convert_from(value, 'UTF8')::jsonb ->> 'rating_version' HAVING count(*) > 1"
)
_DOUBLE_MESSAGES = (
    "SELECT contact_id FROM messages WHERE kind = 'acknowledgement' GROUP BY contact_id HAVING count(*) > 1"
)
_RATED = (
    "SELECT contact_id, pg_xact_commit_timestamp(xmin) AS at FROM event_log"
    " WHERE headers::text LIKE '%.ContactRated.%' ORDER BY 2"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that was broken, and when."""

    what: str
    at: datetime


@dataclass(kw_only=True)
class Run:
    """What happened: who was acknowledged, what was broken."""

    acknowledged: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    faults: list[Fault] = field(default_factory=list[Fault])

    def note(self, what: str) -> None:
        """A fault, now; said as it happens."""
        self.faults.append(Fault(what=what, at=datetime.now(UTC)))
        print(f"{self.faults[-1].at:%H:%M:%S}  {len(self.acknowledged):>5} acknowledged  {what}", flush=True)


def main() -> int:
    """Runs it; 0 where nothing was lost and nothing happened twice."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    arguments.add_argument("--contacts", type=int, default=2000, help="how many to post")
    arguments.add_argument("--kills", type=int, default=20, help="how many processes to kill, beside the other faults")
    arguments.add_argument("--between", type=float, default=6.0, help="seconds between two faults")
    arguments.add_argument("--seed", type=int, default=7, help="which ones, and how")
    arguments.add_argument("--bus", choices=("kafka", "postgres"), default="kafka")
    arguments.add_argument("--dry", action="store_true", help="leave docs/measurements.md as it is")
    given = arguments.parse_args()
    if given.bus == "postgres":
        return asyncio.run(_chaos(given, None))
    with temporary_kafka() as kafka:
        return asyncio.run(_chaos(given, kafka))


async def _chaos(given: argparse.Namespace, kafka: LocalKafka | None) -> int:
    run = Run()
    folder = Path(tempfile.mkdtemp(prefix="mash-chaos-"))
    print(f"the processes' logs are under {folder}/logs, and stay there if anything is amiss", flush=True)
    async with running_hub(folder, kafka_bootstrap=kafka.bootstrap if kafka else None) as hub:
        await note_commits(hub)
        began = time.monotonic()
        async with asyncio.TaskGroup() as both:
            both.create_task(_post(hub, run, given))
            both.create_task(_break(hub, kafka, run, given))
        took = time.monotonic() - began
        verdict = await _verdict(hub, run)
        figures = [*await _counts(hub, run, took), *await _recoveries(hub, run)]
    show("chaos", figures)
    print(verdict or CLEAN)
    if not given.dry:
        about = f"Bus: {given.bus}, seed {given.seed}. " + " ".join((__doc__ or "").split())
        document.write("chaos", f"{about}\n\n{verdict or CLEAN}", figures)
    if not verdict:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if verdict else 0


async def _post(hub: Hub, run: Run, given: argparse.Namespace) -> None:
    """Several senders, until the faults are over; each retries with its key until it is acknowledged."""
    await hub.token("partner")
    pause = SENDERS * ((given.kills + 3) * given.between + BROKER_AWAY_SECONDS) / given.contacts

    async def sender(numbers: range) -> None:
        for number in numbers:
            run.acknowledged.append(await hub.tell(contacts.contact(number)))
            await asyncio.sleep(pause)

    await asyncio.gather(*(sender(range(at, given.contacts, SENDERS)) for at in range(SENDERS)))


async def _break(hub: Hub, kafka: LocalKafka | None, run: Run, given: argparse.Namespace) -> None:
    """One fault after the other, with time between them to recover in."""
    chance = random.Random(given.seed)
    for name in _faults(chance, kills=given.kills, broker=kafka is not None):
        await asyncio.sleep(given.between)
        if name == "postgresql":
            run.note("PostgreSQL stopped at once and started again")
            hub.postgres.restart(immediate=True)  # from this thread: the server lives as long as it
        elif kafka is not None and name == "broker":
            run.note(f"broker killed, away for {BROKER_AWAY_SECONDS} s")
            kafka.kill()
            await asyncio.sleep(BROKER_AWAY_SECONDS)
            kafka.start()
        else:
            wish = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
            run.note(f"{name} {wish.name}")
            with contextlib.suppress(ProcessLookupError):  # down still from the time before
                hub.kill(name, wish)


def _faults(chance: random.Random, *, kills: int, broker: bool) -> list[str]:
    """The order of the faults: kills of random processes, between them two restarts of PostgreSQL and one absence."""
    names = [f"{service.name}-{kind}" for service in SERVICES for kind in KINDS]
    faults = [chance.choice(names) for _ in range(kills)]
    for at in (2 * kills // 3, kills // 3):
        faults.insert(at, "postgresql")
    if broker:
        faults.insert(kills // 2, "broker")
    return faults


async def _verdict(hub: Hub, run: Run) -> str:
    """What the oracle objects to; empty where it does not."""
    try:
        await hub.at_rest(within_seconds=AT_REST_SECONDS)
        await everything_once(hub, run.acknowledged)
    except AssertionError as refused:
        return str(refused)[:500] or "the hub did not come to rest"
    return ""


async def _counts(hub: Hub, run: Run, took: float) -> list[Figure]:
    ids = {UUID(one["id"]) for one in run.acknowledged}
    rated = {row["contact_id"] for row in await hub.rows("triage", _RATED)}
    stored = {row["contact_id"] for row in await hub.rows("intake", "SELECT contact_id FROM contacts")}
    doubled = [*await hub.rows("triage", _DOUBLE_RATINGS), *await hub.rows("notify", _DOUBLE_MESSAGES)]
    twice = len(stored) - len(ids | (stored - ids)) + len(run.acknowledged) - len(ids)
    return [
        Figure(name="contacts acknowledged", value=f"{len(ids)} in {took:.0f} s", there=f"{len(run.faults)} faults"),
        Figure(name="acknowledged and lost", value=str(len(ids - stored) + len(ids & stored - rated)), aim="0"),
        Figure(name="ratings or messages doubled, contacts twice", value=str(len(doubled) + twice), aim="0"),
    ]


async def _recoveries(hub: Hub, run: Run) -> list[Figure]:
    """From each fault to the next rating, and what a contact waited in all."""
    rows = await hub.rows("triage", _RATED)
    moments = [row["at"] for row in rows]
    accepted = {
        row["contact_id"]: row["at"]
        for row in await hub.rows("intake", "SELECT contact_id, created_at AS at FROM event_log WHERE sequence = 1")
    }
    waited = [
        (row["at"] - accepted[row["contact_id"]]).total_seconds() for row in rows if row["contact_id"] in accepted
    ]
    on_the_way = [fault for fault in run.faults if fault.what.startswith(ON_THE_WAY)]
    killed = [fault for fault in run.faults if " SIG" in fault.what]
    others = [fault for fault in run.faults if fault not in killed]
    return [
        _spread(f"kill of {', '.join(ON_THE_WAY)} → next rating ({len(on_the_way)})", _gaps(on_the_way, moments)),
        _spread(f"any kill → next rating ({len(killed)})", _gaps(killed, moments)),
        _spread(f"PostgreSQL restarted, broker away → next rating ({len(others)})", _gaps(others, moments)),
        _spread(f"accepted → rated, all {len(waited)} contacts stored", waited),
    ]


def _gaps(faults: Sequence[Fault], moments: Sequence[datetime]) -> list[float]:
    after = [[(at - fault.at).total_seconds() for at in moments if at > fault.at] for fault in faults]
    return [min(gaps) for gaps in after if gaps]


def _spread(name: str, seconds: Sequence[float]) -> Figure:
    if not seconds:
        return Figure(name=name, value="none")
    return Figure(
        name=f"{name}: p50 / p99 / worst",
        value=f"{percentile(seconds, 0.5):.2f} / {percentile(seconds, 0.99):.2f} / {max(seconds):.2f} s",
    )


if __name__ == "__main__":
    sys.exit(main())
