"""The policy versions that events name, each with its calendar: loaded once, proven on their golden cases."""

from __future__ import annotations

from pathlib import Path

from services.deadlines.adapters.calendars import load_holidays
from services.deadlines.domain.model.working_time import WorkingTime
from services.deadlines.domain.policy.rulebook import Rulebook
from shared.database.faults import NotYet
from shared.policy.faults import PolicyError
from shared.policy.loader import load_pack, verify
from shared.policy.model import Pack


class Rulebooks:
    """Rulebooks by policy version; the active one is there from the start."""

    def __init__(self, active: Pack, directory: Path, feeds: frozenset[str] = frozenset()) -> None:
        self._directory = directory
        self._feeds = feeds
        self.active = self._with_calendar(active)
        self._known = {active.ref: self.active}

    def named(self, policy_id: str, version: str, content_hash: str) -> Rulebook:
        """The rulebook an event was thought with. Raises NotYet, which pauses us, where we do not have exactly that."""
        found = self.of(f"{policy_id}@{version}")
        if found.pack.content_hash != content_hash:
            raise NotYet(f"policy {policy_id}@{version} here is not the one the event was made with")
        return found

    def of(self, ref: str | None) -> Rulebook:
        """The rulebook of a policy version, the active one of None. Raises NotYet where it is not installed."""
        if ref is None:
            return self.active
        if ref not in self._known:
            try:
                pack = load_pack(self._directory, ref)
                verify(pack)
            except PolicyError as error:
                raise NotYet(f"policy {ref} is not installed here") from error
            self._known[ref] = self._with_calendar(pack)
        return self._known[ref]

    def _with_calendar(self, pack: Pack) -> Rulebook:
        holidays = load_holidays(self._directory, pack.calendar.holidays)
        return Rulebook(pack, WorkingTime(pack.calendar, holidays), self._feeds)
