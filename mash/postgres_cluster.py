"""PostgreSQL's data directory: made once, complete or not at all, and who may connect to it."""

import os
import pwd
import shutil
import signal
import subprocess

from mash.guard import guarded
from mash.postgres_place import MAJOR, Place, PostgresRefused

SUPERUSER = "postgres"
INITDB_SECONDS = 120.0

# The kernel names the caller, the map lets that one caller be any role: other accounts get in as nobody.
WHO_MAY_CONNECT = "local all all peer map=mash\n"


def require_cluster(place: Place, *, fsync: bool) -> None:
    """Make the cluster if there is none.

    Raises:
        PostgresRefused: initdb failed, or the cluster there was made by another major version.
    """
    if not place.cluster.exists():
        _make(place, fsync=fsync)
    found = (place.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(MAJOR):
        raise PostgresRefused(
            f"{place.cluster} was made by PostgreSQL {found}, and only {MAJOR} is shipped:"
            " dump it with the old one, or forget it with `make clean`"
        )


def _make(place: Place, *, fsync: bool) -> None:
    """Run initdb beside the final place and move the result there: half a cluster is never seen."""
    unfinished = place.cluster.with_name("cluster.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    # The builtin provider sorts the same on every machine; the locale of the environment does not.
    settings = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options = [f"--pgdata={unfinished}", f"--username={SUPERUSER}", "--auth=peer", *settings]
    if not fsync:
        options.append("--no-sync")
    done = subprocess.run(
        guarded([str(place.programs / "initdb"), *options], at_parents_death=signal.SIGKILL, account=place.account),
        capture_output=True,
        text=True,
        check=False,
        cwd=place.home,
        timeout=INITDB_SECONDS,
        env=environment(),
    )
    if done.returncode != 0:
        raise PostgresRefused(f"initdb failed: {done.stderr.strip()}")
    unfinished.rename(place.cluster)


def write_access_rules(place: Place) -> None:
    """Let in whoever we are: written at every start, since that may have changed since the cluster was made."""
    us = pwd.getpwuid(os.geteuid()).pw_name
    (place.cluster / "pg_hba.conf").write_text(WHO_MAY_CONNECT, encoding="ascii")
    (place.cluster / "pg_ident.conf").write_text(f'mash "{us}" all\n', encoding="utf-8")


def environment() -> dict[str, str]:
    """Return the environment of PostgreSQL's programs: nothing of our PG* variables or locale gets in."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
