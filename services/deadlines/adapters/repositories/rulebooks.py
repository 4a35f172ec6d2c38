"""The policy versions that events name, each with the version of its calendar that is in force."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadlines.adapters.repositories.calendar_versions import CalendarVersions
from services.deadlines.adapters.repositories.calendars import load_holidays
from services.deadlines.domain.model.working_time import Holidays, WorkingTime
from services.deadlines.domain.policy.rulebook import Rulebook
from shared.database.faults import NotYet
from shared.policy.model import Pack
from shared.policy.shelf import PackShelf

_APPROVED = sa.text(
    "SELECT calendar, version, effective_from <= mash_now() AS come FROM calendars WHERE state = 'approved'"
)


class Rulebooks:
    """Rulebooks by policy version; the active one is there from the start, by the shipped calendar."""

    def __init__(self, active: Pack, directory: Path, feeds: frozenset[str] = frozenset()) -> None:
        self._directory = directory
        self._feeds = feeds
        self._shelf = PackShelf(active, directory)
        self._known: dict[str, tuple[Holidays, Rulebook]] = {}
        self._shipped: dict[str, Holidays] = {}
        self._approved: dict[str, Holidays] = {}
        self._before: dict[str, list[Holidays]] = {}
        self.superseded: list[str] = []
        """Versions of calendars by which no clock should count any more, as they were last read."""
        self._with_calendar(active)

    @property
    def active(self) -> Rulebook:
        """The active policy version's."""
        return self._with_calendar(self._shelf.active)

    def named(self, policy_id: str, version: str, content_hash: str) -> Rulebook:
        """The rulebook an event was thought with. Raises NotYet, which pauses us, where we do not have exactly that."""
        return self._with_calendar(self._shelf.exactly(policy_id, version, content_hash))

    def of(self, ref: str | None) -> Rulebook:
        """The rulebook of a policy version, the active one of None. Raises NotYet where it is not installed."""
        return self._with_calendar(self._shelf.find(ref))

    def unwatched(self, ref: str | None) -> frozenset[str]:
        """Kinds of clock that nothing watches here by this version; none of one that is not installed."""
        try:
            return self.of(ref).unwatched
        except NotYet:
            return frozenset()

    def fed(self, ref: str | None) -> tuple[frozenset[str], frozenset[str]]:
        """The kinds of clock by this version that wait for a feed there is here, and for one there is not; none of one
        that is not installed.
        """
        try:
            rulebook = self.of(ref)
        except NotYet:
            return frozenset(), frozenset()
        waiting = {rule.kind for rule in rulebook.pack.clocks.values() if rule.watched_if is not None}
        return frozenset(waiting - rulebook.unwatched), rulebook.unwatched

    def by(self, ref: str, holidays: Holidays) -> Rulebook | None:
        """The policy version's by another version of its calendar; None where it counts by another calendar, or is not
        installed: then its clocks cannot be computed here at all.
        """
        try:
            pack = self._shelf.find(ref)
        except NotYet:
            return None
        if pack.calendar.holidays != holidays.id:
            return None
        return Rulebook(pack, WorkingTime(pack.calendar, holidays), self._feeds)

    async def refresh(self, connection: AsyncConnection) -> None:
        """Takes up what has been approved meanwhile, here or by another process: one small query a transaction.

        A version once taken up is never left for an earlier one, whatever an older transaction has read.
        """
        approved = [(row.calendar, row.version, row.come) for row in await connection.execute(_APPROVED)]
        for calendar in {calendar for calendar, _, come in approved if come}:
            newest = max(version for name, version, come in approved if come and name == calendar)
            known = self._approved.get(calendar)
            if known is None or newest > int(known.version):
                *before, in_force = await CalendarVersions(connection).in_force_until(calendar, newest)
                self._approved[calendar], self._before[calendar] = in_force, before
        self.superseded = [
            f"{calendar}@{version}"
            for calendar, version, _ in approved
            if calendar in self._approved and version < int(self._approved[calendar].version)
        ]
        self.superseded += [f"{calendar}@0" for calendar in self._approved]

    def _with_calendar(self, pack: Pack) -> Rulebook:
        name = pack.calendar.holidays
        holidays = self._approved.get(name) or self._shipped.get(name)
        if holidays is None:
            holidays = self._shipped[name] = load_holidays(self._directory, name)
        counted_by, rulebook = self._known.get(pack.ref, (None, None))
        if rulebook is None or counted_by != holidays:
            before = self._before.get(name, ())
            rulebook = Rulebook(pack, WorkingTime(pack.calendar, holidays), self._feeds, before=before)
            self._known[pack.ref] = (holidays, rulebook)
        return rulebook
