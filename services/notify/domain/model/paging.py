"""The episodes in which a contact's rating pages: each alerts every rung of the duty ladder once, and anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """From the rating that pages to the one that does not; times are those of triage's events (business time).

    ``unread`` names the event that could not be read and was taken for a rating that pages, until it is known better.
    """

    began_at: datetime
    ended_at: datetime | None = None
    unread: UUID | None = None


@dataclass(slots=True)
class Paging:
    """A contact's episodes in order, numbered from 1. They follow from triage's events, which come in order;
    only an unlinking, which intake says, may begin one at another moment.
    """

    episodes: list[Episode] = field(default_factory=list[Episode])

    @property
    def now(self) -> bool:
        """Whether the rating pages, or may."""
        return bool(self.episodes) and self.episodes[-1].ended_at is None

    @property
    def number(self) -> int:
        """The episode that runs, or the last one; 0 before the first."""
        return len(self.episodes)

    def hear(self, *, pages: bool, event_id: UUID, at: datetime) -> None:
        """A rating begins an episode or ends one. What was taken for paging is confirmed only by its own replay:
        another event that pages is a worry of its own, and alerts anew.
        """
        if self.now and self.episodes[-1].unread == event_id and pages:
            self.episodes[-1] = replace(self.episodes[-1], unread=None)
            return
        self.end_unread(at)
        if pages and not self.now:
            self.episodes.append(Episode(began_at=at))
        elif not pages:
            self._end(at)

    def anew(self, at: datetime) -> None:
        """What pages is to be looked at once more: the next episode begins. Events of intake and of triage may each
        say so, in any order, so its beginning is never before that of the one which ends.
        """
        last = self.episodes[-1]
        at = max(at, last.began_at)
        self._end(at)
        self.episodes.append(Episode(began_at=at, unread=last.unread))

    def fear(self, *, event_id: UUID, at: datetime) -> None:
        """An event that could not be read may be a rating that pages: it is taken for one."""
        if self.now and self.episodes[-1].unread != event_id:
            self.end_unread(at)
        if not self.now:
            self.episodes.append(Episode(began_at=at, unread=event_id))

    def end_unread(self, at: datetime) -> None:
        """What was taken for paging is so no longer."""
        if self.now and self.episodes[-1].unread is not None:
            self._end(at)

    def over(self, number: int) -> bool:
        """Whether this episode has ended. One that has yet to be heard of has not."""
        return number < self.number or (number == self.number and not self.now)

    def of_clock(self, starts_at: datetime) -> int:
        """The episode of a clock that started then. Its breach may be heard before the rating that started it: then
        the next one. While one runs, a later start counts as this one's, so that no rung is taken from the next.
        """
        if not self.now and (not self.episodes or _ended_before(self.episodes[-1], starts_at)):
            return self.number + 1
        return max(1, sum(episode.began_at <= starts_at for episode in self.episodes))

    def _end(self, at: datetime) -> None:
        if self.now:
            self.episodes[-1] = replace(self.episodes[-1], ended_at=at)


def _ended_before(episode: Episode, moment: datetime) -> bool:
    return episode.ended_at is not None and episode.ended_at < moment
