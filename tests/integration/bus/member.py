"""A member of a group in a process of its own: reads, says so, never commits, and waits to be killed."""

from __future__ import annotations

import asyncio
import sys

from shared.messaging.postgres import PostgresBus
from tests.integration.bus.harness import kafka_bus

LIVES_SECONDS = 60


async def read_and_wait(kind: str, address: str, group: str, topic: str) -> None:
    bus = PostgresBus(address) if kind == "postgres" else kafka_bus(address)
    member = bus.subscription(group=group, topics=[topic])
    await member.start()
    batch = await member.poll(max_records=1000, timeout_seconds=20)
    print("read", len(batch), flush=True)  # noqa: T201
    for _ in range(LIVES_SECONDS):
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(read_and_wait(*sys.argv[1:]))
