"""Are the ports free, and do the services answer?"""

import asyncio
import socket
import time
from collections.abc import Iterable

import httpx2

from mash.refusal import Refused
from mash.services import HOST

READY_SECONDS = 60.0
ASK_SECONDS = 2.0
POLL_SECONDS = 0.1


def refuse_taken(ports: Iterable[int]) -> None:
    """Look before anything starts.

    Raises:
        Refused: somebody listens on one of the ports; all such ports are named.
    """
    taken = [str(port) for port in ports if listens(port)]
    if taken:
        raise Refused(f"port {', '.join(taken)} of {HOST} is taken: is another `make run` alive? Stop what is there")


def listens(port: int) -> bool:
    """Tell whether somebody accepts connections on the port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


async def wait_until_ready(names_and_ports: Iterable[tuple[str, int]]) -> None:
    """Wait until every process says it is ready.

    Raises:
        Refused: some did not within the limit; each is named, with the last thing it said.
    """
    async with httpx2.AsyncClient(timeout=ASK_SECONDS, trust_env=False) as client:
        said = await asyncio.gather(*(_last_word(client, name, port) for name, port in names_and_ports))
    if any(said):
        raise Refused(f"not ready within {READY_SECONDS:.0f} s: {'; '.join(filter(None, said))}")


async def _last_word(client: httpx2.AsyncClient, name: str, port: int) -> str | None:
    """Return None once the process is ready; what it said instead, when the time is up."""
    said = "nothing"
    limit = time.monotonic() + READY_SECONDS
    while time.monotonic() < limit:
        try:
            answer = await client.get(f"http://{HOST}:{port}/readyz")
        except httpx2.HTTPError as error:
            said = type(error).__name__
        else:
            if answer.is_success:
                return None
            said = f"{answer.status_code} {answer.text[:300]}"
        await asyncio.sleep(POLL_SECONDS)
    return f"{name} said {said}"
