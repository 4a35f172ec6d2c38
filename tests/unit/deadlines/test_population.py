"""The population that rates are of comes with its source or not at all."""

from __future__ import annotations

import pytest

from services.deadlines.domain.model.measures import Population
from services.deadlines.settings import read_settings
from shared.settings import Environment, SettingMissing

NEEDED = {
    "MASH_ENV": "development",
    "MASH_DATABASE_URL": "postgresql://nobody@127.0.0.1/mash",
    "MASH_ENCRYPTION_KEYS": "none",
    "MASH_INDEX_KEY": "none",
}


def population(**variables: str) -> Population | None:
    return read_settings(Environment(NEEDED | variables)).population


def test_without_the_setting_there_is_none() -> None:
    assert population() is None
    assert population(MASH_POPULATION_SOURCE="ONS mid-2024") is None


def test_with_its_source_it_is_read() -> None:
    found = population(MASH_POPULATION_0_17="52000", MASH_POPULATION_SOURCE="ONS mid-2024")
    assert found == Population(children=52_000, source="ONS mid-2024")


def test_without_its_source_it_is_refused() -> None:
    with pytest.raises(SettingMissing, match="MASH_POPULATION_SOURCE"):
        population(MASH_POPULATION_0_17="52000")
