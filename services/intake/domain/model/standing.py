"""What is known of a contact's subjects now: what was told first, and everything that was added, in the order sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from .answers import NOT_KNOWN, later
from .contact import ContactTold, Subject

MOST_SUBJECTS = 100
MOST_ANSWERS = 6000
"""Answered indicators of all subjects together: what an event can carry (shared.messaging.outbox.MAX_VALUE_BYTES)."""

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectAddition:
    """What was added about one subject: ``of`` names it by id or position; None is somebody not named before.

    ``kind`` is what the sender called them, None where nothing was said. ``told`` is read as of a new contact.
    """

    of: UUID | int | None
    kind: str | None
    told: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """One addition: what was said of every subject, and of single ones."""

    facts: dict[str, str | int] = field(default_factory=dict[str, "str | int"])
    consent: str = NOT_KNOWN
    unrecognised: dict[str, int] = field(default_factory=dict[str, int])
    subjects: tuple[SubjectAddition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The subjects as they stand. ``facts`` and ``consent`` are what was said of all: they hold for who comes later."""

    facts: dict[str, str | int]
    consent: str
    subjects: tuple[Subject, ...]


def standing(told: ContactTold, additions: Iterable[Addition] = (), *, ids: Sequence[UUID] = ()) -> Standing:
    """The subjects after all ``additions``, which come in the order they were sent.

    A later answer wins and "not known" overrides nothing; what was not recognised adds up. ``ids`` are the ids that the
    subjects have been given, by position; one beyond them keeps the id it was read with.
    """
    subjects = tuple(_known_as(subject, ids) for subject in told.subjects)
    now = Standing(facts=told.facts, consent=told.consent, subjects=subjects)
    for addition in additions:
        now = with_addition(now, addition, ids=ids)
    return now


def with_addition(now: Standing, addition: Addition, *, ids: Sequence[UUID] = ()) -> Standing:
    """The standing after one more addition."""
    facts = later(now.facts, addition.facts)
    consent = _known(addition.consent, now.consent)
    subjects = [_told_of_all(subject, addition) for subject in now.subjects]
    beyond = 0
    for one in addition.subjects:
        place = _place(subjects, one.of)
        if place is not None:
            subjects[place] = _changed(subjects[place], one)
        elif len(subjects) < MOST_SUBJECTS:
            subjects.append(_newcomer(one, position=len(subjects) + 1, facts=facts, consent=consent, ids=ids))
        else:
            beyond += 1
    strange = {**addition.unrecognised, **({"subjects": beyond} if beyond else {})}
    subjects[0] = _counted(subjects[0], strange)
    return Standing(facts=facts, consent=consent, subjects=_within_what_can_be_said(subjects))


def names_nobody(now: Standing, one: SubjectAddition) -> bool:
    """True where ``one`` names a subject that is not there: kept as a new one, and a person looks."""
    return one.of is not None and _place(now.subjects, one.of) is None


def _known_as(subject: Subject, ids: Sequence[UUID]) -> Subject:
    return replace(subject, subject_id=ids[subject.position - 1]) if subject.position <= len(ids) else subject


def _known(said: str, before: str) -> str:
    return before if said == NOT_KNOWN else said


def _place(subjects: Sequence[Subject], of: UUID | int | None) -> int | None:
    return next(
        (at for at, one in enumerate(subjects) if of is not None and of in (one.subject_id, one.position)), None
    )


def _told_of_all(subject: Subject, addition: Addition) -> Subject:
    facts, consent = later(subject.facts, addition.facts), _known(addition.consent, subject.consent)
    return replace(subject, facts=facts, consent=consent)


def _changed(subject: Subject, one: SubjectAddition) -> Subject:
    said = one.told
    changed = replace(
        subject,
        birth_date=said.birth_date or subject.birth_date,
        expected_date=said.expected_date or subject.expected_date,
        estimated_age_years=_or(said.estimated_age_years, subject.estimated_age_years),
        nhs_number=said.nhs_number or subject.nhs_number,
        facts=later(subject.facts, said.facts),
        indicators=_answers(later(subject.indicators, said.indicators)),
        consent=_known(said.consent, subject.consent),
        open_case=_known(said.open_case, subject.open_case),
        kind=_kind(subject, one),
    )
    return _counted(changed, said.unrecognised)


def _kind(subject: Subject, one: SubjectAddition) -> str:
    """What they are called now; who was unborn and has a birth date has been born."""
    if one.kind not in (None, "unknown"):
        return one.kind
    if subject.kind == "unborn" and one.told.birth_date is not None:
        return "child"
    return one.told.kind if subject.kind == "unknown" else subject.kind


def _newcomer(
    one: SubjectAddition, *, position: int, facts: Mapping[str, str | int], consent: str, ids: Sequence[UUID]
) -> Subject:
    """Somebody not named before: what was said of all holds for them too. Naming one who is not there is strange."""
    said = one.told
    subject = replace(said, position=position, facts=later(facts, said.facts), consent=_known(said.consent, consent))
    strange = {"position": 1} if one.of is not None else {}
    return _counted(_known_as(subject, ids), strange)


def _or(said: int | None, before: int | None) -> int | None:
    return before if said is None else said


def _answers(answers: Mapping[str, str | int]) -> dict[str, str]:
    return {code: str(answer) for code, answer in answers.items()}


def _counted(subject: Subject, strange: Counts) -> Subject:
    if not strange:
        return subject
    return replace(subject, unrecognised=dict(Counter(subject.unrecognised) + Counter(strange)))


def _within_what_can_be_said(subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """No more answered indicators than an event carries: those that worry stay, others are counted."""
    spare = sum(len(subject.indicators) for subject in subjects) - MOST_ANSWERS
    kept = list(subjects)
    for reassuring in (True, False):
        for at in range(len(kept) - 1, -1, -1):
            if spare <= 0:
                return tuple(kept)
            left_out = [code for code, said in kept[at].indicators.items() if (said != "yes") is reassuring][:spare]
            answers = {code: said for code, said in kept[at].indicators.items() if code not in left_out}
            kept[at] = _counted(
                replace(kept[at], indicators=answers), {"indicators": len(left_out)} if left_out else {}
            )
            spare -= len(left_out)
    return tuple(kept)
