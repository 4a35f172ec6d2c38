"""Does a Kafka really answer? Its port opens a second before topics and consumer groups work."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from mash.readiness import listens
from mash.services import HOST

START_SECONDS = 60.0
ASK_SECONDS = 5.0
POLL_SECONDS = 0.1


def free_port_pair() -> int:
    """Return a port such that nobody listens on it, nor on the next one, just now."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if not listens(port + 1):
            return port


def wait_until_it_answers(bootstrap: str) -> bool:
    """Wait for any broker, ours or not, to serve topics and consumer groups; False when it did not in time."""
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        if answers(bootstrap):
            return True
        time.sleep(POLL_SECONDS)
    return False


def answers(bootstrap: str) -> bool:
    """Ask once, at most 5 s."""
    # In a loop of a thread of its own: the caller may or may not be inside one already.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(_serves_groups(bootstrap))).result()


async def _serves_groups(bootstrap: str) -> bool:
    """Tell whether the group coordinator works, the last part of a broker to come up."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(ASK_SECONDS * 1000))
    try:
        async with asyncio.timeout(ASK_SECONDS):
            await admin.start()
            await admin.list_consumer_group_offsets("mash-readiness")
    except (KafkaError, OSError, TimeoutError):
        return False
    else:
        return True
    finally:
        await admin.close()
