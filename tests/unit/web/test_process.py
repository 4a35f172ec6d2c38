from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta, timezone

import httpx2
import pytest

from shared.clock import FixedClock, SystemClock
from shared.metrics import Metrics, watch_loop_lag
from shared.process import COLLECT_AFTER, run, run_together, serve
from shared.settings import Environment, SettingInvalid, SettingMissing
from shared.web import create_app


def test_the_exit_code_says_how_it_ended() -> None:
    async def good(_stop: asyncio.Event) -> None:
        await asyncio.sleep(0)

    async def bad(_stop: asyncio.Event) -> None:
        await asyncio.sleep(0)
        raise ValueError

    assert run(good) == 0
    assert run(bad) == 1


def test_a_signal_stops_it_in_good_order() -> None:
    async def main(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stop.wait(), 5)

    assert run(main) == 0


def test_who_does_not_stop_in_time_is_cancelled() -> None:
    ended: list[str] = []

    async def main(_stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("tidied")

    assert run(main, budget_seconds=0.05) == 1
    assert ended == ["tidied"]


def test_a_second_signal_ends_it_at_once() -> None:
    program = """
        import asyncio, os, signal
        from shared.process import run
        async def main(stop):
            os.kill(os.getpid(), signal.SIGTERM)
            await stop.wait()
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
        raise SystemExit(run(main))
    """
    started = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], timeout=30, check=False)
    assert ended.returncode == 1
    assert time.monotonic() - started < 15


async def test_when_one_part_fails_the_others_stop_and_the_failure_is_told() -> None:
    stop, ended = asyncio.Event(), list[str]()

    async def patient() -> None:
        await stop.wait()
        ended.append("patient")

    async def failing() -> None:
        await asyncio.sleep(0)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 -- it has no text
        await run_together(stop, patient(), failing())
    assert ended == ["patient"]
    await run_together(stop)


async def test_cancelling_the_whole_cancels_its_parts() -> None:
    whole = asyncio.create_task(run_together(asyncio.Event(), asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    whole.cancel()
    with pytest.raises(asyncio.CancelledError):
        await whole


async def test_it_serves_until_told_to_stop() -> None:
    metrics = Metrics()
    app = create_app(
        title="T", service="t", routers=[], verifier=None, checks={}, version={"code": "1"}, metrics=metrics
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, host="127.0.0.1", port=port, stop=stop, graceful_seconds=1))
    async with httpx2.AsyncClient() as client:
        for _ in range(200):
            try:
                answer = await client.get(f"http://127.0.0.1:{port}/livez")
                break
            except httpx2.ConnectError:
                await asyncio.sleep(0.02)
        else:
            pytest.fail("it does not serve")
    assert answer.json() == {"status": "alive"}
    assert "server" not in answer.headers
    with pytest.raises(RuntimeError, match="did not start"):  # the address is taken
        await serve(app, host="127.0.0.1", port=port, stop=asyncio.Event())
    stop.set()
    await asyncio.wait_for(serving, 10)
    assert app.state.stopping is True


async def test_loop_lag_is_measured_until_stopped() -> None:
    metrics, stop = Metrics(), asyncio.Event()
    watching = asyncio.create_task(watch_loop_lag(metrics, stop, every_seconds=0.01))
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 -- blocking the loop is what is to be seen
    await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(watching, 5)
    assert metrics.registry.get_sample_value("mash_event_loop_lag_seconds") is not None


def test_metrics_have_names_and_labels() -> None:
    metrics = Metrics()
    metrics.handled("mash.intake.v1", "ContactReceived", 3)
    metrics.duplicates("mash.intake.v1")
    metrics.parked("mash.intake.v1", "gap")
    metrics.parked_now("mash.intake.v1", 2)
    metrics.batch("mash.intake.v1", 10, 0.02)
    metrics.published("mash.intake.v1", 4)
    metrics.lag("mash.intake.v1", 5)
    metrics.outbox(6, 1.5)
    metrics.clock_fired("decision", 0.1)
    metrics.delivered("email", "accepted")
    metrics.rating(0.2)
    metrics.stuck("received_not_rated", 1)
    metrics.infrastructure_wait("database")
    text = metrics.exposition().decode()
    assert 'mash_events_handled_total{topic="mash.intake.v1",type="ContactReceived"} 3.0' in text
    assert "mash_outbox_oldest_seconds 1.5" in text
    assert 'mash_stuck_children{what="received_not_rated"} 1.0' in text


def test_clocks() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert SystemClock().monotonic() <= SystemClock().monotonic()
    clock = FixedClock(datetime(2026, 7, 1, 13, tzinfo=timezone(timedelta(hours=1))))
    clock.advance(1.5)
    assert clock.now() == datetime(2026, 7, 1, 12, 0, 1, 500_000, tzinfo=UTC)
    assert clock.monotonic() == 1.5
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 7, 1))  # noqa: DTZ001 -- what is refused


def test_settings_are_typed_and_never_repeated() -> None:
    env = Environment({"N": "7", "F": "yes", "C": "kafka", "E": " ", "S": "hush", "X": "hush"})
    assert (env.integer("N"), env.integer("M", 3), env.number("N"), env.number("M", 0.5)) == (7, 3, 7.0, 0.5)
    assert (env.flag("F"), env.flag("M", default=False)) == (True, False)
    assert env.choice("C", ("postgres", "kafka"), "postgres") == "kafka"
    assert env.choice("E", ("postgres", "kafka"), "postgres") == "postgres"
    assert (env.text("E", "d"), env.optional("E"), env.optional("S")) == ("d", None, "hush")
    secret = env.secret("S")
    assert secret.reveal() == "hush"
    assert "hush" not in f"{secret} {secret!r}"
    with pytest.raises(SettingMissing, match="E is not set"):
        env.text("E")
    for read in (
        lambda: env.integer("X"),
        lambda: env.number("X"),
        lambda: env.flag("X"),
        lambda: env.choice("X", ("a", "b")),
        lambda: env.integer("N", maximum=6),
        lambda: env.number("N", minimum=8),
    ):
        with pytest.raises(SettingInvalid) as refused:
            read()
        assert "hush" not in str(refused.value)


async def test_what_start_up_made_is_spared_by_the_collections_once_a_server_answers() -> None:
    stop = asyncio.Event()
    stop.set()
    assert gc.get_freeze_count() == 0
    app = create_app(
        title="t", service="triage", routers=[], verifier=None, checks={}, version={"code": "1"}, metrics=Metrics()
    )
    await serve(app, host="127.0.0.1", port=0, stop=stop)
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == COLLECT_AFTER
