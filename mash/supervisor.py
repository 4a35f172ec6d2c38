"""Keep programs running: start them, start a crashed one again, end all of them, leave none behind.

Each program writes to a log file of its own. Ctrl-C reaches only the launcher (programs are cut off from its terminal),
which ends them in order; should the launcher itself be killed, the kernel kills them (mash.guard).
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mash.guard import guarded

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0  # who ran this long crashed for a new reason: the pauses start small again
STOP_SECONDS = 25.0  # a little more than the time a process gives itself (shared.process)
KILL_SECONDS = 5.0
LOG_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """A command to keep running, and the whole environment it gets."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


class Supervisor:
    """Runs programs until stopped. Use it from the main thread: the kernel ties the programs' lives to the thread."""

    def __init__(self, *, logs: Path, say: Callable[[str], None]) -> None:
        """``logs`` is the folder of the log files; ``say`` is told in a sentence what happens to a program."""
        self._logs = logs
        self._say = say
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def start(self, programs: Iterable[Program]) -> None:
        """Start the programs; returns as soon as they run, which is not yet when they answer."""
        self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        for program in programs:
            process = await self._spawn(program)
            self._keepers[program.name] = asyncio.create_task(self._keep(program, process), name=program.name)

    def pid(self, name: str) -> int:
        """Return the process id a program has at the moment; raises KeyError for a program never started."""
        return self._processes[name].pid

    def log(self, name: str) -> Path:
        """Return where a program's output goes."""
        return self._logs / f"{name}.log"

    async def stop(self, *, patience_seconds: float = STOP_SECONDS) -> None:
        """End every program: asked first, killed when it has not gone in time."""
        self._stopping = True
        for wish, seconds in ((signal.SIGTERM, patience_seconds), (signal.SIGKILL, KILL_SECONDS)):
            for process in self._alive():
                _signal_group(process.pid, wish)
            if alive := self._alive():
                await asyncio.wait([asyncio.create_task(process.wait()) for process in alive], timeout=seconds)
        for keeper in self._keepers.values():
            keeper.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        self._keepers.clear()

    def _alive(self) -> list[asyncio.subprocess.Process]:
        return [process for process in self._processes.values() if process.returncode is None]

    async def _keep(self, program: Program, process: asyncio.subprocess.Process) -> None:
        clock = asyncio.get_running_loop().time
        pause = FIRST_PAUSE_SECONDS
        started = clock()
        while True:
            code = await process.wait()
            if self._stopping:
                return
            if clock() - started > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            again = f"starting it again in {pause:g} s, see {self.log(program.name)}"
            self._say(f"{program.name} {_ending(code)}: {again}")
            await asyncio.sleep(pause)
            if self._stopping:
                return
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            started = clock()
            process = await self._spawn(program)

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        path = self.log(program.name)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *guarded(program.command, at_parents_death=signal.SIGKILL),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=program.environment,
                start_new_session=True,
            )
        self._processes[program.name] = process
        return process


def _signal_group(pid: int, wish: signal.Signals) -> None:
    try:
        os.killpg(pid, wish)
    except ProcessLookupError:
        return


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
