"""One process: start, listen for signals, stop within a time budget, say how it ended by the exit code."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from shared.logging import get_logger

Main = Callable[[asyncio.Event], Awaitable[None]]
BUDGET_SECONDS: Final = 20.0
COLLECT_AFTER: Final = (10_000, 20, 20)
_LAST_WORDS_SECONDS: Final = 2.0  # after a cancel: time for `finally` blocks, not for more

log = get_logger()


def run(main: Main, *, budget_seconds: float = BUDGET_SECONDS) -> int:
    """Run `main(stop)` and return the exit code: 0 done, 1 failed or out of time.

    SIGTERM and SIGINT set `stop`; `main` then has `budget_seconds` to finish before it is cancelled. A second signal
    ends the process at once, with 1. A failure is logged, not raised.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_supervise(main, budget_seconds))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 -- optional: absent on some platforms
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _supervise(main: Main, budget_seconds: float) -> int:
    stop = asyncio.Event()
    _listen(stop)
    work = asyncio.ensure_future(main(stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not work.done():
        log.info("stopping", seconds=budget_seconds)
        await asyncio.wait({work}, timeout=budget_seconds)
    if not work.done():
        log.error("not finished in time, cancelled", seconds=budget_seconds)
        work.cancel()
        await asyncio.wait({work}, timeout=_LAST_WORDS_SECONDS)
        if not work.done():
            os._exit(1)  # it swallows its cancellation: a supervisor waits for us
        return 1
    return _outcome(work)


def _outcome(work: "asyncio.Future[None]") -> int:
    if work.cancelled():
        return 1
    error = work.exception()
    if error is None:
        return 0
    log.critical("process failed", exc_info=error)
    return 1


def _listen(stop: asyncio.Event) -> None:
    def on_signal(number: int) -> None:
        if stop.is_set():
            os._exit(1)
        log.info("signal received", signal=signal.Signals(number).name)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number)


def spare_what_is_loaded() -> None:
    """Leaves everything that start-up made out of the garbage collections to come: it stays as long as the process.

    Measured: a full collection that walks through code and policies stands a worker still for a tenth of a second and
    more, every few hundred transactions; without them for a few milliseconds. What a transaction makes goes by its
    reference counts: collecting after 10,000 objects instead of 700 let clocks fire a third sooner under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process has one owner of signals, `run`."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        spare_what_is_loaded()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def serve(app: FastAPI, *, host: str, port: int, stop: asyncio.Event, graceful_seconds: int = 10) -> None:
    """Serve until `stop`, then finish what is being answered, at most `graceful_seconds`.

    No access log (it would hold URLs), no Server header, no trust in proxy headers. Raises OSError where the address
    cannot be had, RuntimeError where the application does not start.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=graceful_seconds,
        ws="none",
    )
    server = _Server(config)

    async def end_on_stop() -> None:
        await stop.wait()
        app.state.stopping = True  # /readyz says so while the last answers leave
        server.should_exit = True

    ending = asyncio.create_task(end_on_stop())
    try:
        await server.serve()
    except SystemExit as error:
        raise RuntimeError("the server did not start") from error
    finally:
        ending.cancel()


async def run_together(stop: asyncio.Event, *parts: Coroutine[Any, Any, None]) -> None:
    """Run the parts of a process side by side. When one ends, `stop` is set and the others finish in their own time.

    A part that fails sets `stop` too, and its failure is raised once all have ended; of several the first.
    """
    tasks = [asyncio.create_task(part) for part in parts]
    if not tasks:
        return
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=_LAST_WORDS_SECONDS)
        raise
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
