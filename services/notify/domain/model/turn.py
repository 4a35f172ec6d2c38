"""How often one recipient of alerts is written to: the first letter goes at once, what follows is gathered.

Somebody who gets a hundred alerts in an hour reads none of them. One letter that lists what has gathered is read. A
rating that pages must not wait for that: of those the first few of a window go at once too, and the
rest within a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=10)
PAGES_AT_ONCE: Final = 5
"""So many letters that page go at once in a window: a bad night's, not a flood's."""
PAGE_EVERY: Final = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class Turn:
    """What one recipient was sent in the window that runs, letters that page apart from all others. Business time."""

    mark: bytes
    pages: bool
    started_at: datetime | None = None
    last_at: datetime | None = None
    letters: int = 0

    def waits_until(self, now: datetime) -> datetime | None:
        """Until when the next letter gathers; None: it may go now."""
        if self._over(now) or self.started_at is None or self.last_at is None:
            return None
        if not self.pages:
            return self.started_at + WINDOW
        if self.letters < PAGES_AT_ONCE or now >= self.last_at + PAGE_EVERY:
            return None
        return self.last_at + PAGE_EVERY

    def spend(self, now: datetime) -> None:
        """A letter goes."""
        if self._over(now):
            self.started_at, self.letters = now, 0
        self.letters += 1
        self.last_at = now

    def give_back(self) -> None:
        """The letter was not taken: nobody was written to, and the next may go at once."""
        self.letters = max(0, self.letters - 1)
        self.last_at = None
        if self.letters == 0:
            self.started_at = None

    def _over(self, now: datetime) -> bool:
        return self.started_at is None or not self.started_at <= now < self.started_at + WINDOW
