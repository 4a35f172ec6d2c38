"""A PostgreSQL that outlived its launcher: found by its pid file, stopped before a new one starts.

The caller holds the launcher's lock on the data, so no living launcher looks after the server found here.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

STOP_STEPS = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
POLL_SECONDS = 0.05


def stop_leftover(cluster: Path) -> None:
    """Stop a server still running on the cluster, and clear a pid file that names some other program.

    A pid file whose process is gone stays: PostgreSQL reads the shared memory named in it to make sure that none of
    the dead server's children still writes.

    Raises:
        TimeoutError: it would not die.
    """
    pid_file = cluster / "postmaster.pid"
    pid = _pid_in(pid_file)
    if pid is None or not _exists(pid):
        return
    if not is_server_of(cluster, pid):
        pid_file.unlink()
        return
    for wish, seconds in STOP_STEPS:
        os.kill(pid, wish)
        if _gone_within(seconds, cluster, pid):
            return
    raise TimeoutError(f"an older PostgreSQL (process {pid}) on {cluster} does not stop")


def is_server_of(cluster: Path, pid: int) -> bool:
    """Tell whether the process is PostgreSQL on this very cluster (a dead one waiting to be reaped is not)."""
    return str(cluster) in _command_line(pid)


def _pid_in(pid_file: Path) -> int | None:
    try:
        return abs(int(pid_file.read_text(encoding="utf-8").split(maxsplit=1)[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command_line(pid: int) -> list[str]:
    if sys.platform.startswith("linux"):
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return []
    listed = subprocess.run(
        ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=5
    )
    return listed.stdout.split()


def _gone_within(seconds: float, cluster: Path, pid: int) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if not is_server_of(cluster, pid):
            return True
        time.sleep(POLL_SECONDS)
    return False
