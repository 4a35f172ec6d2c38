"""From what is known of a contact to the clocks that should run, and until when.

The answer rests on the facts alone, never on the order in which they were heard of: that is what makes any
interleaving of the producers' events end in the same clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from services.deadlines.domain.model.deadline import Ending, Terms
from services.deadlines.domain.model.occurrence import PARKED, RATED, VERSIONED, Occurrence
from services.deadlines.domain.model.working_time import CalendarEnds
from shared.policy.timetable import Basis, ClockRule, Per, Start

from .rulebook import Rulebook

_LOST = {RATED: "rerated", PARKED: "replayed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a contact; ``received`` is its receipt, None while nothing of ours has said when that was."""

    contact_id: UUID
    received: Occurrence | None
    subject_ids: Sequence[UUID]
    occurrences: Iterable[Occurrence]


@dataclass(frozen=True, slots=True)
class _Begin:
    """What starts a clock, and from when on it no longer does."""

    by: Occurrence
    lost_at: datetime | None


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
    happened = sorted(standing.occurrences, key=lambda one: (one.occurred_at, one.version, str(one.id)))
    if standing.received is not None:
        happened.insert(0, standing.received)
    asked = _Question(rulebook, standing, happened)
    found: dict[UUID, Terms] = {}
    for kind in rulebook.pack.clocks:
        for scope, begin in asked.begins(kind).items():
            try:
                found |= {terms.id: terms for terms in asked.rounds(kind, scope, begin)}
            except CalendarEnds:
                if not past_calendar_skipped:
                    raise
    return found


class _Question:
    """One contact's facts put to the rulebook."""

    def __init__(self, rulebook: Rulebook, standing: Standing, happened: list[Occurrence]) -> None:
        self._rulebook = rulebook
        self._standing = standing
        self._happened = [(one, rulebook.effect(one)) for one in happened]
        self._ratings: dict[UUID | None, str] = {}
        for one in sorted((one for one in happened if one.event == RATED), key=lambda one: one.version):
            self._ratings[one.subject_id] = str(one.attributes["rating"])

    def begins(self, kind: str) -> dict[UUID | None, _Begin]:
        """What starts this kind of clock, for each subject, request or (None) the contact it runs for."""
        rule = self._rulebook.pack.clocks[kind]
        scopes: dict[UUID | None, dict[tuple[str, UUID | None], list[Occurrence]]] = {}
        for one, effect in self._happened:
            if kind in effect.starts:
                for scope in self._scopes(rule, one):
                    scopes.setdefault(scope, {}).setdefault((one.event, one.subject_id), []).append(one)
        return {
            scope: _first([self._begin(event, subject, starts) for (event, subject), starts in groups.items()])
            for scope, groups in scopes.items()
        }

    def _scopes(self, rule: ClockRule, one: Occurrence) -> Sequence[UUID | None]:
        if rule.per is Per.CONTACT:
            return (None,)
        if rule.per is not Per.SUBJECT:
            return (one.item_id,)
        return (one.subject_id,) if one.subject_id else self._standing.subject_ids or (None,)

    def _begin(self, event: str, subject_id: UUID | None, starts: list[Occurrence]) -> _Begin:
        """The start that counts: of a versioned event the latest that starts the clock, back to where that began."""
        if event not in VERSIONED:
            alive = [one for one in starts if one.voided_at is None]
            return _Begin(alive[0], None) if alive else _Begin(starts[-1], starts[-1].voided_at)
        starting = {one.version: one for one in starts}
        versions = {one.version: one for one, _ in self._happened if (one.event, one.subject_id) == (event, subject_id)}
        latest = max(starting)
        after = [version for version in versions if version > latest]
        gap = max((version for version in versions if version < latest and version not in starting), default=0)
        first = starting[min(version for version in starting if version > gap)]
        return _Begin(first, versions[min(after)].occurred_at if after else None)

    def rounds(self, kind: str, scope: UUID | None, begin: _Begin) -> Iterator[Terms]:
        """The clock's terms; of a repeating one the terms of each round."""
        rule = self._rulebook.pack.clocks[kind]
        starts_at = self._starts_at(rule, scope, begin.by)
        number = 1
        while starts_at is not None:
            since = starts_at if rule.repeats else None
            ending = self._ending(rule, scope, begin, stops_since=since)
            yield self._terms(rule, scope, begin.by, _Round(number, starts_at, ending))
            again = rule.repeats and ending is not None and ending.met
            starts_at = ending.at if again and ending is not None else None
            number += 1

    def _starts_at(self, rule: ClockRule, scope: UUID | None, by: Occurrence) -> datetime | None:
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
                ]
                return max(held, default=by.occurred_at)
            case Start.RECEIVED:
                received = self._standing.received
                return received.occurred_at if received else by.occurred_at if by.event == PARKED else None

    def _ending(
        self, rule: ClockRule, scope: UUID | None, begin: _Begin, *, stops_since: datetime | None
    ) -> Ending | None:
        """The first thing that ends it. A stop counts whenever it was; a cancellation only after the start."""
        endings: list[Ending] = []
        for one, effect in self._happened:
            if not _concerns(rule, scope, one):
                continue
            if rule.kind in effect.stops and (stops_since is None or one.occurred_at > stops_since):
                endings.append(Ending(met=True, at=one.occurred_at, reason=one.event))
            elif rule.kind in effect.cancels and one.occurred_at >= begin.by.occurred_at:
                endings.append(Ending(met=False, at=one.occurred_at, reason=one.event))
        if begin.lost_at is not None:
            endings.append(Ending(met=False, at=begin.lost_at, reason=_LOST.get(begin.by.event, "revised")))
        return min(endings, key=lambda ending: (ending.at, not ending.met), default=None)

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
            starts_at=this.starts_at,
            due_at=computed.due_at,
            beside_due_at=computed.beside_due_at,
            steps=computed.steps,
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


def clock_id(contact_id: UUID, kind: str, scope: UUID | None, number: int = 1) -> UUID:
    """The id of a clock: the same for the same contact, subject or request, kind and round."""
    return uuid5(contact_id, f"{scope or ''}|{kind}" + (f"|{number}" if number > 1 else ""))


def _first(begins: list[_Begin]) -> _Begin:
    """The earliest start that still counts; where none does, the one that counted longest."""
    alive = [begin for begin in begins if begin.lost_at is None]
    if alive:
        return min(alive, key=lambda begin: (begin.by.occurred_at, str(begin.by.id)))
    return max(begins, key=lambda begin: (begin.lost_at or begin.by.occurred_at, str(begin.by.id)))


def _concerns(rule: ClockRule, scope: UUID | None, one: Occurrence) -> bool:
    if rule.per is Per.CONTACT:
        return True
    named = one.subject_id if rule.per is Per.SUBJECT else one.item_id
    return named is None or named == scope
