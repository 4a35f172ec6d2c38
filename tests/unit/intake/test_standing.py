"""What is known after additions: the order of sending is the order, "not known" overrides nothing, nothing is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.model.contact import ContactTold, Referrer, Subject
from services.intake.domain.model.standing import (
    MOST_ANSWERS,
    MOST_SUBJECTS,
    Addition,
    Standing,
    SubjectAddition,
    standing,
    with_addition,
)
from shared.policy.evaluate import SubjectRating, raise_only, rate
from shared.policy.facts import ANSWERS, PROTECTIVE, facts_from
from shared.policy.loader import load_pack

PACK = load_pack(Path("policies"), "southampton-pathways-2021@1")
CODES = sorted(PACK.indicators)[:6]
NAMES = ("immediate_danger", "bruise_or_mark", "independently_mobile", "abuse_suspected", "disabled")
IDS = [UUID(int=n) for n in range(1, 200)]

answers = st.sampled_from(["yes", "no", "not_known"])
facts = st.dictionaries(st.sampled_from(NAMES), answers, max_size=4)
indicators = st.dictionaries(st.sampled_from(CODES), answers, max_size=3)
consents = st.sampled_from(["given", "refused", "not_sought", "not_applicable", "not_known"])
counts = st.dictionaries(st.sampled_from(["unknown_field", "facts"]), st.integers(1, 3), max_size=2)


def subjects(facts: st.SearchStrategy[Any] = facts, indicators: st.SearchStrategy[Any] = indicators) -> Any:
    return st.builds(
        Subject,
        subject_id=st.uuids(),
        position=st.just(1),
        kind=st.sampled_from(["child", "unborn", "adult", "unknown"]),
        birth_date=st.none() | st.just(date(2020, 1, 1)),
        estimated_age_years=st.none() | st.integers(0, 17),
        facts=facts,
        indicators=indicators,
        unrecognised=counts,
        consent=consents,
        open_case=answers,
    )


def additions(facts: st.SearchStrategy[Any] = facts, indicators: st.SearchStrategy[Any] = indicators) -> Any:
    about = st.builds(
        SubjectAddition,
        of=st.none() | st.integers(1, 4),
        kind=st.none() | st.sampled_from(["child", "adult", "unknown"]),
        told=subjects(facts, indicators),
    )
    return st.builds(
        Addition,
        facts=facts,
        consent=consents,
        unrecognised=counts,
        subjects=st.lists(about, max_size=3).map(tuple),
    )


def contact(*told: Subject) -> ContactTold:
    return ContactTold(
        referrer=Referrer(kind="professional", source_code="2A", has_address=True),
        subjects=tuple(told),
        channel="api",
        incident_at=None,
        first_attempted_at=None,
        sender_grade=None,
        on_behalf_of=None,
        follows=None,
        warnings=(),
    )


contacts = st.lists(subjects(), min_size=1, max_size=3).map(
    lambda some: contact(*(replace(one, position=at) for at, one in enumerate(some, start=1)))
)


def rated(subject: Subject) -> SubjectRating:
    odd = {"unrecognised": sum(subject.unrecognised.values())}
    return rate(PACK, facts_from({**subject.facts, "indicators": subject.indicators, "kind": subject.kind, **odd}))


def rank(rating: SubjectRating) -> int:
    return PACK.ratings[rating.rating].rank


@settings(max_examples=60, deadline=None)
@given(contacts, st.lists(additions(), max_size=4))
def test_all_at_once_or_one_after_the_other_is_the_same(told: ContactTold, added: list[Addition]) -> None:
    one_by_one = standing(told, ids=IDS)
    for addition in added:
        one_by_one = with_addition(one_by_one, addition, ids=IDS)
    assert standing(told, added, ids=IDS) == one_by_one
    assert [one.position for one in one_by_one.subjects] == list(range(1, len(one_by_one.subjects) + 1))
    assert [one.subject_id for one in one_by_one.subjects] == IDS[: len(one_by_one.subjects)]


@settings(max_examples=60, deadline=None)
@given(contacts, additions())
def test_the_last_known_answer_holds_and_not_known_overrides_nothing(told: ContactTold, addition: Addition) -> None:
    before = standing(told, ids=IDS)
    after = with_addition(before, addition, ids=IDS)
    for old, new in zip(before.subjects, after.subjects, strict=False):
        said: list[tuple[str, Any]] = list(addition.facts.items())
        said += [pair for one in addition.subjects if one.of == old.position for pair in one.told.facts.items()]
        expected = {**old.facts}
        for name, answer in said:
            if answer != "not_known" or name not in expected:
                expected[name] = answer
        assert new.facts == expected
        for known in ("consent", "open_case"):
            assert getattr(old, known) == "not_known" or getattr(new, known) != "not_known"
        assert new.birth_date or not old.birth_date


@settings(max_examples=60, deadline=None)
@given(contacts, st.lists(additions(), max_size=4))
def test_what_nobody_recognised_adds_up(told: ContactTold, added: list[Addition]) -> None:
    def total(now: Standing) -> Counter[str]:
        return sum((Counter(one.unrecognised) for one in now.subjects), Counter[str]())

    expected = total(standing(told))
    nobody = 0
    there = len(told.subjects)
    for addition in added:
        expected += Counter(addition.unrecognised)
        for one in addition.subjects:
            expected += Counter(one.told.unrecognised)
            if not isinstance(one.of, int) or one.of > there:
                nobody += one.of is not None
                there += 1
    expected += Counter({"position": nobody})
    assert total(standing(told, added)) == expected


worrying = st.dictionaries(st.sampled_from([n for n in ANSWERS if n not in PROTECTIVE]), st.just("yes"), max_size=3)
ticks = st.dictionaries(st.sampled_from(sorted(PACK.indicators)), st.just("yes"), max_size=3)
nothing = st.dictionaries(st.sampled_from(NAMES), st.just("not_known"), max_size=4)


@settings(max_examples=80, deadline=None)
@given(contacts, additions(worrying, ticks))
def test_worrying_answers_never_lower_a_rating(told: ContactTold, addition: Addition) -> None:
    calm = Addition(facts=addition.facts, consent="not_known", subjects=without_kind(addition))
    before, after = standing(told), standing(told, [calm])
    for old, new in zip(before.subjects, after.subjects, strict=False):
        assert rank(rated(new)) >= rank(rated(old))


@settings(max_examples=60, deadline=None)
@given(contacts, additions(nothing, st.just({})))
def test_not_known_changes_no_rating(told: ContactTold, addition: Addition) -> None:
    calm = Addition(facts=addition.facts, subjects=without_kind(addition))
    before, after = standing(told), standing(told, [calm])
    for old, new in zip(before.subjects, after.subjects, strict=False):
        assert rated(new).routes == rated(old).routes


@settings(max_examples=60, deadline=None)
@given(contacts, additions())
def test_reassuring_answers_lower_only_what_a_person_may_lower(told: ContactTold, addition: Addition) -> None:
    """The merged state may well be rated lower ("no, he is walking"); what triage makes of it is never lower."""
    before, after = standing(told), standing(told, [addition])
    for old, new in zip(before.subjects, after.subjects, strict=False):
        assert rank(raise_only(PACK, rated(old), rated(new))) >= rank(rated(old))


def without_kind(addition: Addition) -> tuple[SubjectAddition, ...]:
    """The additions as far as they answer questions: they count nothing strange and call nobody something else."""
    return tuple(
        replace(one, kind=None, told=replace(one.told, kind="unknown", unrecognised={})) for one in addition.subjects
    )


def one(**said: Any) -> Subject:
    known: dict[str, Any] = {"subject_id": UUID(int=0), "position": 1, "kind": "unknown", **said}
    return Subject(**known)


def added(of: int | None, kind: str | None = None, **said: Any) -> Addition:
    return Addition(subjects=(SubjectAddition(of=of, kind=kind, told=one(**said)),))


def test_who_was_unborn_has_been_born() -> None:
    told = contact(one(kind="unborn", expected_date=date(2026, 12, 1)))
    (born,) = standing(told, [added(1, birth_date=date(2026, 11, 20))]).subjects
    assert (born.kind, born.birth_date) == ("child", date(2026, 11, 20))
    assert standing(contact(one(kind="adult")), [added(1, birth_date=date(1990, 1, 1))]).subjects[0].kind == "adult"
    assert standing(contact(one(kind="child")), [added(1, "unknown")]).subjects[0].kind == "child"


def test_what_was_said_of_all_holds_for_who_comes_later() -> None:
    told = contact(one(facts={"immediate_danger": "yes"}))
    said_of_all = Addition(facts={"significant_harm": "yes"}, consent="refused")
    later = standing(told, [said_of_all, added(None, kind="child")]).subjects[1]
    assert (later.facts, later.consent) == ({"significant_harm": "yes"}, "refused")


def test_no_more_subjects_and_answers_than_an_event_carries() -> None:
    codes = [f"C-{n}" for n in range(300)]
    many = Addition(
        subjects=tuple(
            SubjectAddition(of=None, kind="child", told=one(indicators=dict.fromkeys(codes, "no") | {"C-1": "yes"}))
            for _ in range(60)
        )
    )
    now = standing(contact(one()), [many, many])
    assert len(now.subjects) == MOST_SUBJECTS
    assert sum(len(one.indicators) for one in now.subjects) == MOST_ANSWERS
    assert all(one.indicators["C-1"] == "yes" for one in now.subjects[1:]), "an answer that worries was left out"
    assert now.subjects[0].unrecognised["subjects"] == 21
    lost = sum(one.unrecognised.get("indicators", 0) for one in now.subjects)
    assert lost == 99 * 300 - MOST_ANSWERS
