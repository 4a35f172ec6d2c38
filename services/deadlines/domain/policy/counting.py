"""Which subjects a month counts, and for what (docs/measures.md). Months are Europe/London months.

Definitions: the scrutiny pack of June 2021 (M1 to M8-QL, CP1, EH1); what it leaves open is said beside the rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.deadlines.domain.model.due import compute_due
from services.deadlines.domain.model.tally import Decided, Tallied, Tally
from services.deadlines.domain.model.working_time import WorkingTime
from shared.policy.measures import MeasureRule
from shared.policy.model import Pack
from shared.policy.timetable import Basis, Within

LONDON = ZoneInfo("Europe/London")
NAMED_CHILDREN = frozenset({"child", "unborn"})
DAY_AND_NIGHT = timedelta(hours=24)
ONE_WORKING_DAY = Within(Basis.WORKING_DAYS, 1)
_STEPPED_UP, _EXPLOITED, _ENQUIRY, _PLAN = "M4", "M5", "CP1", "EH1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One subject of a contact, with everything the months count them for.

    ``received`` and ``stands_for_contact`` say whether they count in the month of receipt, as a child and as the
    contact. ``in_time_24h`` and ``in_time_1wd`` are None until their first decision, and for whom nothing was to be
    decided here; then the due times are None as well.
    """

    subject_id: UUID
    received: bool
    stands_for_contact: bool
    received_month: date
    referred_on: date | None
    referred_month: date | None
    due_24h_at: datetime | None
    due_1wd_at: datetime | None
    in_time_24h: bool | None
    in_time_1wd: bool | None
    exploited: bool
    stepped_up_months: tuple[date, ...]
    enquiry_months: tuple[date, ...]
    plan_months: tuple[date, ...]
    ended: str
    outcome: str | None
    level: int | None
    rating: str | None
    reasons: tuple[str, ...]

    @property
    def months(self) -> tuple[date, ...]:
        """Every month that counts this subject for anything."""
        received = {self.received_month} if self.received or self.stands_for_contact else set[date]()
        referred = {self.referred_month} if self.referred_month else set[date]()
        reached = {*self.stepped_up_months, *self.enquiry_months, *self.plan_months}
        return tuple(sorted(received | referred | reached))


def local_day(at: datetime) -> date:
    """The London date of a moment."""
    return at.astimezone(LONDON).date()


def month_of(at: datetime) -> date:
    """The London month of a moment, as its first day."""
    return local_day(at).replace(day=1)


def exploited(pack: Pack, facts: Mapping[str, object], indicators: Mapping[str, str]) -> bool:
    """Was child sexual exploitation a factor, by the answers? The pack names the facts and the census factors."""
    rule = pack.measures.get(_EXPLOITED)
    if rule is None:
        return False
    answered = (
        pack.indicators[code] for code, answer in indicators.items() if answer == "yes" and code in pack.indicators
    )
    by_indicator = any(factor in rule.cin_factors for one in answered for factor in one.cin_factors)
    return by_indicator or any(facts.get(name) in answers for name, answers in rule.facts.items())


def count(tally: Tally, pack: Pack, calendar: WorkingTime) -> Iterator[Counted]:
    """Every subject of the contact. Raises CalendarEnds for a receipt past the calendar's data."""
    if tally.sender is None:
        return
    told = _told(tally)
    children = {one.subject_id for one in tally.subjects.values() if one.kind in NAMED_CHILDREN}
    first = min(told, key=lambda one: (one.position, str(one.subject_id)), default=None)
    received = children & {one.subject_id for one in told}
    if not received and first is not None:
        received = {first.subject_id}
    for subject in tally.subjects.values():
        yield _counted(
            tally,
            subject,
            pack,
            calendar,
            received=subject.subject_id in received,
            works=subject.subject_id in received | children,
            stands_for_contact=subject is first,
        )


def _told(tally: Tally) -> list[Tallied]:
    """Whom the referrer named. A person named only in a duplicate becomes a subject of the primary: received there,
    not here, however the work goes on.
    """
    return [one for one in tally.subjects.values() if one.told] or list(tally.subjects.values())


def _counted(
    tally: Tally,
    subject: Tallied,
    pack: Pack,
    calendar: WorkingTime,
    *,
    received: bool,
    works: bool,
    stands_for_contact: bool,
) -> Counted:
    assert tally.sender is not None  # noqa: S101 -- count() has looked
    at, own = tally.sender.received_at, subject.own
    awaited = received and not tally.linked and not (tally.closed and not own)
    due_24h = at + DAY_AND_NIGHT if awaited else None
    due_1wd = compute_due(ONE_WORKING_DAY, at, calendar) if awaited else None
    referred_on = _referred_on(subject) if works else None
    in_force = subject.in_force
    return Counted(
        subject_id=subject.subject_id,
        received=received,
        stands_for_contact=stands_for_contact,
        received_month=month_of(at),
        referred_on=referred_on,
        referred_month=referred_on.replace(day=1) if referred_on else None,
        due_24h_at=due_24h,
        due_1wd_at=due_1wd,
        in_time_24h=_in_time(own, due_24h),
        in_time_1wd=_in_time(own, due_1wd),
        exploited=subject.exploited and _old_enough(subject, pack.measures.get(_EXPLOITED)),
        stepped_up_months=_reached(subject, pack.measures.get(_STEPPED_UP), works=works),
        enquiry_months=_reached(subject, pack.measures.get(_ENQUIRY), works=works),
        plan_months=_reached(subject, pack.measures.get(_PLAN), works=works),
        ended="decided" if in_force else "closed" if tally.closed else "open",
        outcome=in_force.outcome if in_force else None,
        level=in_force.level if in_force and in_force.level is not None else subject.level,
        rating=subject.rating,
        reasons=in_force.reasons if in_force else (),
    )


def _referred_on(subject: Tallied) -> date | None:
    """The London date of the earliest version that counted as a referral, while the latest does; None where it does
    not, or was made on another contact.
    """
    in_force = subject.in_force
    if in_force is None or in_force.elsewhere or not in_force.referral:
        return None
    return local_day(next(one.at for one in subject.own if one.referral))


def _in_time(own: list[Decided], due_at: datetime | None) -> bool | None:
    """Done at the due instant is in time."""
    return own[0].at <= due_at if own and due_at is not None else None


def _old_enough(subject: Tallied, rule: MeasureRule | None) -> bool:
    if rule is None or rule.age_from is None:
        return rule is not None
    return subject.age_years is not None and subject.age_years >= rule.age_from


def _reached(subject: Tallied, rule: MeasureRule | None, *, works: bool) -> tuple[date, ...]:
    """The months in which the rule's milestone was reached, each once; where it names outcomes, only of a subject whose
    decision here was or is one of them.
    """
    if rule is None or not works or (rule.outcomes and not _was_decided(subject, rule.outcomes)):
        return ()
    return tuple(sorted({month_of(at) for code, at in subject.milestones if code == rule.milestone}))


def _was_decided(subject: Tallied, outcomes: Collection[str]) -> bool:
    return any(one.outcome in outcomes for one in subject.own)
