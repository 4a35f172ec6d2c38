"""Real PostgreSQL for every test that wants a database: one server a run, a database of its own for each test."""

from __future__ import annotations

import base64
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from itertools import count

import pytest
from hypothesis import settings

from mash.databases import ensure_databases
from mash.postgres import EmbeddedPostgres, temporary_postgres
from shared.contracts.topics import SERVICES
from shared.database.migrate import migrate
from shared.service import CommonSettings, Platform, open_platform
from shared.settings import Environment
from tests.support import report as run_report
from tests.support.examples import FAST
from tests.support.kafka_process import KafkaSource, kafka_for_tests

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
_numbers = count(1)
COLLECT_AFTER = gc.get_threshold()
settings.register_profile(FAST, settings.get_profile("default"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Counts by kind."""
    run_report.count(report)


def pytest_runtest_teardown() -> None:
    """A server that started in this process has set how garbage is collected: not for the tests that come after."""
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.set_threshold(*COLLECT_AFTER)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says which real parts the run used."""
    run_report.write(terminalreporter)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skip that nobody sees is a defect: in CI it fails the run."""
    if run_report.failed_by_skips() and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def kafka_source() -> Iterator[KafkaSource]:
    """The run's Kafka, or a skip that says why there is none."""
    with kafka_for_tests() as source:
        run_report.PARTS["Kafka"] = source.name
        if source.bootstrap is None:
            pytest.skip(source.name)
        yield source


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """The embedded PostgreSQL, with the services' databases and roles."""
    with temporary_postgres() as server:
        ensure_databases(server)
        version = server.sql("SHOW server_version").strip()
        run_report.PARTS["PostgreSQL"] = f"{version}, embedded"
        yield server


@pytest.fixture(scope="session")
def migrated(postgres_server: EmbeddedPostgres) -> Callable[[str], str]:
    """Migrates a service's database once; it then is the template for every test's own."""
    done: set[str] = set()

    def template(service: str) -> str:
        name = f"mash_{service}"
        if service not in done and service in SERVICES:
            migrate(service, postgres_server.url(name, f"{name}_owner"))
            done.add(service)
        return name

    return template


@pytest.fixture
def new_database(postgres_server: EmbeddedPostgres, migrated: Callable[[str], str]) -> Callable[[str], str]:
    """Makes a fresh database for one service (or "bus") and returns its address for the service's own role."""

    def make(service: str) -> str:
        template = migrated(service)
        name = f"t{next(_numbers)}_{service}"
        postgres_server.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        if service == "bus":
            postgres_server.sql(f'ALTER DATABASE "{name}" OWNER TO {template}')
        return postgres_server.url(name, template)

    return make


@pytest.fixture
def settings_for(new_database: Callable[[str], str]) -> Callable[[str], CommonSettings]:
    """A service's settings over a fresh database of its own; all services of one test share one bus."""
    bus: list[str] = []

    def make(service: str) -> CommonSettings:
        return CommonSettings.read(Environment(environment_for(service, new_database, bus)), service)

    return make


def environment_for(service: str, new_database: Callable[[str], str], bus: list[str]) -> dict[str, str]:
    """The environment variables one service of a test needs."""
    if not bus:
        bus.append(new_database("bus"))
    return {
        "MASH_ENV": "development",
        "MASH_BUS": "postgres",
        "MASH_BUS_DATABASE_URL": bus[0],
        f"MASH_{service.upper()}_DATABASE_URL": new_database(service),
        "MASH_ENCRYPTION_KEYS": f"k1:{KEY}",
        "MASH_INDEX_KEY": KEY,
    }


@pytest.fixture
async def platform_for(settings_for: Callable[[str], CommonSettings]) -> AsyncIterator[Callable[[str], object]]:
    """Opens services' platforms over fresh databases, closed after the test: ``await platform_for("triage")``."""
    async with AsyncExitStack() as closing:

        async def make(service: str) -> Platform:
            return await closing.enter_async_context(open_platform(settings_for(service)))

        yield make
