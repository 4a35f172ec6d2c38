"""The supervisor: crashed programs come back, stopped ones end, and nothing outlives the launcher."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mash.supervisor import Program, Supervisor
from tests.integration.mash.processes import alive, gone_soon, until

SLEEPER = "import time; print('awake', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); time.sleep(600)"
)

LAUNCHER = """
import asyncio, os, signal, sys
from pathlib import Path
from mash.supervisor import Program, Supervisor

async def main():
    stop = asyncio.Event()
    for wish in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(wish, stop.set)
    supervisor = Supervisor(logs=Path(sys.argv[1]), say=print)
    command = (sys.executable, "-c", "import time; time.sleep(600)")
    await supervisor.start(Program(name, command, dict(os.environ)) for name in "abcd")
    print(*(supervisor.pid(name) for name in "abcd"), flush=True)
    await stop.wait()
    await supervisor.stop()

asyncio.run(main())
"""


def program(code: str, name: str = "sleeper") -> Program:
    return Program(name, (sys.executable, "-c", code), dict(os.environ))


async def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    return await asyncio.to_thread(until, holds, seconds=seconds)


async def test_a_killed_program_comes_back_and_it_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(logs=tmp_path, say=said.append)
    await supervisor.start([program(SLEEPER)])
    first = supervisor.pid("sleeper")
    os.kill(first, signal.SIGKILL)
    assert await eventually(lambda: supervisor.pid("sleeper") != first)
    assert said == [f"sleeper was ended by SIGKILL: starting it again in 0.25 s, see {tmp_path / 'sleeper.log'}"]
    await supervisor.stop()
    assert not alive(supervisor.pid("sleeper"))


async def test_the_pauses_between_crashes_grow(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(logs=tmp_path, say=said.append)
    await supervisor.start([program("raise SystemExit(3)")])
    assert await eventually(lambda: len(said) >= 3)
    await supervisor.stop()
    assert [line.split(" in ")[1].split(" s")[0] for line in said[:3]] == ["0.25", "0.5", "1"]


async def test_what_a_program_says_is_in_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(logs=tmp_path, say=print)
    await supervisor.start([program(SLEEPER)])
    assert await eventually(lambda: supervisor.log("sleeper").read_text() == "awake\n")
    await supervisor.stop()


async def test_a_program_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor(logs=tmp_path, say=print)
    await supervisor.start([program(STUBBORN)])
    assert await eventually(lambda: "awake" in supervisor.log("sleeper").read_text())
    await supervisor.stop(patience_seconds=0.2)
    assert not alive(supervisor.pid("sleeper"))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_launcher(tmp_path: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as launcher:
        assert launcher.stdout is not None
        pids = [int(pid) for pid in launcher.stdout.readline().split()]
        assert len(pids) == 4
        assert all(alive(pid) for pid in pids)
        launcher.send_signal(how)
        launcher.wait(20)
        assert gone_soon(pids)
