"""The measures of a month counted once more, naively, over the events: by docs/measures.md and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.envelope import Event
from shared.contracts.intake import ContactReceived, ContactsLinked, ContactsUnlinked, SubjectTold
from shared.contracts.triage import ContactClosed, ContactReopened, DecisionMade, MilestoneRecorded

LONDON = ZoneInfo("Europe/London")
CLOSING = {0: (17, 0), 1: (17, 0), 2: (17, 0), 3: (17, 0), 4: (16, 30)}
HOLIDAYS = {date(2026, 12, 25), date(2026, 12, 28), date(2026, 8, 31)}


@dataclass
class Seen:
    """All that was said of one contact."""

    told: list[SubjectTold] = field(default_factory=list[SubjectTold])
    received_at: datetime | None = None
    decisions: dict[UUID, list[DecisionMade]] = field(default_factory=lambda: defaultdict(list))
    milestones: list[MilestoneRecorded] = field(default_factory=list[MilestoneRecorded])
    closed: bool = False
    linked: bool = False

    def hear(self, said: Any) -> None:
        """The next thing said, in the order of its producer."""
        match said:
            case ContactReceived():
                self.told, self.received_at = list(said.subjects), said.contact.received_at
            case DecisionMade():
                self.decisions[said.subject.subject_id].append(said)
            case MilestoneRecorded():
                self.milestones.append(said)
            case ContactClosed() | ContactReopened():
                self.closed = isinstance(said, ContactClosed)
            case ContactsLinked() | ContactsUnlinked():
                self.linked = isinstance(said, ContactsLinked)
            case _:
                pass

    def counted(self) -> list[SubjectTold]:
        """The children; where there is none, the first who was named."""
        children = [one for one in self.told if one.kind.value in {"child", "unborn"}]
        return children or sorted(self.told, key=lambda one: one.position)[:1]


def local(at: datetime) -> date:
    """The London date."""
    return at.astimezone(LONDON).date()


def month_of(at: datetime) -> str:
    """The London month."""
    return f"{local(at):%Y-%m}"


def working_day_end(at: datetime) -> datetime:
    """Closing time of the first working day after the London date of receipt."""
    day = local(at) + timedelta(days=1)
    while day.weekday() not in CLOSING or day in HOLIDAYS:
        day += timedelta(days=1)
    hour, minute = CLOSING[day.weekday()]
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def referral(decisions: list[DecisionMade]) -> datetime | None:
    """When it became a referral; None where it is none."""
    if not decisions or decisions[-1].made_on is not None or not decisions[-1].counts_as_referral:
        return None
    return min(one.decided_at for one in decisions if one.counts_as_referral and one.made_on is None)


def exploited(told: SubjectTold) -> bool:
    """Thirteen or over, and the score says so."""
    age = told.age_at_receipt.value or 0
    return told.age_at_receipt.unit.value == "years" and age >= 13 and told.facts.get("exploitation_score") == "high"


def recount(events: Iterable[Event[Any]], month: str, now: datetime) -> dict[str, tuple[int, int | None]]:
    """Numerator and, of a share, denominator of each measure."""
    contacts: dict[UUID, Seen] = defaultdict(Seen)
    for event in events:
        contacts[event.contact_id].hear(event.data)
    referrals = [
        (contact_id, told, at)
        for contact_id, seen in contacts.items()
        for told in seen.counted()
        if (at := referral(seen.decisions[told.subject_id])) is not None
    ]
    new = [one for one in referrals if month_of(one[2]) == month]
    again = [one for one in new if any(_earlier(one, other) for other in referrals)]
    received = [seen for seen in contacts.values() if seen.received_at and month_of(seen.received_at) == month]
    children = sum(len(seen.counted()) for seen in received)
    enquiries = _reached(contacts, "s47_started", month)
    return {
        "M1": (children, None),
        "M1-C": (len(received), None),
        "M2": (len(new), None),
        "M3": (len(new), children),
        "M2-NI": (len(new), None),
        "M8-QL-24H": _in_time(received, now, lambda at: at + timedelta(hours=24)),
        "M8-QL-1WD": _in_time(received, now, working_day_end),
        "M6-QL-N": (len(again), None),
        "M6-QL": (len(again), len(new)),
        "M4": (_reached(contacts, "stepped_up", month, outcome="early_help"), None),
        "M5": (sum(exploited(told) for _, told, _ in new), None),
        "CP1": (enquiries, None),
        "CP1-NI": (enquiries, None),
        "EH1": (_reached(contacts, "plan_opened", month), None),
    }


def _earlier(one: tuple[UUID, SubjectTold, datetime], other: tuple[UUID, SubjectTold, datetime]) -> bool:
    day, before = local(one[2]), local(other[2])
    same = one[1].child_id is not None and one[1].child_id == other[1].child_id and one[0] != other[0]
    return same and before < day and (before.year + 1, before.month, before.day) >= (day.year, day.month, day.day)


def _in_time(received: list[Seen], now: datetime, due: Any) -> tuple[int, int]:
    met = known = 0
    for seen in received:
        assert seen.received_at is not None
        due_at = due(seen.received_at)
        for told in seen.counted():
            own = [one.decided_at for one in seen.decisions[told.subject_id] if one.made_on is None]
            if seen.linked or (seen.closed and not own):
                continue
            met += bool(own) and min(own) <= due_at
            known += bool(own) or due_at < now
    return met, known


def _reached(contacts: dict[UUID, Seen], code: str, month: str, outcome: str | None = None) -> int:
    found: set[UUID] = set()
    for seen in contacts.values():
        counted = {one.subject_id for one in seen.counted()}
        for one in seen.milestones:
            decided = {made.outcome for made in seen.decisions[one.subject_id] if made.made_on is None}
            here = one.code == code and month_of(one.occurred_at) == month and one.subject_id in counted
            if here and (outcome is None or outcome in decided):
                found.add(one.subject_id)
    return len(found)
