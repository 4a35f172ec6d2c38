"""From what is known of a contact to the clocks that should run, and until when.

The answer rests on the facts alone, never on the order in which they were heard of: that is what makes any
interleaving of the producers' events end in the same clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from services.deadlines.domain.model.clock_terms import Ending, Terms
from services.deadlines.domain.model.occurrence import LINKED, PARKED, RATED, REOPENED, Occurrence
from services.deadlines.domain.model.working_time import CalendarEnds
from shared.policy.timetable import Basis, ClockRule, Per, Start

from .beginning import Begin, begin_of
from .links import Links
from .raised import raised
from .rulebook import Rulebook

_LOST = {RATED: "rerated", REOPENED: "rerated", PARKED: "replayed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a contact; ``received`` is its receipt, None while nothing of ours has said when that was."""

    contact_id: UUID
    received: Occurrence | None
    subject_ids: Sequence[UUID]
    occurrences: Iterable[Occurrence]


@dataclass(frozen=True, slots=True)
class _Round:
    """One round of a clock; all but the first of repeating clocks only."""

    number: int
    starts_at: datetime
    ending: Ending | None


def terms_for(rulebook: Rulebook, standing: Standing, *, past_calendar_skipped: bool = False) -> dict[UUID, Terms]:
    """Every clock that the facts ask for, by id.

    Raises CalendarEnds where one is due past the calendar's data; with ``past_calendar_skipped`` (for parking, which
    must never fail) only that one is left out.
    """
    asked = _Question(rulebook, standing)
    found: dict[UUID, Terms] = {}
    for kind in rulebook.pack.clocks:
        for scope, starts in asked.starts(kind).items():
            try:
                found |= {terms.id: terms for terms in asked.rounds(kind, scope, starts)}
            except CalendarEnds:
                if not past_calendar_skipped:
                    raise
    return found


class _Question:
    """One contact's facts put to the rulebook."""

    def __init__(self, rulebook: Rulebook, standing: Standing) -> None:
        self._rulebook = rulebook
        self._standing = standing
        happened = sorted(standing.occurrences, key=lambda one: (one.occurred_at, one.version, str(one.id)))
        self._links = Links(rulebook, happened)
        self._own_receipt = standing.received
        self._received = _earlier(standing.received, self._links.received_at())
        if self._received is not None:
            happened.insert(0, self._received)
        self._facts = happened
        risen = raised(rulebook, happened)
        self._happened = [
            (one, rulebook.effect(one, raised=one.id in risen, pages=_paged(one, happened))) for one in happened
        ]
        self._ratings: dict[UUID | None, str] = {}
        for one in sorted((one for one in happened if one.event == RATED), key=lambda one: one.version):
            self._ratings[one.subject_id] = str(one.attributes["rating"])

    def starts(self, kind: str) -> dict[UUID | None, list[Occurrence]]:
        """What starts this kind of clock, in time, for each subject, request or (None) the contact it runs for."""
        rule = self._rulebook.pack.clocks[kind]
        scopes: dict[UUID | None, list[Occurrence]] = {}
        for one, effect in self._happened:
            if kind in effect.starts:
                for scope in self._scopes(rule, one):
                    scopes.setdefault(scope, []).append(one)
        return scopes

    def _scopes(self, rule: ClockRule, one: Occurrence) -> Sequence[UUID | None]:
        if rule.per is Per.CONTACT:
            return (None,)
        if rule.per is not Per.SUBJECT:
            return (one.item_id,)
        return (one.subject_id,) if one.subject_id else self._standing.subject_ids or (None,)

    def rounds(self, kind: str, scope: UUID | None, starts: list[Occurrence]) -> Iterator[Terms]:
        """The clock's terms; of one that runs more than once the terms of each round."""
        rule = self._rulebook.pack.clocks[kind]
        yield from self._of_each_start(rule, scope, starts) if rule.each_start else self._of_first(rule, scope, starts)

    def _of_each_start(self, rule: ClockRule, scope: UUID | None, starts: list[Occurrence]) -> Iterator[Terms]:
        """A round for each start that finds the one before it ended."""
        ending: Ending | None = None
        number = 0
        for one in starts:
            if number and (ending is None or one.occurred_at < ending.at):
                continue
            starts_at = self._starts_at(rule, scope, one, ended_at=ending.at if ending else None)
            if starts_at is None:
                continue
            number += 1
            ending = self._ending(rule, scope, Begin(one, None), stops_since=one.occurred_at)
            linked = self._unless_linked(rule, one, ending)
            yield self._terms(rule, scope, one, _Round(number, starts_at, linked))

    def _of_first(self, rule: ClockRule, scope: UUID | None, starts: list[Occurrence]) -> Iterator[Terms]:
        """The round that the start begins, and where it repeats one for each stop."""
        begin = begin_of(starts, self._facts)
        starts_at = self._starts_at(rule, scope, begin.by)
        number = 1
        while starts_at is not None:  # each next round begins later than the one before
            since = starts_at if rule.repeats else None
            ending = self._ending(rule, scope, begin, stops_since=since)
            linked = self._unless_linked(rule, begin.by, ending)
            yield self._terms(rule, scope, begin.by, _Round(number, starts_at, linked))
            begin, starts_at = self._next_round(rule, scope, begin, ending)
            number += 1

    def _next_round(
        self, rule: ClockRule, scope: UUID | None, begin: Begin, ending: Ending | None
    ) -> tuple[Begin, datetime | None]:
        """What begins the clock once more after its ending, and when; None where nothing does."""
        if ending is None or ending.met:
            return begin, ending.at if ending is not None and rule.repeats else None
        for one, effect in self._happened:
            later = one.occurred_at >= ending.at and one.occurred_at > begin.by.occurred_at
            if later and rule.kind in effect.again:
                return Begin(one, begin.lost_at), self._starts_at(rule, scope, one)
        return begin, None

    def _starts_at(
        self, rule: ClockRule, scope: UUID | None, by: Occurrence, *, ended_at: datetime | None = None
    ) -> datetime | None:
        """When it begins to count; a discussion held before the round before ``ended_at`` had led to that one."""
        match rule.counts_from:
            case Start.OCCURRED:
                return by.occurred_at
            case Start.DISCUSSION:
                held = [
                    one.occurred_at
                    for one, _ in self._happened
                    if one.attributes.get("discussion") == "strategy"
                    and one.subject_id in {scope, None}
                    and one.occurred_at <= by.occurred_at
                    and (ended_at is None or one.occurred_at > ended_at)
                ]
                return max(held, default=by.occurred_at)
            case Start.RECEIVED:
                # What is owed to a referrer counts from what that referrer sent: a linked contact's has a clock there.
                received = self._own_receipt if rule.towards_referrer else self._received
                return received.occurred_at if received else by.occurred_at if by.event == PARKED else None

    def _ending(
        self, rule: ClockRule, scope: UUID | None, begin: Begin, *, stops_since: datetime | None
    ) -> Ending | None:
        """The first thing that ends it. A stop counts whenever it was; a cancellation only after the start."""
        endings: list[Ending] = []
        for one, effect in self._happened:
            if one.event == LINKED or not _concerns(rule, scope, one):
                continue
            if rule.kind in effect.stops and (stops_since is None or one.occurred_at > stops_since):
                endings.append(Ending(met=True, at=one.occurred_at, reason=one.event))
            elif rule.kind in effect.cancels and one.occurred_at >= begin.by.occurred_at:
                endings.append(Ending(met=False, at=one.occurred_at, reason=one.event))
        if begin.lost_at is not None:
            endings.append(Ending(met=False, at=begin.lost_at, reason=_LOST.get(begin.by.event, "revised")))
        return min(endings, key=_first_met, default=None)

    def _unless_linked(self, rule: ClockRule, by: Occurrence, ending: Ending | None) -> Ending | None:
        """The ending, or a link's where one holds and came first. It begins no new round: it may be taken back."""
        linked_at = self._links.ending_since(rule.kind)
        if linked_at is None:
            return ending
        linked = Ending(met=False, at=max(linked_at, by.occurred_at), reason="linked")
        return min((linked, ending), key=_first_met) if ending else linked

    def _terms(self, rule: ClockRule, scope: UUID | None, by: Occurrence, this: _Round) -> Terms:
        book, computed = self._rulebook, self._rulebook.computed(rule.kind, this.starts_at)
        subject_id = scope if rule.per is Per.SUBJECT else None
        rating = self._ratings.get(subject_id) or book.highest(self._ratings.values())
        rating = book.unrated if by.event == PARKED else rating
        return Terms(
            id=clock_id(self._standing.contact_id, rule.kind, scope, this.number),
            kind=rule.kind,
            subject_id=subject_id,
            item_id=scope if rule.per in {Per.REQUEST, Per.CHALLENGE} else None,
            agency=str(by.attributes["agency"]) if "agency" in by.attributes else None,
            starts_at=this.starts_at,
            due_at=computed.due_at,
            beside_due_at=computed.beside_due_at,
            steps=computed.steps,
            escalations=computed.escalations,
            basis=rule.within.basis.value,
            calendar=book.calendar.ref if rule.within.basis is not Basis.ELAPSED else "",
            policy=book.pack.ref,
            rating=rating,
            urgency=book.urgency(rating),
            pages=rule.pages,
            watched=book.watched(rule),
            because=by.event,
            ending=this.ending,
        )


def _paged(one: Occurrence, happened: Sequence[Occurrence]) -> bool:
    """Whether, when the contact was reopened, its rating paged."""
    if one.event != REOPENED:
        return False
    before = [rated for rated in happened if rated.event == RATED and rated.occurred_at <= one.occurred_at]
    return bool(before) and max(before, key=lambda rated: rated.version).attributes.get("pages") is True


def _first_met(ending: Ending) -> tuple[datetime, bool]:
    return (ending.at, not ending.met)


def _earlier(received: Occurrence | None, linked: datetime | None) -> Occurrence | None:
    """The receipt that counts: a linked contact's where that came earlier."""
    if received is None or linked is None or linked >= received.occurred_at:
        return received
    return replace(received, occurred_at=linked)


def clock_id(contact_id: UUID, kind: str, scope: UUID | None, number: int = 1) -> UUID:
    """The id of a clock: the same for the same contact, subject or request, kind and round."""
    return uuid5(contact_id, f"{scope or ''}|{kind}" + (f"|{number}" if number > 1 else ""))


def _concerns(rule: ClockRule, scope: UUID | None, one: Occurrence) -> bool:
    if rule.per is Per.CONTACT:
        return True
    named = one.subject_id if rule.per is Per.SUBJECT else one.item_id
    return named is None or named == scope
