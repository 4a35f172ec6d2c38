"""Which deadlines another version of the calendar would move, and what tells two such lists apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from services.deadlines.domain.model.calendar import CalendarVersion, ProposalRefused
from services.deadlines.domain.model.due import compute_due
from services.deadlines.domain.model.working_time import CalendarEnds

from .rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A running clock in working time."""

    deadline_id: UUID
    contact_id: UUID
    kind: str
    policy: str
    starts_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One deadline, from when to when."""

    deadline_id: UUID
    contact_id: UUID
    kind: str
    old_due_at: datetime
    new_due_at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """What has changed in a list since it was shown: ``added``, ``gone`` or ``other_due``."""

    deadline_id: UUID
    what: str


def moves(clocks: Iterable[Counted], rulebooks: Mapping[str, Rulebook]) -> list[Move]:
    """The clocks that the rulebooks (by policy, each with the new calendar) give another due time, next due first."""
    found: list[Move] = []
    for clock in clocks:
        rulebook = rulebooks.get(clock.policy)
        rule = rulebook.pack.clocks.get(clock.kind) if rulebook else None
        if rulebook is None or rule is None:
            continue
        try:
            due_at = compute_due(rule.within, clock.starts_at, rulebook.calendar)
        except CalendarEnds:
            raise ProposalRefused("last", "ends_before_a_running_clock") from None
        if due_at != clock.due_at:
            found.append(
                Move(
                    deadline_id=clock.deadline_id,
                    contact_id=clock.contact_id,
                    kind=clock.kind,
                    old_due_at=clock.due_at,
                    new_due_at=due_at,
                )
            )
    return sorted(found, key=lambda move: (move.old_due_at, move.deadline_id))


def fingerprint(version: CalendarVersion, listed: Sequence[Move]) -> str:
    """What an approval must name: the same for the same days and the same list, 32 characters."""
    days = [f"{day.date.isoformat()} {day.kind.value}" for day in version.days]
    moved = [f"{one.deadline_id} {_text(one.old_due_at)} {_text(one.new_due_at)}" for one in listed]
    said = [version.ref, version.last.isoformat(), _text(version.effective_from), *days, *moved]
    return sha256("\n".join(said).encode()).hexdigest()[:32]


def differences(shown: Sequence[Move], now: Sequence[Move]) -> list[Difference]:
    """What has changed between the list that was shown and the one that would be approved."""
    before, after = ({one.deadline_id: one.new_due_at for one in listed} for listed in (shown, now))
    found = [Difference(one, "added") for one in after.keys() - before.keys()]
    found += [Difference(one, "gone") for one in before.keys() - after.keys()]
    found += [Difference(one, "other_due") for one in before.keys() & after.keys() if before[one] != after[one]]
    return sorted(found, key=lambda one: (one.what, one.deadline_id))


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
