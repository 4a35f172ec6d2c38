"""The embedded PostgreSQL: reachable by us alone, in our charge alone, gone when we are gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from mash.databases import ensure_databases
from mash.guard import guarded
from mash.postgres import EmbeddedPostgres, PostgresRefused, temporary_postgres
from mash.postgres_cluster import environment
from mash.postgres_leftover import is_server_of
from mash.refusal import Refused
from tests.integration.mash.processes import gone_soon, until

pytestmark = pytest.mark.postgres

LAUNCHER = """
import sys
from pathlib import Path
from mash.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    with temporary_postgres() as postgres:
        yield postgres


async def test_sqlalchemy_connects_by_the_url(server: EmbeddedPostgres) -> None:
    engine = create_async_engine(server.url("postgres"))
    async with engine.connect() as connection:
        answer = await connection.execute(sa.text("SELECT current_setting('TimeZone'), current_setting('fsync')"))
        assert answer.one() == ("UTC", "on")
    await engine.dispose()


def test_names_sort_and_fold_the_same_on_every_machine(server: EmbeddedPostgres) -> None:
    assert server.sql("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'postgres'") == "b|C.UTF-8"
    assert server.sql("SELECT upper('ångström') || lower('ÉAMON')") == "ÅNGSTRÖMéamon"


def test_a_service_reaches_its_own_database_only_and_owns_nothing(server: EmbeddedPostgres) -> None:
    ensure_databases(server)
    ensure_databases(server)
    assert server.sql("SELECT 1", database="mash_intake", role="mash_intake") == "1"
    with pytest.raises(PostgresRefused, match="permission denied for database"):
        server.sql("SELECT 1", database="mash_triage", role="mash_intake")
    with pytest.raises(PostgresRefused, match="permission denied for schema"):
        server.sql("CREATE TABLE mine (id int)", database="mash_intake", role="mash_intake")
    server.sql("CREATE TABLE theirs (id int)", database="mash_intake", role="mash_intake_owner")
    with pytest.raises(PostgresRefused, match="permission denied for table"):
        server.sql("SELECT * FROM theirs", database="mash_intake", role="mash_intake")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_account_is_turned_away_even_if_it_is_the_servers_own(server: EmbeddedPostgres) -> None:
    account = server.place.account
    assert account is not None
    psql = [str(server.place.programs / "psql"), "--command=SELECT 1", server.dsn("postgres")]
    done = subprocess.run(
        guarded(psql, at_parents_death=signal.SIGKILL, account=account),
        capture_output=True, text=True, check=False, timeout=20, env=environment(), cwd="/",
    )  # fmt: skip
    assert "Peer authentication failed" in done.stderr


def test_a_restart_as_if_the_power_failed_keeps_what_was_committed(server: EmbeddedPostgres) -> None:
    url = server.url("postgres")
    server.sql("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
    server.restart(immediate=True)
    assert server.sql("SELECT id FROM kept") == "1"
    assert server.url("postgres") == url


def test_a_second_launcher_is_refused(server: EmbeddedPostgres) -> None:
    second = EmbeddedPostgres(server.data_dir)
    with pytest.raises(Refused, match="another launcher"):
        second.start()
    with pytest.raises(Refused, match="another launcher"):
        second.erase()
    assert server.sql("SELECT 1") == "1"


def test_data_of_another_major_version_is_refused(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.place.cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresRefused, match="made by PostgreSQL 16"):
        server.start()


def test_a_launcher_killed_with_9_takes_its_server_along(server: EmbeddedPostgres) -> None:
    server.stop()
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(server.data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as launcher:
        assert launcher.stdout is not None
        pid = int(launcher.stdout.readline())
        assert is_server_of(server.place.cluster, pid)
        launcher.kill()
        launcher.wait(10)
    assert gone_soon([pid])
    server.start()
    assert server.sql("SELECT 1") == "1"


def test_a_server_left_over_is_stopped_before_the_next_starts(server: EmbeddedPostgres) -> None:
    server.stop()
    with _of_another_launcher(server) as leftover:
        server.start()
        assert leftover.wait(10) == 0
    assert server.sql("SELECT 1") == "1"


def test_a_pid_file_that_names_some_other_program_is_no_obstacle(server: EmbeddedPostgres) -> None:
    server.stop()
    pid_file: Path = server.place.cluster / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{server.place.cluster}\n")
    server.start()
    assert server.sql("SELECT 1") == "1"


def _of_another_launcher(server: EmbeddedPostgres) -> "subprocess.Popen[bytes]":
    """A server on the same data that this launcher does not know of."""
    place = server.place
    options = ["-clisten_addresses=", f"-cunix_socket_directories={place.socket_dir}"]
    command = [str(place.programs / "postgres"), "-D", str(place.cluster), *options]
    process = subprocess.Popen(
        guarded(command, at_parents_death=signal.SIGKILL, account=place.account),
        stderr=subprocess.DEVNULL,
        cwd=place.home,
        env=environment(),
    )
    pid_file = place.cluster / "postmaster.pid"
    assert until(lambda: pid_file.exists() and "ready" in pid_file.read_text(), seconds=20)
    return process
