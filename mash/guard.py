"""A program that dies with the process that started it.

Started as ``python -I -S guard.py PARENT SIGNAL ACCOUNT COMMAND...`` it gives up root where an account is named, asks
the kernel for SIGNAL at the parent's death, and becomes COMMAND. So even ``kill -9`` of the launcher leaves nothing
behind. A program of its own and not a ``preexec_fn``: code between fork and exec can deadlock where threads run.

Linux only (PR_SET_PDEATHSIG); elsewhere it only changes the account. The kernel watches the *thread* that started the
child: start children from a thread that lives as long as they should.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PR_SET_PDEATHSIG = 1
NO_ACCOUNT = "-"


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group a program runs as."""

    uid: int
    gid: int


def guarded(command: Sequence[str], *, at_parents_death: signal.Signals, account: Account | None = None) -> list[str]:
    """Return the command line that runs ``command`` under the guard, as a child of this very process."""
    owner = f"{account.uid}:{account.gid}" if account else NO_ACCOUNT
    return [
        sys.executable, "-I", "-S", os.path.abspath(__file__),  # noqa: PTH100  (pathlib would slow every start down)
        str(os.getpid()), str(int(at_parents_death)), owner, *command,
    ]  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Become the command; returns only by raising."""
    parent, number, owner, *command = arguments
    ask_kernel = _death_signal()  # loaded as root: the account may not be able to read Python's own folder
    if owner != NO_ACCOUNT:
        _become(owner)
    ask_kernel(int(number))  # after the change of account, with which the kernel forgets the wish
    if os.getppid() != int(parent):  # it died before we asked
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  (no shell is the point)


def _become(owner: str) -> None:
    uid, gid = (int(part) for part in owner.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _death_signal() -> Callable[[int], None]:
    if not sys.platform.startswith("linux"):
        return lambda _number: None
    import ctypes  # noqa: PLC0415  (10 ms that only the guard itself should pay for)

    kernel = ctypes.CDLL(None, use_errno=True)

    def ask(number: int) -> None:
        if kernel.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")

    return ask


if __name__ == "__main__":
    main(sys.argv[1:])
