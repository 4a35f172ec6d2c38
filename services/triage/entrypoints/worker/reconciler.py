"""Nothing silent: what we said and nobody answered is said again, first the same, then everything anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID, uuid5

from services.triage.adapters import queries
from services.triage.adapters.queries import Overdue
from services.triage.adapters.repositories import TriageUnitOfWork
from services.triage.application.handlers import restating
from services.triage.domain.model import Echo
from services.triage.settings import TriageSettings
from shared.contracts.envelope import Cause
from shared.logging import get_logger
from shared.messaging.outbox import republish
from shared.metrics import Metrics

log = get_logger()
BATCH = 100


class Reconciler:
    """Looks for echoes that have not come. Any number of them may run at once."""

    def __init__(self, *, work: Callable[[], TriageUnitOfWork], settings: TriageSettings, metrics: Metrics) -> None:
        self._work = work
        self._settings = settings
        self._metrics = metrics

    async def run_once(self) -> bool:
        """One round, in one transaction. True where there may be more to do at once."""
        async with self._work() as work:
            stuck = await queries.stuck(work.connection)
            for echo in Echo:
                self._metrics.stuck(f"no echo: {echo.value}", stuck.get(echo, 0))
            if await queries.bus_is_stalled(work.connection):
                return False
            overdue = await queries.overdue_echoes(
                work.connection,
                clocks_seconds=self._settings.clocks_within_seconds,
                informed_seconds=self._settings.informed_within_seconds,
                most=BATCH,
            )
            await work.lock(one.contact_id for one in overdue)
            for contact_id, tries in _by_contact(overdue).items():
                await self._say_again(work, contact_id, tries)
            await queries.note_tries(work.connection, overdue)
            await work.commit()
        return len(overdue) == BATCH

    async def _say_again(self, work: TriageUnitOfWork, contact_id: UUID, tries: int) -> None:
        """First the same events, which may have been lost in transport; without an echo again, the full state."""
        case = work.cases.get(contact_id)
        if case is None or case.contact is None or not (case.clocks_awaited or case.informing_awaited):
            return
        if tries == 0:
            count = await republish(work.connection, contact_id)
            log.warning("no echo: republished", contact_id=str(contact_id), count=count)
            return
        cause_id = uuid5(contact_id, f"no echo|{case.entries}|{tries}")
        said = restating.restated(case, work.pack)
        work.announce(said, contact_id=contact_id, cause=Cause(id=cause_id, correlation_id=cause_id))
        log.error("still no echo: restated", contact_id=str(contact_id), count=tries)


def _by_contact(overdue: Iterable[Overdue]) -> dict[UUID, int]:
    """Each contact once, with the most tries of its echoes."""
    tries: dict[UUID, int] = {}
    for one in overdue:
        tries[one.contact_id] = max(one.tries, tries.get(one.contact_id, 0))
    return tries
