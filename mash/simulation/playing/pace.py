"""Stepped business time under a plan: time stands still, and moves to the next act when what it needs has settled."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from mash import business_time
from mash.bus_progress import BusProgress
from mash.business_time import Databases
from mash.quiet import wait_until_quiet

FIRED_WITHIN = timedelta(hours=12)
"""Clocks fire by the services' own loops meanwhile; at the latest after this everything due has fired."""

PATIENCE_SECONDS = 300.0
"""On a machine that does much else."""


class Pace:
    """Moves business time, and waits only where something depends on it.

    Two waits: until all is *heard* (no event is on its way, and what came before a contact has been looked up), and
    until all is *quiet* (clocks have fired and letters are out as well), which takes the loops' own time.
    """

    def __init__(self, engines: Databases, progress: BusProgress, *, environment: str, now: datetime) -> None:
        """`now` is business time, which stands still."""
        self._engines = engines
        self._progress = progress
        self._environment = environment
        self.now = now
        self._quiet_at = now
        self._heard_by: datetime | None = None
        self._unsettled: set[int] = set()
        self.steps = self.waits = 0

    async def move_to(self, at: datetime) -> None:
        """Let it be `at`: nothing to do where it is later already. What must be heard before then, is."""
        if at <= self.now:
            return
        if self._heard_by is not None and at > self._heard_by:
            await self.heard()
        if at - self._quiet_at > FIRED_WITHIN:
            await self.quiet()
        await business_time.step_to(self._engines, at, environment=self._environment)
        self.now = at
        self.steps += 1

    def to_be_heard_by(self, at: datetime) -> None:
        """What was done just now must have been heard everywhere before it is later than `at`."""
        self._heard_by = at if self._heard_by is None else min(self._heard_by, at)

    def stir(self, contacts: Iterable[int]) -> None:
        """More has been told of these contacts: what follows from it is on its way."""
        self._unsettled.update(contacts)

    async def settle(self, contacts: Iterable[int]) -> None:
        """Wait until what was told of these contacts has been worked out everywhere."""
        if not self._unsettled.isdisjoint(contacts):
            await self.heard()

    async def heard(self) -> None:
        """Wait until no event is on its way, and every contact's history has been looked up."""
        await wait_until_quiet(self._engines, self._progress, limit_seconds=PATIENCE_SECONDS, own_work=("intake",))
        self._heard_by = None
        self._unsettled.clear()
        self.waits += 1

    async def quiet(self) -> None:
        """Wait until nothing is on its way or due anywhere."""
        await wait_until_quiet(self._engines, self._progress, limit_seconds=PATIENCE_SECONDS)
        self._heard_by = None
        self._quiet_at = self.now
        self._unsettled.clear()
        self.waits += 1
