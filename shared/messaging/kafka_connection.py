"""What all clients of Kafka have in common: which failures are Kafka's, and how long it may take to answer."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from aiokafka.errors import KafkaError

from shared.messaging.bus import BusUnavailable

FAILURES = (KafkaError, OSError, TimeoutError)
ANSWER_SECONDS = 10.0
CLOSE_SECONDS = 3.0


@contextmanager
def unavailable_when_it_fails(what: str) -> Generator[None]:
    """Turn Kafka's failures, and our limits on its waits, into BusUnavailable."""
    try:
        yield
    except FAILURES as error:
        raise BusUnavailable(f"{what}: {type(error).__name__}") from error
