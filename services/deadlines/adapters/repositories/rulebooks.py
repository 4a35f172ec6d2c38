"""The policy versions that events name, each with its calendar."""

from __future__ import annotations

from pathlib import Path

from services.deadlines.adapters.repositories.calendars import load_holidays
from services.deadlines.domain.model.working_time import WorkingTime
from services.deadlines.domain.policy.rulebook import Rulebook
from shared.policy.model import Pack
from shared.policy.shelf import PackShelf


class Rulebooks:
    """Rulebooks by policy version; the active one is there from the start."""

    def __init__(self, active: Pack, directory: Path, feeds: frozenset[str] = frozenset()) -> None:
        self._directory = directory
        self._feeds = feeds
        self._shelf = PackShelf(active, directory)
        self._known: dict[str, Rulebook] = {}
        self.active = self._with_calendar(active)

    def named(self, policy_id: str, version: str, content_hash: str) -> Rulebook:
        """The rulebook an event was thought with. Raises NotYet, which pauses us, where we do not have exactly that."""
        return self._with_calendar(self._shelf.exactly(policy_id, version, content_hash))

    def of(self, ref: str | None) -> Rulebook:
        """The rulebook of a policy version, the active one of None. Raises NotYet where it is not installed."""
        return self._with_calendar(self._shelf.find(ref))

    def _with_calendar(self, pack: Pack) -> Rulebook:
        if pack.ref not in self._known:
            holidays = load_holidays(self._directory, pack.calendar.holidays)
            self._known[pack.ref] = Rulebook(pack, WorkingTime(pack.calendar, holidays), self._feeds)
        return self._known[pack.ref]
