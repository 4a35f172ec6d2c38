"""Is anything on its way? What business time waits for before it moves on."""

import asyncio
import time
from collections.abc import Collection, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.bus_progress import BusProgress
from mash.refusal import Refused

QUIET_SECONDS = 60.0
LOOK_SECONDS = 0.02

_OUTBOX = "SELECT count(*) FROM outbox"
_WRITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
    " AND pid <> pg_backend_pid()"
)
_OWN_WORK = {
    # Who a contact is about is found after its commit, and what follows is said later still.
    "intake": "SELECT (SELECT count(*) FROM contacts WHERE matched_at IS NULL AND body IS NOT NULL)"
    " + (SELECT count(*) FROM looks_due) + (SELECT count(*) FROM links WHERE due)",
    "deadlines": "SELECT count(*) FROM contacts WHERE next_fire_at <= mash_now()",
    # A delivery that waits for its next try has a due_at in the future (real time): it is not counted; nor is an alert
    # that waits, in business time, to go with others.
    "notify": "SELECT count(*) FROM messages WHERE settled_at IS NULL AND (due_at <= now() OR lease_until > now())"
    " AND (gathered_until IS NULL OR gathered_until <= mash_now())",
}


class NotQuiet(Refused):
    """Something stayed in flight for as long as we wait; the message says what."""


async def wait_until_quiet(
    engines: Mapping[str, AsyncEngine],
    progress: BusProgress,
    *,
    limit_seconds: float = QUIET_SECONDS,
    own_work: Collection[str] = tuple(_OWN_WORK),
) -> None:
    """Wait until no event is unpublished or unread, no transaction writes, and nothing due is unfired.

    Of the timed loops, `own_work` names the services whose work is waited for: all by default.

    Raises:
        NotQuiet: not within `limit_seconds`; says what is still in flight.
    """
    ends = time.monotonic() + limit_seconds
    while True:
        before = await progress.read()
        in_flight = await _in_flight(engines, own_work) or await _in_flight(engines, own_work)
        after = await progress.read()
        if after.behind:
            in_flight["bus"] = after.behind
        # An event that hops from a consumer to an outbox to the bus while we look round is seen by its publication.
        if not in_flight and not before.behind and before.published == after.published:
            return
        if time.monotonic() > ends:
            named = ", ".join(f"{count} in {what}" for what, count in in_flight.items()) or "events on their way"
            raise NotQuiet(f"not quiet after {limit_seconds:g} s: {named}")
        await asyncio.sleep(LOOK_SECONDS)


async def _in_flight(engines: Mapping[str, AsyncEngine], own_work: Collection[str]) -> dict[str, int]:
    counted = await asyncio.gather(*(_in_flight_of(name, engine, own_work) for name, engine in engines.items()))
    return {
        f"{name}'s {what}": count for name, row in zip(engines, counted, strict=True) for what, count in row if count
    }


async def _in_flight_of(name: str, engine: AsyncEngine, own_work: Collection[str]) -> list[tuple[str, int]]:
    work = _OWN_WORK.get(name, "0") if name in own_work else "0"
    asked = text(f"SELECT ({_OUTBOX}) AS outbox, ({_WRITING}) AS transactions, ({work}) AS work")
    async with engine.connect() as connection:
        row = (await connection.execute(asked)).one()
    return [("outbox", row.outbox), ("transactions", row.transactions), ("work", row.work)]
