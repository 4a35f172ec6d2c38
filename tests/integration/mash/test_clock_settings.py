"""MASH_CLOCK_START and MASH_CLOCK_SPEED reach every database before the services start."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mash.clock_settings import set_clocks
from mash.postgres import EmbeddedPostgres
from mash.refusal import Refused
from mash.services import SERVICES

START = {"MASH_CLOCK_START": "2030-01-02T09:00:00Z", "MASH_CLOCK_SPEED": "60"}


@pytest.fixture
def databases(new_database: Callable[[str], str]) -> dict[str, str]:
    addresses = {service.setting("DATABASE_URL"): new_database(service.name) for service in SERVICES}
    # Whoever steps the clocks is the owner of the machine, not a service.
    return {"MASH_ENV": "development", **addresses}


def clocks(databases: dict[str, str], server: EmbeddedPostgres) -> set[str]:
    names = [address.partition("?")[0].rpartition("/")[2] for name, address in databases.items() if "URL" in name]
    sql = "SELECT to_char(date_trunc('hour', mash_now()), 'YYYY-MM-DD HH24') || ' ' || speed FROM clock"
    return {server.sql(sql, database=name).strip() for name in names}


def test_business_time_begins_there_and_runs_so_fast_everywhere(
    databases: dict[str, str], postgres_server: EmbeddedPostgres
) -> None:
    set_clocks(databases, START)
    assert clocks(databases, postgres_server) == {"2030-01-02 09 60"}


@pytest.mark.parametrize("start", ["tomorrow", "2030-01-02T09:00:00"])
def test_a_time_without_a_zone_is_refused(databases: dict[str, str], start: str) -> None:
    with pytest.raises(Refused, match="zone"):
        set_clocks(databases, {"MASH_CLOCK_START": start})


def test_production_knows_only_the_real_time(databases: dict[str, str]) -> None:
    with pytest.raises(Refused):
        set_clocks({**databases, "MASH_ENV": "production"}, START)
