"""Which of several starts a clock counts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.deadlines.domain.model.occurrence import VERSIONED, Occurrence


@dataclass(frozen=True, slots=True)
class Begin:
    """What starts a clock, and from when on it no longer does."""

    by: Occurrence
    lost_at: datetime | None


def begin_of(starts: Sequence[Occurrence], happened: Sequence[Occurrence]) -> Begin:
    """The start that counts, of ``starts`` in time: the earliest that still does, else the one that counted longest."""
    groups: dict[tuple[str, UUID | None], list[Occurrence]] = {}
    for one in starts:
        groups.setdefault((one.event, one.subject_id), []).append(one)
    begins = [_of_one_event(found, happened) for found in groups.values()]
    alive = [begin for begin in begins if begin.lost_at is None]
    if alive:
        return min(alive, key=lambda begin: (begin.by.occurred_at, str(begin.by.id)))
    return max(begins, key=lambda begin: (begin.lost_at or begin.by.occurred_at, str(begin.by.id)))


def _of_one_event(starts: Sequence[Occurrence], happened: Sequence[Occurrence]) -> Begin:
    """Of a versioned event the latest that starts the clock, back to where that began."""
    event, subject_id = starts[0].event, starts[0].subject_id
    if event not in VERSIONED:
        alive = [one for one in starts if one.voided_at is None]
        return Begin(alive[0], None) if alive else Begin(starts[-1], starts[-1].voided_at)
    starting = {one.version: one for one in starts}
    versions = {one.version: one for one in happened if (one.event, one.subject_id) == (event, subject_id)}
    latest = max(starting)
    after = [version for version in versions if version > latest]
    gap = max((version for version in versions if version < latest and version not in starting), default=0)
    first = starting[min(version for version in starting if version > gap)]
    return Begin(first, versions[min(after)].occurred_at if after else None)
