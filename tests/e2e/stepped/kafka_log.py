"""Everything that stands on the bus's topics, as anybody who listens hears it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import TOPICS


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One event on a topic."""

    id: str
    event: str
    contact_id: str
    data: dict[str, Any]


async def everything_said(bootstrap: str) -> list[Said]:
    """Every event on every topic, from the beginning to what is there now."""
    places = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        said: list[Said] = []
        waiting = {place for place in places if ends[place]}
        while waiting:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                said += [_read(record.headers, record.value or b"{}") for record in records]
            waiting = {place for place in waiting if await consumer.position(place) < ends[place]}
        return said
    finally:
        await consumer.stop()


def _read(headers: Any, value: bytes) -> Said:
    named = {name: text.decode() for name, text in headers}
    return Said(
        id=named["ce_id"],
        event=named["ce_type"].split(".")[-2],
        contact_id=named["ce_subject"],
        data=json.loads(value),
    )
