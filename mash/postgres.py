"""PostgreSQL without installing it: the wheel's programs, our lifecycle.

Reached over a socket only its owner and we may use: no network, no passwords; the kernel says who connects (``peer``).
Killed together with us, whatever kills us; a server left over from an older launcher is stopped at the next start.
"""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

from mash.charge import Charge, take_charge
from mash.guard import guarded
from mash.postgres_cluster import SUPERUSER, environment, require_cluster, write_access_rules
from mash.postgres_leftover import stop_leftover
from mash.postgres_place import Place, PostgresRefused, settle
from mash.refusal import Refused

START_SECONDS = 60.0  # recovery after a crash is part of it
FAST_STOP_SECONDS = 15.0
IMMEDIATE_STOP_SECONDS = 5.0
SQL_SECONDS = 60.0
POLL_SECONDS = 0.02
MEMORY = Path("/dev/shm")  # noqa: S108  (mkdtemp makes a private folder in it)
MEMORY_BYTES = 4 * 1024**3
THROW_AWAY = "mash-test-"
STILL_STARTING_SECONDS = 60.0


class EmbeddedPostgres:
    """One PostgreSQL 18 server and its data folder. ``data_dir`` becomes a link where the server cannot reach it."""

    def __init__(self, data_dir: Path, *, fsync: bool = True, max_connections: int = 200) -> None:
        """Nothing starts here. Without ``fsync`` a power cut may lose data: for tests."""
        self.data_dir = data_dir.absolute()
        self._fsync = fsync
        self._max_connections = max_connections
        self._place: Place | None = None
        self._charge: Charge | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def place(self) -> Place:
        """Where the server lives; raises RuntimeError before the first start."""
        if self._place is None:
            raise RuntimeError("the embedded PostgreSQL has not been started")
        return self._place

    @property
    def pid(self) -> int | None:
        """The server's process id, None while it does not run."""
        alive = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and alive else None

    def start(self) -> None:
        """Make the data folder if need be, start the server, wait until it answers.

        Call it from a thread that outlives the server (the main one): its end is the server's end.

        Raises:
            Refused: data of another major version, another launcher in charge of it, or no start in time.
        """
        if self.pid is not None:
            return
        self._place = settle(self.data_dir)
        try:
            self._take_charge()
            stop_leftover(self.place.cluster)
            require_cluster(self.place, fsync=self._fsync)
            write_access_rules(self.place)
            self._process = self._spawn()
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop(immediate=True)
            raise

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server: cleanly, or ``immediate`` as if the power failed (recovery runs at the next start)."""
        if self._process is not None:
            if not immediate:
                _end(self._process, signal.SIGINT, FAST_STOP_SECONDS)
            _end(self._process, signal.SIGQUIT, IMMEDIATE_STOP_SECONDS)
            _end(self._process, signal.SIGKILL, IMMEDIATE_STOP_SECONDS)
            self._process = None
        if self._charge is not None:
            self._charge.close()
            self._charge = None

    def restart(self, *, immediate: bool = False) -> None:
        """Stop and start; the URLs stay the same."""
        self.stop(immediate=immediate)
        self.start()

    def erase(self) -> None:
        """Stop the server and delete its data, wherever it lives.

        Raises:
            Refused: another launcher is in charge of it.
        """
        self.stop(immediate=True)
        if self.data_dir.exists():
            self._place = settle(self.data_dir)
            self._take_charge()
            stop_leftover(self.place.cluster)
        shutil.rmtree(self.data_dir.resolve(), ignore_errors=True)
        if self.data_dir.is_symlink():
            self.data_dir.unlink()
        if self._place is not None and self._place.socket_dir != self._place.home:
            shutil.rmtree(self._place.socket_dir, ignore_errors=True)
        self.stop()

    def url(self, database: str, role: str = SUPERUSER) -> str:
        """Return the SQLAlchemy URL of a database (asyncpg); raises RuntimeError before the first start."""
        return self.dsn(database, role).replace("postgresql://", "postgresql+asyncpg://", 1)

    def dsn(self, database: str, role: str = SUPERUSER) -> str:
        """Return the plain DSN of a database, as asyncpg and psql take it."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.place.socket_dir))}"

    def sql(self, statements: str, *, database: str = "postgres", role: str = SUPERUSER) -> str:
        r"""Run SQL through psql (``\gexec`` works) and return the rows as text, columns parted by ``|``.

        Raises:
            PostgresRefused: a statement failed; the message is the server's.
        """
        options = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--file=-")
        done = subprocess.run(
            [str(self.place.programs / "psql"), *options, self.dsn(database, role)],
            input=statements,
            capture_output=True,
            text=True,
            check=False,
            timeout=SQL_SECONDS,
            env=environment(),
        )
        if done.returncode != 0:
            raise PostgresRefused(done.stderr.strip())
        return done.stdout.strip()

    def _take_charge(self) -> None:
        if self._charge is None:
            self._charge = take_charge(self.place.home)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        options = [f"-c{name}={value}" for name, value in self._settings().items()]
        command = [str(self.place.programs / "postgres"), "-D", str(self.place.cluster), *options]
        with (self.place.home / "server.log").open("ab") as log:
            return subprocess.Popen(
                guarded(command, at_parents_death=signal.SIGINT, account=self.place.account),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.place.home,
                env=environment(),
                start_new_session=True,  # Ctrl-C is for the launcher, which stops the services first
            )

    def _settings(self) -> dict[str, str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.place.socket_dir),
            "unix_socket_permissions": "0700",
            "max_connections": str(self._max_connections),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %u@%d ",
            "log_error_verbosity": "terse",  # details quote values of rows
            "jit": "off",  # short statements only: compiling them costs more than it saves
        }
        if not self._fsync:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        return settings

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        """Read the pid file as pg_ctl does: its eighth line is the server's own word on how it is."""
        pid_file = self.place.cluster / "postmaster.pid"
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if process.poll() is not None:
                raise PostgresRefused(self._last_words("PostgreSQL did not start"))
            with contextlib.suppress(FileNotFoundError):
                lines = pid_file.read_text(encoding="utf-8").splitlines()
                if lines[:1] == [str(process.pid)] and lines[7:] and lines[7].strip() == "ready":
                    return
            time.sleep(POLL_SECONDS)
        raise PostgresRefused(self._last_words(f"PostgreSQL was not ready after {START_SECONDS:.0f} s"))

    def _last_words(self, what: str) -> str:
        log = self.place.home / "server.log"
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
        return "\n".join([f"{what}; {log} ends with:", *tail])


@contextlib.contextmanager
def temporary_postgres(*, max_connections: int = 200) -> Generator[EmbeddedPostgres]:
    """Run a server for tests: a throw-away folder, everything gone at the end.

    It is as safe as a real one (the services refuse a server that is not), and fast where there is memory to put it in.
    """
    postgres = EmbeddedPostgres(_throw_away_folder(), max_connections=max_connections)
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.erase()


def _throw_away_folder() -> Path:
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES
    parent = MEMORY if roomy else Path(tempfile.gettempdir())
    for forgotten in parent.glob(f"{THROW_AWAY}*"):  # of tests that were killed; those alive hold the lock
        with contextlib.suppress(Refused, OSError):
            if forgotten.stat().st_mtime < time.time() - STILL_STARTING_SECONDS:
                EmbeddedPostgres(forgotten).erase()
    return Path(tempfile.mkdtemp(prefix=THROW_AWAY, dir=parent))


def _end(process: "subprocess.Popen[bytes]", wish: signal.Signals, seconds: float) -> None:
    if process.poll() is None:
        process.send_signal(wish)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
