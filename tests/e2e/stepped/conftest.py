"""One run for all tests of this folder: it takes minutes, and each test looks at another side of it."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.kafka_process import KafkaSource

from .run import Seen, played


@pytest.fixture(scope="session")
def seen(kafka_source: KafkaSource, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What the run has left."""
    assert kafka_source.bootstrap is not None
    return asyncio.run(played(tmp_path_factory.mktemp("stepped"), kafka_source.bootstrap))
