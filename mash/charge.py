"""One launcher at a time looks after a data folder. The kernel keeps the lock, so it ends with the launcher."""

import fcntl
from pathlib import Path
from typing import IO

from mash.refusal import Refused

Charge = IO[str]


def take_charge(folder: Path) -> Charge:
    """Hold the folder's lock until the answer is closed: whatever server is found in it then, nobody looks after.

    Raises:
        Refused: another launcher holds it.
    """
    lock = (folder / "launcher.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise Refused(f"{folder} is in use by another launcher: stop that one, or choose another --data-dir") from None
    return lock
