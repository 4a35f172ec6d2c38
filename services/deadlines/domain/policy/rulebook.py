"""How this service asks the pack: which clocks an occurrence starts, stops and cancels, and how urgent a rating is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.deadlines.domain.model.clock_terms import Escalation, Step, Terms
from services.deadlines.domain.model.deadline import PAST
from services.deadlines.domain.model.due import compute_due, duration_of
from services.deadlines.domain.model.occurrence import MADE_ELSEWHERE, PARKED, RATED, Occurrence
from services.deadlines.domain.model.working_time import CalendarEnds, Holidays, WorkingTime
from shared.policy.clocks import again, cancels, clocks_for, rated_attributes, stops
from shared.policy.model import Pack
from shared.policy.timetable import Basis, ClockRule, Within

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Effect:
    """Kinds of clock that an occurrence starts, meets, cancels and, where they were cancelled, begins anew."""

    starts: frozenset[str]
    stops: frozenset[str]
    cancels: frozenset[str]
    again: frozenset[str]


@dataclass(frozen=True, slots=True)
class Computed:
    """The dates of a clock that starts at one moment."""

    due_at: datetime
    beside_due_at: datetime | None
    steps: tuple[Step, ...]
    escalations: tuple[Escalation, ...]


class Rulebook:
    """A policy pack with its calendar and the milestone feeds that exist here. Immutable; made once a version.

    ``before`` are the versions of the calendar that were in force before it, the oldest first.
    """

    def __init__(
        self,
        pack: Pack,
        calendar: WorkingTime,
        feeds: frozenset[str] = frozenset(),
        *,
        before: Sequence[Holidays] = (),
    ) -> None:
        self.pack = pack
        self.calendar = calendar
        self._feeds = feeds
        self._before = tuple(before)
        self._earlier: dict[str, Rulebook] = {}
        self.unwatched = frozenset(rule.kind for rule in pack.clocks.values() if not self.watched(rule))
        """Kinds of clock of which nothing tells us here when they are met."""
        self._effects: dict[object, Effect] = {}
        self._computed: dict[tuple[str, datetime], Computed] = {}
        ranks = sorted({rating.rank for rating in pack.ratings.values()})
        self._urgency = {code: min(ranks.index(rating.rank) + 1, 9) for code, rating in pack.ratings.items()}
        unrated = pack.routes[pack.fallbacks.unrated.route]
        self.unrated = unrated.rating
        self._parked = rated_attributes(pack, [unrated.code])

    def urgency(self, rating: str | None) -> int:
        """The rating's place in the pack's order, 1 (least) to 9; what nobody has rated is as urgent as any."""
        return self._urgency.get(rating or self.unrated, self._urgency[self.unrated])

    def highest(self, ratings: Iterable[str]) -> str | None:
        """The most urgent of these ratings; None of none."""
        return max(ratings, key=self.urgency, default=None)

    def asks_for_more(self, before: Occurrence, now: Occurrence) -> bool:
        """True where a rating is more urgent than the one before it, proposes a higher outcome, or is the machine's
        first of what it could not rate.
        """
        was, is_now = str(before.attributes["rating"]), str(now.attributes["rating"])
        at_last = was == self.unrated != is_now and not now.attributes.get("by_person")
        higher = self.urgency(is_now) > self.urgency(was)
        return at_last or higher or self._outcome_rank(now) > self._outcome_rank(before)

    def _outcome_rank(self, rated: Occurrence) -> int:
        outcome = self.pack.outcomes.get(str(rated.attributes.get("proposed_outcome")))
        return outcome.rank if outcome else -1

    def tells_outcome_to(self, referrer_kind: str) -> bool:
        """True where the pack sends this kind of referrer an outcome."""
        return any(rule.tells_outcome and referrer_kind in rule.referrer_kinds for rule in self.pack.messages)

    def effect(self, happened: Occurrence, *, raised: bool = False, pages: bool = False) -> Effect:
        """What the pack's table says of an occurrence; ``raised`` of a rating that rose above what had been decided,
        ``pages`` of a reopening whose contact's rating pages.

        The same few answers again and again: kept.
        """
        key = (happened.event, raised, pages, tuple(sorted(happened.attributes.items())))
        known = self._effects.get(key)
        if known is None:
            parked = happened.event == PARKED
            event, said = (RATED, self._parked) if parked else (happened.event, happened.attributes)
            said = {"pages": pages, **said, "raised": raised}
            # What follows a decision is watched once, where it was made.
            started = () if said.get(MADE_ELSEWHERE) else clocks_for(self.pack, event, said)
            known = Effect(
                frozenset(rule.kind for rule in started),
                frozenset() if parked else stops(self.pack, event, said),
                frozenset() if parked else cancels(self.pack, event, said),
                again(self.pack, event, said),
            )
            self._effects[key] = known
        return known

    def computed(self, kind: str, starts_at: datetime) -> Computed:
        """The dates of a clock of this kind. Siblings and a batch's events ask for the same ones: the latest are kept.

        Raises CalendarEnds past the end of the calendar's data.
        """
        key = (kind, starts_at)
        known = self._computed.get(key)
        if known is None:
            if len(self._computed) >= KEPT:
                self._computed.clear()
            known = self._computed[key] = self._compute(self.pack.clocks[kind], starts_at)
        return known

    def in_turn(self, terms: Terms, known: Terms) -> Iterator[tuple[Terms, datetime | None]]:
        """The terms as each version of the calendar gave them that came into force since the known ones were computed,
        and since when, in that order; the terms themselves last. Versions that were approved while nobody counted by
        them are so followed one by one, and end as if each had been found at once.
        """
        if known.calendar and terms.calendar and known.starts_at == terms.starts_at:
            for holidays in self._before:
                later = int(holidays.version) > int(known.calendar.partition("@")[2])
                if later and (by_it := self._by(holidays, terms)) is not None:
                    yield by_it, holidays.since
        yield terms, self.calendar.since

    def _by(self, holidays: Holidays, terms: Terms) -> Terms | None:
        """The terms by an earlier version of the calendar; None where that did not reach so far."""
        book = self._earlier.get(holidays.version)
        if book is None:
            book = Rulebook(self.pack, WorkingTime(self.pack.calendar, holidays), self._feeds)
            self._earlier[holidays.version] = book
        try:
            computed = book.computed(terms.kind, terms.starts_at)
        except CalendarEnds:
            return None
        return replace(
            terms,
            due_at=computed.due_at,
            beside_due_at=computed.beside_due_at,
            steps=computed.steps,
            escalations=computed.escalations,
            calendar=holidays.ref,
        )

    def _compute(self, rule: ClockRule, starts_at: datetime) -> Computed:
        due_at = compute_due(rule.within, starts_at, self.calendar)
        duration = duration_of(rule.within)
        beside = compute_due(rule.beside, starts_at, self.calendar) if rule.beside else None
        steps = [Step(share, duration.share(share, starts_at, due_at, self.calendar)) for share in rule.warnings]
        escalations = [Escalation(one.rung, self._escalated_at(one.after, due_at)) for one in rule.escalation]
        return Computed(due_at, beside, tuple(steps), tuple(sorted(escalations, key=lambda one: (one.at, one.rung))))

    def _escalated_at(self, after: Within, due_at: datetime) -> datetime:
        """When the wait has gone by since the breach. Where the calendar does not reach so far, real hours count:
        rather too early than never, and no clock is refused for what comes after it.
        """
        try:
            return compute_due(after, due_at, self.calendar) + PAST
        except CalendarEnds:
            days = timedelta(days=after.amount) if after.basis is Basis.WORKING_DAYS else timedelta(0)
            return due_at + (days or timedelta(minutes=after.amount)) + PAST

    def watched(self, rule: ClockRule) -> bool:
        """True where something tells us when the clock is met."""
        return rule.watched_if is None or rule.watched_if in self._feeds
