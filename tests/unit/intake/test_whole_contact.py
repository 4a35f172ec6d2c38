"""The whole contact: what is named as a member rates like the fact it is, and whoever is named is looked at."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.model.answers import graver, later
from services.intake.domain.model.contact import ContactTold
from services.intake.entrypoints.schemas.examples import FAMILY, INFORMATION
from services.intake.entrypoints.schemas.forms import Forms
from services.intake.entrypoints.schemas.reading import InformationTold, Reader
from shared.policy.facts import LOW_IS_WORSE, PROTECTIVE
from shared.web import Problem

READER = Reader(indicators=("L4-BAS-BRUISE-NM",), production=False)


def read(body: dict[str, Any]) -> ContactTold:
    return READER.read(json.dumps(body).encode(), new_id=uuid4)


def inform(body: dict[str, Any]) -> InformationTold:
    return READER.information(json.dumps(body).encode(), new_id=uuid4)


def test_the_long_example_is_understood_whole() -> None:
    told = read(FAMILY)
    assert told.warnings == ()
    boy, unborn = told.subjects
    assert boy.facts == {
        "domestic_abuse_risk": "high", "immediate_danger": "no", "sees_domestic_abuse": "yes", "disabled": "yes",
        "disability_band": 2, "missing_episodes_90_days": 1,
    }  # fmt: skip
    assert (boy.consent, unborn.consent, unborn.kind) == ("not_sought", "not_applicable", "unborn")
    assert (told.referrer.kind, told.referrer.source_code, told.sender_grade) == ("professional", "6", "high")
    assert told.sender_reference == "PPN1-2207"


@pytest.mark.parametrize(
    ("sent", "facts"),
    [
        ({"immediate_danger": True}, {"immediate_danger": "yes"}),
        ({"abuse_suspected": "not_known"}, {"abuse_suspected": "not_known"}),
        ({"injuries": ["round bruise, left cheek"]}, {"injury": "yes"}),
        ({"injuries": []}, {"injury": "not_known"}),
        ({"injuries": "no"}, {"injury": "no"}),
        ({"exploitation_score": "high"}, {"exploitation_score": "high"}),
        ({"missing_episodes": 3, "missing_hours": 80}, {"missing_episodes_90_days": 3, "missing_hours": 80}),
        ({"domestic_abuse_risk": "high"}, {"domestic_abuse_risk": "high"}),
        ({"disability": {"codes": ["NONE"]}}, {"disabled": "no"}),
        ({"disability": {"codes": ["HEAR"], "band": 3}}, {"disabled": "yes", "disability_band": 3}),
    ],
)
def test_a_named_member_is_the_fact_it_names(sent: dict[str, Any], facts: dict[str, Any]) -> None:
    told = read({"subjects": [{"kind": "child", **sent}]})
    assert told.subjects[0].facts == facts
    assert not told.warnings
    if "disability" not in sent:
        common = read({**sent, "subjects": [{}, {}]})
        assert [subject.facts for subject in common.subjects] == [facts, facts]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"immediate_danger": "perhaps"}, "/subjects/0/immediate_danger"),
        ({"missing_episodes": "3"}, "/subjects/0/missing_episodes"),
        ({"missing_episodes": -1}, "/subjects/0/missing_episodes"),
        ({"exploitation_score": 12}, "/subjects/0/exploitation_score"),
        ({"disability": {"codes": ["OLD"]}}, "/subjects/0/disability/codes/0"),
        ({"disability": {"band": 9}}, "/subjects/0/disability/band"),
        ({"consent": {"state": "maybe"}}, "/subjects/0/consent/state"),
        ({"relationships": [{"relationship_code": "mum"}]}, "/subjects/0/relationships/0/relationship_code"),
        ({"relationships": [{"to_subject": 0}]}, "/subjects/0/relationships/0/to_subject"),
    ],
)
def test_what_a_named_member_does_not_know_asks_for_a_person(sent: dict[str, Any], pointer: str) -> None:
    told = read({"subjects": [{"kind": "child", **sent}]})
    assert [warning.pointer for warning in told.warnings] == [pointer]
    assert sum(told.subjects[0].unrecognised.values()) == 1


def test_two_answers_that_differ_give_the_graver_and_ask_for_a_person() -> None:
    told = read({"subjects": [{"immediate_danger": "yes", "facts": {"immediate_danger": "no"}}]})
    assert told.subjects[0].facts == {"immediate_danger": "yes"}
    (warning,) = told.warnings
    assert (warning.pointer, warning.code) == ("/subjects/0/facts/immediate_danger", "contradiction")
    assert told.subjects[0].unrecognised == {"immediate_danger": 1}
    for sent, grave in (
        ({"disability": {"codes": ["MOB"], "band": 2}, "facts": {"disabled": "no", "disability_band": 4}}, 2),
        ({"disability": {"codes": ["NONE"]}, "facts": {"disabled": "yes"}}, 1),
    ):
        (subject,) = read({"subjects": [sent]}).subjects
        assert subject.facts["disabled"] == "yes"
        assert subject.facts.get("disability_band") in (None, 4)
        assert sum(subject.unrecognised.values()) == grave
    known = read({"subjects": [{"disability": {"codes": ["MOB"]}, "facts": {"disabled": "not_known"}}]})
    assert (known.subjects[0].facts, known.warnings) == ({"disabled": "yes"}, ())
    calm = read({"subjects": [{"immediate_danger": "not_known", "facts": {"immediate_danger": "yes"}}]})
    assert (calm.subjects[0].facts, calm.warnings) == ({"immediate_danger": "yes"}, ())


grades = st.sampled_from(["none", "low", "medium", "high", "not_known"])
names = st.sampled_from(["immediate_danger", *PROTECTIVE])


@given(names, st.sampled_from(["yes", "no", "not_known"]), st.sampled_from(["yes", "no", "not_known"]))
def test_the_graver_answer_is_the_same_from_both_sides(name: str, one: str, other: str) -> None:
    found = graver(name, one, other)
    assert found == graver(name, other, one)
    worry = "no" if name in PROTECTIVE else "yes"
    assert found == (worry if worry in (one, other) else one if other == "not_known" else other)


@given(grades, grades)
def test_the_graver_grade(one: str, other: str) -> None:
    order = ["not_known", "none", "low", "medium", "high"]
    assert graver("exploitation_score", one, other) == max(one, other, key=order.index)


@given(st.integers(0, 100), st.integers(0, 100))
def test_the_graver_number(one: int, other: int) -> None:
    assert graver("missing_hours", one, other) == max(one, other)
    assert {graver(name, one, other) for name in LOW_IS_WORSE} == {min(one, other)}


def test_later_answers_win_but_for_not_known() -> None:
    earlier = {"injury": "yes", "disabled": "not_known"}
    said = {"injury": "not_known", "disabled": "no", "fgm_risk": "not_known"}
    assert later(earlier, said) == {"injury": "yes", "disabled": "no", "fgm_risk": "not_known"}


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"referrer": {"phone": "12345"}}, "/referrer/phone"),
        ({"referrer": {"address": {"postcode": "nowhere"}}}, "/referrer/address/postcode"),
        ({"adults": [{"phone": "call me"}]}, "/adults/0/phone"),
        ({"adults": [{"nhs_number": "1111111111"}]}, "/adults/0/nhs_number"),
        ({"adults": [{"address": {"postcode": "S1"}}]}, "/adults/0/address/postcode"),
        ({"incident_address": {"postcode": "S1"}}, "/incident_address/postcode"),
        ({"subjects": [{"phone": "0"}]}, "/subjects/0/phone"),
        ({"subjects": [{"relationships": [{"phone": "0"}]}]}, "/subjects/0/relationships/0/phone"),
    ],
)
def test_a_failing_identifier_is_kept_as_unverified_wherever_it_stands(sent: dict[str, Any], pointer: str) -> None:
    told = read({"narrative": "x", **sent})
    assert [(one.pointer, one.code) for one in told.warnings] == [(pointer, "unverified")]
    assert not told.subjects[0].unrecognised


@pytest.mark.parametrize(
    ("number", "holds"),
    [("023 8083 3000", True), ("+44 (0)23 8083 3000", True), ("07911 123456", True), ("+33 1 23 45 67 89", True),
     ("999", False), ("", False), ("0123", False), ("call me", False), ("\u0660\u0661", False)],
)  # fmt: skip
def test_telephone_numbers(number: str, *, holds: bool) -> None:
    assert Forms(production=True).phone(number) == holds


def test_an_invented_number_is_believed_outside_production_only() -> None:
    for number in ("01632 960001", "+44 7700 900123"):
        assert Forms(production=False).phone(number)
        assert not Forms(production=True).phone(number)


@pytest.mark.parametrize(
    ("referrer", "kind"),
    [({"kind": "professional", "involved": "yes"}, "involved_professional"),
     ({"role": "GP", "involved": "yes"}, "involved_professional"),
     ({"kind": "professional", "involved": "no"}, "professional"), ({"kind": "family", "involved": "yes"}, "family")],
)  # fmt: skip
def test_an_involved_professional_may_say_so_either_way(referrer: dict[str, Any], kind: str) -> None:
    assert read({"narrative": "x", "referrer": referrer}).referrer.kind == kind


@pytest.mark.parametrize("said", [{"immediate_danger": "yes"}, {"injuries": ["a cut"]}, {"missing_hours": 80}])
def test_a_named_answer_alone_is_a_worry(said: dict[str, Any]) -> None:
    assert [subject.kind for subject in read(said).subjects] == ["unknown"]


def test_information_is_read_like_a_contact() -> None:
    told = inform({**INFORMATION, "theirs": 1, "facts": {"colour": "blue", "injury": "yes"}})
    assert (told.addition.facts, told.addition.consent) == ({"injury": "yes"}, "given")
    assert told.addition.unrecognised == {"unknown_field": 1, "facts": 1}
    assert [one.of for one in told.addition.subjects] == [1, None]
    assert told.addition.subjects[0].kind is None
    assert told.in_words


@pytest.mark.parametrize(
    ("body", "told"),
    [({}, False), ({"narrative": " "}, False), ({"sender_reference": "x"}, False),
     ({"consent": {"state": "refused"}}, True),
     ({"subjects": [{"position": 1}]}, True), ({"attachments": ["r:1"]}, True), ({"immediate_danger": "no"}, True)],
)  # fmt: skip
def test_an_addition_must_tell_something(body: dict[str, Any], *, told: bool) -> None:
    if told:
        assert inform(body)
        return
    with pytest.raises(Problem) as refused:
        inform(body)
    assert refused.value.code == "nothing_told"
