"""A running hub for each test, on the bus it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest

from tests.support.hub import Hub, running_hub
from tests.support.kafka_process import KafkaSource

BUSES = ["postgres", pytest.param("kafka", marks=pytest.mark.kafka)]
StartHub = Callable[..., AbstractAsyncContextManager[Hub]]


@pytest.fixture(params=BUSES)
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub on each bus in turn."""
    bootstrap = None
    if request.param == "kafka":
        source: KafkaSource = request.getfixturevalue("kafka_source")
        bootstrap = source.bootstrap
    async with AsyncExitStack() as closing:
        yield await closing.enter_async_context(running_hub(tmp_path, kafka_bootstrap=bootstrap))


@pytest.fixture(autouse=True)
def _loop_is_asyncio() -> None:
    """The supervisor needs the main thread's plain event loop."""
    assert asyncio.get_event_loop_policy() is not None
