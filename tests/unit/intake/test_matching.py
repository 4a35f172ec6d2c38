"""Are these two the same person? Symmetric, monotone, and never one of two twins."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.model.index_keys import IndexKind, keys_of, looked_up
from services.intake.domain.model.matching import (
    WEIGHTS,
    Relation,
    Sameness,
    Verdict,
    compare,
    points,
    relation,
)
from services.intake.domain.model.person import Person, people_of

NHS = "9990000018"
HOME = {"lines": ["Flat 3", "12 Sample Street"], "postcode": "SO14 2AB"}
FULL: dict[str, Any] = {
    "kind": "child",
    "given_name": "Rowan",
    "family_name": "Sample",
    "birth_date": "2014-03-04",
    "sex": "F",
    "address": HOME,
    "relationships": [{"given_name": "Ash", "family_name": "Sample", "relationship": "mother"}],
}
GIVEN = st.sampled_from(["Rowan", "Rowen", "Willow", "Muhammad Ali", "Mohammed Omar", "Alex", "Alexander", "Li", "Zoë"])
FAMILY = st.sampled_from(["Sample", "Sampel", "Smith-Jones", "Jones", "O'Brien", "OBrien", "Al-Hussaini", "Khan"])
DAYS = st.dates(date(2010, 1, 1), date(2026, 1, 1)).map(date.isoformat)
NUMBERS = st.sampled_from([NHS, "9990000026", "9990000019", "not a number"])
ADDRESSES = st.sampled_from([HOME, {"lines": ["4 Mill Road"], "postcode": "SO15 1AA"}, {"postcode": "SO14 2AB"}])


def person(told: dict[str, Any], *more: dict[str, Any], kind: str = "child") -> Person:
    documents = [{"subjects": [told]}, *({"subjects": [one]} for one in more)]
    return people_of(documents, kinds=[kind], production=False)[0]


def optional(**members: Any) -> Any:
    return st.fixed_dictionaries({}, optional=members)


TOLD = optional(
    given_name=GIVEN,
    family_name=FAMILY,
    birth_date=DAYS,
    sex=st.sampled_from("FMUX"),
    nhs_number=NUMBERS,
    upn=st.sampled_from(["A123456789012", "B123456789012"]),
    address=ADDRESSES,
    relationships=st.just(FULL["relationships"]),
)
VERDICTS = st.fixed_dictionaries(dict.fromkeys(WEIGHTS, st.sampled_from(list(Verdict))))
BETTER = {Verdict.DIFFERS: 0, Verdict.MISSING: 1, Verdict.NEAR: 2, Verdict.AGREES: 3}


@given(TOLD, TOLD)
def test_the_order_does_not_matter(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = person(one), person(other)
    there, back = compare(first, second), compare(second, first)
    assert there == back
    assert 0 <= there.score <= 1
    assert relation(first, second, there.verdicts) == relation(second, first, back.verdicts)


@given(VERDICTS, st.sampled_from(list(WEIGHTS)), st.sampled_from(list(Verdict)))
def test_more_that_agrees_never_lowers(verdicts: dict[str, Verdict], field: str, verdict: Verdict) -> None:
    changed = {**verdicts, field: verdict}
    if BETTER[verdict] >= BETTER[verdicts[field]]:
        assert points(changed) >= points(verdicts)


@given(TOLD, TOLD, st.sampled_from([one.name for one in fields(Person) if one.name not in ("kind", "unborn")]))
def test_telling_the_same_of_both_never_lowers(one: dict[str, Any], other: dict[str, Any], name: str) -> None:
    """Whatever is missing in both and then told alike: score and class go up or stay."""
    first, second, full = person(one), person(other), person({**FULL, "nhs_number": NHS, "upn": "A123456789012"})
    if getattr(first, name) or getattr(second, name):
        return
    before = compare(first, second)
    value = getattr(full, name)
    after = compare(replace(first, **{name: value}), replace(second, **{name: value}))
    ranks = [Sameness.NONE, Sameness.PROBABLE, Sameness.CONFIRMED]
    assert after.score >= before.score
    assert ranks.index(after.sameness) >= ranks.index(before.sameness)


@given(TOLD)
def test_whoever_is_told_again_is_found_again(told: dict[str, Any]) -> None:
    """Everything that is told of somebody twice in the same words meets in the index."""
    once = person(told)
    assert keys_of(once) <= looked_up(once)
    verdicts = compare(once, once).verdicts
    assert set(verdicts.values()) <= {Verdict.AGREES, Verdict.MISSING, Verdict.NEAR}


@pytest.mark.parametrize(
    "other",
    ["Willow", "Hayden Rowan-Lee", "Aisha", "Ro", "Bowan"],
)
def test_a_twin_is_a_sibling(other: str) -> None:
    one, twin = person(FULL), person({**FULL, "given_name": other})
    found = compare(one, twin)
    if found.verdicts["given_name"] is Verdict.DIFFERS:
        assert found.sameness is Sameness.NONE
        assert relation(one, twin, found.verdicts) is Relation.SIBLING
    else:
        assert other == "Hayden Rowan-Lee", "a middle name in common may be the name they go by"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jayden", "Hayden"), ("Ella", "Bella"), ("Tom", "Tim"), ("Muhammad Ali", "Muhammad Omar"), ("Li", "Lin")],
)
def test_twins_of_like_names_are_two_children(one: str, other: str) -> None:
    found = compare(person({**FULL, "given_name": one}), person({**FULL, "given_name": other}))
    assert found.sameness is Sameness.NONE


@pytest.mark.parametrize(
    ("field", "one", "other", "verdict"),
    [
        ("given_name", "Mohammed", "Muhammad", Verdict.AGREES),
        ("given_name", "Youssef", "Yusuf", Verdict.AGREES),
        ("given_name", "Bill", "William", Verdict.NEAR),
        ("given_name", "Katherine", "Kate", Verdict.NEAR),
        ("given_name", "Zoë", "ZOE", Verdict.AGREES),
        ("given_name", "Muhammad", "Muhammad Ali", Verdict.NEAR),
        ("given_name", "Jonathan", "Jonahtan", Verdict.NEAR),
        ("given_name", "J", "Jonathan", Verdict.MISSING),
        ("given_name", "Baby", "Jonathan", Verdict.MISSING),
        ("family_name", "O'Brien", "O Brien", Verdict.AGREES),
        ("family_name", "Al-Hussaini", "Hussaini", Verdict.AGREES),
        ("family_name", "Łukaszewska", "Lukaszewska", Verdict.AGREES),
        ("family_name", "Smith-Jones", "Jones", Verdict.NEAR),
        ("family_name", "Smith", "Jones", Verdict.DIFFERS),
        ("birth_date", "2014-03-04", "2014-04-03", Verdict.NEAR),
        ("birth_date", "2014-03-31", "2014-04-01", Verdict.NEAR),
        ("birth_date", "2014-03-04", "2013-03-04", Verdict.NEAR),
        ("birth_date", "2014-03-04", "2015-08-19", Verdict.DIFFERS),
        ("nhs_number", NHS, "999 000 0018", Verdict.AGREES),
        ("nhs_number", NHS, "9990000019", Verdict.NEAR),
        ("nhs_number", NHS, "9990000026", Verdict.DIFFERS),
        ("upn", "A123456789012", "a123456789012", Verdict.AGREES),
        ("address", HOME, {"lines": ["12 Sample St, flat 3"], "postcode": "so142ab"}, Verdict.AGREES),
        ("address", HOME, {"lines": ["14 Sample Street"], "postcode": "SO14 2AB"}, Verdict.NEAR),
        ("address", HOME, {"lines": [], "postcode": "ZZ99 3WZ"}, Verdict.MISSING),
    ],
)
def test_fields_compare_as_people_would(field: str, one: Any, other: Any, verdict: Verdict) -> None:
    name = "home" if field == "address" else field
    assert compare(person({field: one}), person({field: other})).verdicts[name] is verdict


def test_swapped_names_meet_and_are_near() -> None:
    one = person({"given_name": "Rowan", "family_name": "Sample"})
    other = person({"given_name": "Sample", "family_name": "Rowan"})
    assert keys_of(one) & looked_up(other)
    assert {compare(one, other).verdicts[name] for name in ("given_name", "family_name")} == {Verdict.NEAR}


def test_only_a_valid_number_with_its_birth_date_confirms() -> None:
    numbered = person({**FULL, "nhs_number": NHS})
    other = {"nhs_number": NHS, "birth_date": "2014-03-04", "given_name": "Somebody"}
    assert compare(numbered, person(other)).sameness is Sameness.CONFIRMED
    assert compare(numbered, person({**other, "birth_date": "2014-03-05"})).sameness is not Sameness.CONFIRMED
    wrong = {**FULL, "nhs_number": "9990000019"}
    assert compare(person(wrong), person(wrong)).sameness is Sameness.PROBABLE
    in_production = people_of([{"subjects": [{**FULL, "nhs_number": NHS}]}], kinds=["child"], production=True)[0]
    assert compare(in_production, in_production).sameness is Sameness.PROBABLE


def test_an_adult_is_no_child() -> None:
    assert compare(person(FULL), person(FULL, kind="adult")).sameness is Sameness.NONE
    assert compare(person(FULL, kind="unknown"), person(FULL)).sameness is Sameness.PROBABLE


def test_a_child_may_be_the_unborn_one_of_before() -> None:
    expected = {**FULL, "given_name": None, "birth_date": None, "expected_date": "2014-03-20"}
    unborn, born = person(expected, kind="unborn"), person(FULL)
    found = compare(unborn, born)
    assert found.verdicts["birth_date"] is Verdict.NEAR
    assert found.sameness is Sameness.PROBABLE
    assert keys_of(unborn) & looked_up(born)


@given(DAYS)
def test_day_and_month_swapped_meet_in_the_index(day: str) -> None:
    born = date.fromisoformat(day)
    if born.day > 12:
        born -= timedelta(days=12)
    other = born.replace(day=born.month, month=born.day) if born.day <= 12 else born
    one, two = (person({"birth_date": each.isoformat()}) for each in (born, other))
    assert {key.kind for key in keys_of(one) & looked_up(two)} >= {IndexKind.BIRTH_DATE}


def test_what_is_told_later_stands_over_what_was_told_first() -> None:
    later = {"position": 1, "birth_date": "2014-03-05", "given_name": None, "nhs_number": NHS}
    known = person(FULL, later)
    assert (known.born, known.given, known.nhs_number) == (date(2014, 3, 5), ("rowan",), NHS)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["subjects", "given_name", "birth_date", "address", "lines", "relationships", "adults"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_was_sent_can_be_read(sent: Any) -> None:
    document = sent if isinstance(sent, dict) else {"subjects": sent}
    people = people_of([document], kinds=["child", "unknown"], production=False)
    assert len(people) == 2
    for one in people:
        assert compare(one, one).verdicts
        keys_of(one)
