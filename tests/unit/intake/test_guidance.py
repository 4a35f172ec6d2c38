"""Advice and rating never differ: whatever is answered, guidance says what triage says of the same contact."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.intake.application.commands import receive_contact
from services.intake.domain.model.guidance import Guidance, age_said, guide
from services.intake.domain.policy import advice_for
from services.intake.entrypoints.schemas.guidance import CheckBody, guidance_out, read_answers
from services.intake.entrypoints.schemas.reading import Reader
from services.triage.application.handlers.told import subjects_told
from shared.contracts.envelope import Cause
from shared.contracts.intake import ContactReceived
from shared.policy.evaluate import SubjectRating, rate
from shared.policy.facts import facts_from
from shared.policy.loader import load_pack
from shared.policy.shelf import installed
from shared.security.encryption import BlindIndex
from tests.conftest import KEY

POLICIES = Path(__file__).parents[3] / "policies"
PACK = load_pack(POLICIES)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
READER = Reader(indicators=PACK.indicators, production=False)
INDEX = BlindIndex.from_setting(KEY)
NAMES = ("immediate_danger", "abuse_suspected", "significant_harm", "injury", "bruise_or_mark", "sexual_activity",
         "independently_mobile", "sees_domestic_abuse", "parent_asks_for_help", "disabled", "open_case")  # fmt: skip
AGES = st.sampled_from([("weeks", 0, 11), ("months", 3, 23), ("years", 2, 19)]).flatmap(
    lambda each: st.tuples(st.just(each[0]), st.integers(each[1], each[2]))
)
ANSWERS = st.sampled_from(["yes", "no", "not_known", True, False, "perhaps", 3, None])
BODIES = st.fixed_dictionaries(
    {"kind": st.sampled_from(["child", "child", "unborn", "adult", "unknown"])},
    optional={
        "age": AGES.map(lambda age: {"unit": age[0], "value": age[1]}),
        "referrer_kind": st.sampled_from(["involved_professional", "professional", "family", "public"]),
        "consent": st.sampled_from(["given", "refused", "not_sought"]),
        "open_case": st.sampled_from(["yes", "no", "not_known"]),
        "facts": st.dictionaries(st.sampled_from(NAMES), ANSWERS, max_size=7)
        | st.fixed_dictionaries(
            {},
            optional={
                "exploitation_score": st.sampled_from(["high", "medium", "none", "dire"]),
                "domestic_abuse_risk": st.sampled_from(["high", "standard"]),
                "missing_hours": st.integers(-1, 100),
                "a word of a newer form": ANSWERS,
            },
        ),
        "indicators": st.dictionaries(st.sampled_from([*sorted(PACK.indicators), "L9-NEW"]), ANSWERS, max_size=5),
    },
).filter(lambda body: body["kind"] != "unborn" or "age" not in body)


def guided(body: dict[str, Any]) -> Guidance:
    facts = read_answers(CheckBody.model_validate(body), READER).facts
    return guide(PACK, facts, framework=PACK, facts_there=facts)


def born(age: dict[str, Any]) -> str:
    day, value = NOW.date(), age["value"]
    if age["unit"] == "weeks":
        return (day - timedelta(weeks=value)).isoformat()
    months = value * 12 if age["unit"] == "years" else value
    first = day.year * 12 + day.month - 1 - months
    return date(first // 12, first % 12 + 1, day.day).isoformat()


def as_contact(body: dict[str, Any]) -> dict[str, Any]:
    """The same answers, as somebody sends them who makes the contact after all."""
    subject = {name: body[name] for name in ("kind", "facts", "indicators", "open_case") if name in body}
    if "age" in body:
        subject["birth_date"] = born(body["age"])
    contact: dict[str, Any] = {"subjects": [subject], "consent": {"state": body.get("consent")}}
    return contact | ({"referrer": {"kind": body["referrer_kind"]}} if "referrer_kind" in body else {})


def announced(body: dict[str, Any]) -> ContactReceived:
    told = READER.read(json.dumps(as_contact(body)).encode(), new_id=uuid4)
    received = receive_contact(
        told, contact_id=uuid4(), organisation="school-1", accepted_at=NOW, followed=None,
        random_child_ids=[b"\x00" * 16], index=INDEX,
        cause=Cause(id=UUID(int=1), correlation_id=UUID(int=2), traceparent=None),
    )  # fmt: skip
    return received.event.data


def triaged(body: dict[str, Any]) -> SubjectRating:
    """How triage rates the contact: from intake's own event, by triage's own reading of it."""
    [subject] = subjects_told(announced(body))
    assert subject.facts is not None
    return rate(PACK, subject.facts)


@given(BODIES)
def test_guidance_says_what_triage_says_of_the_same_contact(body: dict[str, Any]) -> None:
    said = guided(body)
    assert said.rating == triaged(body)
    assert said.level == said.rating.level


@given(BODIES)
def test_the_contact_itself_is_answered_with_the_same_advice(body: dict[str, Any]) -> None:
    told = READER.read(json.dumps(as_contact(body)).encode(), new_id=uuid4)
    advice = tuple(PACK.advice[code] for code in guided(body).rating.advice)
    assert advice_for(PACK, told, on=NOW.date()) == advice


@given(BODIES)
def test_whoever_must_act_now_is_told_to_phone(body: dict[str, Any]) -> None:
    said = guided(body)
    assert bool(said.phone_now) == PACK.ratings[said.rating.rating].pages
    assert said.steps, "there is always something to do next"


@given(BODIES)
def test_what_was_not_recognised_is_warned_about_without_an_echo(body: dict[str, Any]) -> None:
    read = read_answers(CheckBody.model_validate(body), READER)
    shown = guidance_out(guided(body), PACK, read.warnings)
    assert bool(shown.warnings) == bool(read.facts.unrecognised)
    assert not {"dire", "perhaps", "L9-NEW", "a word of a newer form"} & set(json.dumps(shown.model_dump()).split('"'))
    assert not [one for one in shown.warnings if one.pointer.startswith("/subjects")]


@given(AGES, st.sampled_from(["child", "adult"]))
def test_an_age_is_said_as_a_contacts_age_is(age: tuple[str, int], kind: str) -> None:
    body = {"kind": kind, "age": {"unit": age[0], "value": age[1]}}
    [subject] = announced(body).subjects
    found = (subject.age_at_incident.unit.value, subject.age_at_incident.value)
    assume(found[1] is not None)
    assert found == (age_said(*age).unit, age_said(*age).value)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (("weeks", 11), ("weeks", 11)),
        (("weeks", 20), ("months", 4)),
        (("weeks", 110), ("years", 2)),
        (("months", 23), ("months", 23)),
        (("months", 30), ("years", 2)),
        (("years", 1), ("months", 12)),
        (("years", 0), ("months", 0)),
    ],
)
def test_an_age_is_never_said_higher_than_it_was_given(age: tuple[str, int], said: tuple[str, int]) -> None:
    found = age_said(*age)
    assert (found.unit, found.value) == said


CALM = dict.fromkeys(("immediate_danger", "abuse_suspected", "significant_harm", "injury"), "no")


@pytest.mark.parametrize(
    ("body", "steps", "now", "call"),
    [
        ({"facts": {"immediate_danger": "yes"}}, ["call_999", "phone_the_mash"], ["police", "mash", "edt"], []),
        ({"facts": {"abuse_suspected": "yes"}}, ["phone_the_mash"], ["mash", "edt"], []),
        ({"indicators": {"L4-SOP-CLOTHES": "yes"}}, ["contact_the_mash"], [], ["mash"]),
        ({}, ["contact_the_mash", "talk_it_over"], [], ["mash"]),
        (
            {"facts": CALM, "indicators": {"L2-HLT-DISAB": "yes"}},
            ["early_help", "own_help"],
            [],
            ["early_help_hub"],
        ),
        ({"facts": CALM, "indicators": {"L1-HOU-INCOME": "yes"}}, ["universal", "own_help"], [], []),
    ],
)  # fmt: skip
def test_what_to_do_next_and_whom_to_call(
    body: dict[str, Any], steps: list[str], now: list[str], call: list[str]
) -> None:
    said = guided({"kind": "child", **body})
    assert [step.code for step in said.steps] == steps
    assert [one.code for one in said.phone_now] == now
    assert [one.code for one in said.call] == call
    assert all(one.number for one in (*said.phone_now, *said.call))


@pytest.mark.parametrize("ref", [ref for ref in installed(POLICIES) if ref != PACK.ref])
def test_every_pack_that_could_be_in_force_says_whom_to_phone_and_what_to_do(ref: str) -> None:
    pack = load_pack(POLICIES, ref)
    for case in pack.golden:
        facts = facts_from(case.facts)
        said = guide(pack, facts, framework=pack, facts_there=facts)
        assert bool(said.phone_now) == pack.ratings[said.rating.rating].pages, case.name
        assert said.steps, case.name
