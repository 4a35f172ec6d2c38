"""What is behind, counted in children: said but not sent, set aside, not rated, not told, overdue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.services import SERVICE_NAMES
from mash.system import database
from services.deadlines.adapters.queries import count_stuck

UNSENT_SECONDS = 5
"""An outbox empties within milliseconds; what stays longer does not leave."""

_UNSENT = text(
    "SELECT count(*) AS events, array_agg(DISTINCT key) AS keys, max(extract(epoch FROM now() - created_at)) AS oldest"
    " FROM outbox WHERE created_at < now() - make_interval(secs => :seconds)"
)
_PARKED = text(
    "SELECT split_part(reason, ':', 1) AS reason, count(*) AS events, array_agg(DISTINCT key) AS keys"
    " FROM parked WHERE settled_at IS NULL GROUP BY 1 ORDER BY 1"
)
_OVERDUE = text(
    "SELECT kind, count(*) AS clocks, array_agg(DISTINCT contact_id::text) AS keys FROM deadlines"
    " WHERE breached_at IS NOT NULL AND met_at IS NULL AND cancelled_at IS NULL GROUP BY kind ORDER BY kind"
)
_CHILDREN = text(
    "SELECT count(*) FROM subjects WHERE kind <> 'adult' AND contact_id = ANY(CAST(CAST(:ids AS text[]) AS uuid[]))"
)
_STUCK = {
    "without_clock": "open without a running clock",
    "not_rated": "received but not rated",
    "not_informed": "decided but the referrer not informed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One thing that is behind: how many children it keeps waiting, and how many contacts."""

    what: str
    children: int
    contacts: int
    detail: str = ""


async def what_is_behind(settings: Mapping[str, str]) -> list[Behind]:
    """Look into the four databases; empty when nothing is behind."""
    async with database(settings, "intake") as intake:
        found: list[Behind] = []
        for service in SERVICE_NAMES:
            async with database(settings, service) as engine:
                found += await _messages(engine, service, intake)
                if service == "deadlines":
                    found += await _clocks(engine, intake)
        return found


async def _messages(engine: AsyncEngine, service: str, intake: AsyncEngine) -> list[Behind]:
    """What a service has said and not sent, and what it has set aside."""
    async with engine.connect() as connection:
        unsent = (await connection.execute(_UNSENT, {"seconds": UNSENT_SECONDS})).one()
        parked = (await connection.execute(_PARKED)).all()
    found: list[Behind] = []
    if unsent.events:
        detail = f"{unsent.events} events, the oldest {unsent.oldest:.0f} s"
        found.append(await _behind(f"{service}: said but not sent", unsent.keys, intake, detail))
    for row in parked:
        what = f"{service}: set aside ({row.reason})"
        detail = f"{row.events} events: mash dead-letters list {service}"
        found.append(await _behind(what, row.keys, intake, detail))
    return found


async def _clocks(engine: AsyncEngine, intake: AsyncEngine) -> list[Behind]:
    """What the watchdog counts, and clocks that were missed and still wait."""
    async with engine.connect() as connection:
        stuck = await count_stuck(connection)
        overdue = (await connection.execute(_OVERDUE)).all()
    found = [
        Behind(what=_STUCK.get(one.what, one.what), children=one.subjects, contacts=one.contacts)
        for one in stuck
        if one.contacts
    ]
    late = [await _behind(f"overdue: {row.kind}", row.keys, intake, f"{row.clocks} clocks") for row in overdue]
    return found + late


async def _behind(what: str, keys: Iterable[str], intake: AsyncEngine, detail: str) -> Behind:
    ids = [key for key in keys if _is_uuid(key)]
    async with intake.connect() as connection:
        children = (await connection.execute(_CHILDREN, {"ids": ids})).scalar_one()
    return Behind(what=what, children=children, contacts=len(ids), detail=detail)


def _is_uuid(key: str) -> bool:
    """Whatever came over the bus may be parked, also under a key that is no contact's."""
    try:
        UUID(key)
    except ValueError:
        return False
    return True
