"""A running hub for each test, on the bus it asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hub import Hub, running_hub
from tests.support.kafka_process import KafkaSource

BUSES = ["postgres", pytest.param("kafka", marks=pytest.mark.kafka)]


@pytest.fixture(params=BUSES)
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub on each bus in turn."""
    bootstrap = None
    if request.param == "kafka":
        source: KafkaSource = request.getfixturevalue("kafka_source")
        bootstrap = source.bootstrap
    async with running_hub(tmp_path, kafka_bootstrap=bootstrap) as running:
        yield running
