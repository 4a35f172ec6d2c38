"""Whatever a partner sends is read or refused by name: no other error, no lost subject, no echo."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.model.contact import ContactTold
from services.intake.domain.model.standing import MOST_ANSWERS as MOST_INDICATORS
from services.intake.entrypoints.schemas.contact import EXAMPLE, contact_schema
from services.intake.entrypoints.schemas.reading import Reader
from services.intake.entrypoints.schemas.setting_aside import MOST_WARNINGS
from shared.policy import facts as policy_facts
from shared.web import Problem

CODES = ("L4-BAS-BRUISE-NM", "L2-CHD-SCHOOL")
SET_ASIDE = {
    "not_understood", "unrecognised_code", "unrecognised_fact", "unrecognised_value", "unrecognised_indicator",
    "too_many",
}  # fmt: skip
NOT_SET_ASIDE = {"unverified", "more"}


def our_names(schema: Any) -> set[str]:
    """Every member's name anywhere in the published schema."""
    if isinstance(schema, list):
        return set[str]().union(*map(our_names, schema))
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", {})).union(*map(our_names, schema.values()))


NAMES = sorted(our_names(contact_schema()))
FACTS = sorted({*policy_facts.ANSWERS, *policy_facts.SCALES, *policy_facts.NUMBERS})

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["yes", "no", "not_known", "child", "2026-01-01", "2026-01-01T10:00:00+01:00", "0001-01-01"])
)
names = st.sampled_from(NAMES) | st.sampled_from(FACTS) | st.sampled_from(CODES) | st.text()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6), max_leaves=25
)
objects = st.dictionaries(names, anything, max_size=8)
bodies = st.builds(
    lambda some, subjects: {**some, "subjects": subjects} if subjects is not None else some,
    objects,
    st.none() | st.lists(objects | anything, max_size=4),
)


def read(body: Any, *, production: bool = False) -> ContactTold:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reader(indicators=CODES, production=production).read(content, new_id=uuid4)


def read_or_refused(body: Any) -> ContactTold | Problem:
    try:
        return read(body)
    except Problem as problem:
        return problem


def unrecognised(told: ContactTold) -> int:
    return sum(sum(subject.unrecognised.values()) for subject in told.subjects)


@settings(max_examples=150, deadline=None)
@given(bodies)
def test_any_object_is_read_or_refused_by_name(body: dict[str, Any]) -> None:
    told = read_or_refused(body)
    if isinstance(told, Problem):
        assert told.status == 422
        assert not any(body.get(name) for name in ("subjects", "facts"))
        narrative = body.get("narrative")
        assert not (narrative.strip() if isinstance(narrative, str) else narrative)
        return
    sent = body.get("subjects")
    assert len(told.subjects) == (max(len(sent), 1) if isinstance(sent, list) else 1)
    counted = [one for one in told.warnings if one.code in SET_ASIDE]
    assert {one.code for one in told.warnings} <= SET_ASIDE | NOT_SET_ASIDE
    assert unrecognised(told) >= len(counted)
    assert bool(unrecognised(told)) == bool(counted)


@settings(max_examples=100, deadline=None)
@given(bodies)
def test_warnings_speak_our_words_only(body: dict[str, Any]) -> None:
    told = read_or_refused(body)
    if isinstance(told, Problem):
        assert all(error.pointer == "/subjects" for error in told.errors)
        return
    allowed = set(NAMES) | set(FACTS)
    for one in told.warnings:
        assert all(part in allowed or (part.isascii() and part.isdigit()) for part in one.pointer.split("/")[1:])
    assert {name for subject in told.subjects for name in subject.unrecognised} <= allowed | {"unknown_field"}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    told = read_or_refused(body)
    assert isinstance(told, ContactTold) or told.status in (400, 422)


STRANGE: dict[str, Any] = {
    "/unknown": {"theirs": "Tommy"},
    "/channel": {"channel": "pigeon"},
    "/narrative": {"narrative": "x" * 100_001},
    "/facts": {"facts": {"immediate_danger": "maybe"}},
    "/consent": {"consent": "yes"},
    "/adults": {"adults": [{"given_name": "Ann"}, 5]},
    "/attachments": {"attachments": [1]},
    "/incident_at": {"incident_at": "0001-01-01T00:00:00+14:00"},
    "/incident_at in seconds": {"incident_at": 1_763_630_000},
}
STRANGE_SUBJECT: dict[str, Any] = {
    "unknown": {"theirs": "Tommy"},
    "birth date": {"birth_date": "some time in May"},
    "birth date as a number": {"birth_date": 0},
    "address line": {"address": {"lines": ["1 High Street", 2, None]}},
    "relationship": {"relationships": ["mum"]},
    "fact": {"facts": {"colour": "blue"}},
    "indicator": {"indicators": {"L9-OLD": "yes"}},
    "answer": {"indicators": {"L4-BAS-BRUISE-NM": {"sure": "yes"}}},
    "text with half a character": {"given_name": 7},
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_what_is_set_aside_of_the_contact_counts_for_its_first_subject_once(strange: dict[str, Any]) -> None:
    told = read({**EXAMPLE, "subjects": [EXAMPLE["subjects"][0], {}], **strange})
    assert [sum(subject.unrecognised.values()) for subject in told.subjects] == [1, 0]
    assert len(told.warnings) == 1


@pytest.mark.parametrize("strange", STRANGE_SUBJECT.values(), ids=STRANGE_SUBJECT)
def test_what_is_set_aside_of_a_subject_counts_for_that_subject(strange: dict[str, Any]) -> None:
    told = read({"subjects": [{"kind": "adult"}, {"kind": "child", "sex": "F", **strange}]})
    assert not told.subjects[0].unrecognised
    assert sum(told.subjects[1].unrecognised.values()) >= 1
    assert told.subjects[1].kind == "child"
    assert all(one.pointer.startswith("/subjects/1") for one in told.warnings)


def test_the_example_is_understood_whole() -> None:
    told = read(EXAMPLE)
    assert not told.warnings
    assert told.subjects[0].facts == {"bruise_or_mark": "yes", "independently_mobile": "no"}


def test_only_what_is_wrong_is_taken_out_of_a_list() -> None:
    lines = ["a", 1, *(f"line {n}" for n in range(8)), 2, "z"]
    told = read({"subjects": [{"birth_date": "2020-01-01", "address": {"lines": lines, "postcode": "SO14 7LY"}}]})
    assert told.subjects[0].birth_date is not None
    assert told.subjects[0].unrecognised == {"lines": 2}


def test_one_subject_that_is_no_list_is_a_subject() -> None:
    told = read({"subjects": {"kind": "child", "birth_date": "2020-01-01"}})
    assert [subject.kind for subject in told.subjects] == ["child"]


@pytest.mark.parametrize("said", [{"narrative": ["he is hurt"]}, {"narrative": "x" * 100_001}, {"subjects": "Tommy"}])
def test_a_worry_in_another_form_is_still_a_worry(said: dict[str, Any]) -> None:
    told = read(said)
    assert len(told.subjects) == 1
    assert unrecognised(told) == 1


def test_null_is_nothing_said() -> None:
    nulls = {"consent": None, "referrer": None, "channel": None, "adults": None, "facts": None, "theirs": None}
    told = read(
        {"subjects": [{"given_name": None, "indicators": {CODES[0]: None}, "facts": {"injury": None}}], **nulls}
    )
    assert not told.warnings
    assert not unrecognised(told)


def test_a_fact_keeps_its_value_even_where_it_is_the_usual_one() -> None:
    facts = {"agencies_7_days": 0, "missing_episodes_90_days": 3, "injury": True, "exploitation_score": "high"}
    told = read({"subjects": [{"facts": facts}]})
    assert told.subjects[0].facts == {**facts, "injury": "yes"}
    assert policy_facts.facts_from(told.subjects[0].facts).unrecognised == 0


def test_not_known_of_one_subject_does_not_lower_what_is_said_of_all() -> None:
    body = {
        "facts": {"immediate_danger": "yes"},
        "subjects": [{"facts": {"immediate_danger": "not_known"}}, {"facts": {"immediate_danger": "no"}}, {}],
    }
    assert [one.facts["immediate_danger"] for one in read(body).subjects] == ["yes", "no", "yes"]


@pytest.mark.parametrize(
    ("subject", "kept"),
    [
        ({"open_case": "yes"}, "yes"),
        ({"facts": {"open_case": "yes"}}, "yes"),
        ({"open_case": "not_known", "facts": {"open_case": "yes"}}, "yes"),
        ({"open_case": "no", "facts": {"open_case": "yes"}}, "no"),
        ({}, "not_known"),
    ],
)
def test_an_open_case_is_heard_wherever_it_is_said(subject: dict[str, Any], kept: str) -> None:
    found = read({"subjects": [{"kind": "child", **subject}]}).subjects[0]
    assert found.open_case == kept
    assert "open_case" not in found.facts


def test_half_characters_and_zeros_do_no_harm() -> None:
    told = read(
        {"narrative": "\ud800", "\udfff": 1, "subjects": [{"given_name": "\ud83d\u0000"}], "follows": "a\u0000"}
    )
    assert told.follows is None
    assert unrecognised(told) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"narrative": NaN}', "malformed_json"),
        (b'{"narrative": "a", "narrative": "b"}', "malformed_json"),
        (b'{"subjects": [{"kind": "child", "kind": "adult"}]}', "malformed_json"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "nested_too_deeply"),
        (b"[" * 100_000, "malformed_json"),
        (b"\xff\xfe\x00", "malformed_json"),
        (b"null", "not_an_object"),
    ],
)
def test_broken_json_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        read(body)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_utf_16_is_json_too() -> None:
    assert read(json.dumps(EXAMPLE).encode("utf-16")).subjects


def test_long_lists_are_read_as_far_as_they_can_be_acted_on() -> None:
    told = read({"subjects": [{"kind": "child"}] * 99 + [{"kind": "adult"}] + [{"kind": "unborn"}] * 5})
    assert len(told.subjects) == 100
    assert told.subjects[99].kind == "adult"
    assert told.subjects[0].unrecognised == {"subjects": 1}


def test_answers_beyond_what_an_event_carries_are_counted() -> None:
    codes = [f"C-{n}" for n in range(300)]
    body = {"subjects": [{"indicators": dict.fromkeys(codes, "no")}] * 30}
    told = Reader(indicators=codes, production=False).read(json.dumps(body).encode(), new_id=uuid4)
    assert sum(len(one.indicators) for one in told.subjects) == MOST_INDICATORS
    assert unrecognised(told) == 30 * 300 - MOST_INDICATORS


@pytest.mark.timeout(20)
def test_a_flood_of_strange_members_is_counted_and_told_briefly() -> None:
    body = {"narrative": "x", "subjects": [{f"a{n}": 1 for n in range(500)}] * 100, **{f"b{n}": 1 for n in range(9999)}}
    told = read(body)
    assert unrecognised(told) == 500 * 100 + 9999
    assert len(told.warnings) <= MOST_WARNINGS + 1


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"expected_date": "2027-01-01"}, "unborn"),
        ({"expected_date": "2027-01-01", "birth_date": "2026-12-01"}, "child"),
        ({"estimated_age_years": 17}, "child"),
        ({"estimated_age_years": 18}, "adult"),
        ({"upn": "H801200001001"}, "child"),
        ({"given_name": "Rowan"}, "unknown"),
        ({"kind": "adult", "birth_date": "2026-01-01"}, "adult"),
    ],
)
def test_the_kind_follows_from_what_is_known(sent: dict[str, Any], kind: str) -> None:
    assert read({"subjects": [sent]}).subjects[0].kind == kind


@pytest.mark.parametrize(
    ("number", "production", "trusted"),
    [("999 000 0026", False, True), ("999 000 0026", True, False), ("943 476 5919", True, True),
     ("943 476 5919", False, False), ("1111111111", False, False)],
)  # fmt: skip
def test_an_nhs_number_is_trusted_where_it_may_be(number: str, *, production: bool, trusted: bool) -> None:
    told = read({"subjects": [{"nhs_number": number}]}, production=production)
    assert (told.subjects[0].nhs_number is not None) == trusted
    assert [one.code for one in told.warnings] == ([] if trusted else ["unverified"])
    assert not unrecognised(told)


@pytest.mark.parametrize(
    ("referrer", "kind", "has_address"),
    [
        ({}, "public", False),
        ({"role": "Teacher"}, "professional", False),
        ({"kind": "family", "email": "a@example.org"}, "family", True),
        ({"kind": "anonymous", "email": "a@example.org"}, "anonymous", False),
        ({"email": "not an address"}, "public", False),
    ],
)
def test_the_referrer_is_what_they_say_or_what_follows(
    referrer: dict[str, Any], kind: str, *, has_address: bool
) -> None:
    told = read({"narrative": "x", "referrer": referrer})
    assert (told.referrer.kind, told.referrer.has_address) == (kind, has_address)
