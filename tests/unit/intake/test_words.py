"""Every code a sender may use has words, and no code is missing."""

from __future__ import annotations

from dataclasses import fields

from services.intake.domain.model import words
from services.intake.entrypoints.schemas.code_sets import code_sets
from services.intake.entrypoints.schemas.reading import SOURCE_CODES
from shared.policy.facts import ANSWERS, NUMBERS, SCALES, Facts, ReferrerKind
from tests.unit.intake.test_guidance import PACK

ASKED_ELSEWHERE = {"kind", "age_months", "age_weeks", "indicators", "consent", "referrer_kind", "unrecognised"}


def test_every_fact_is_either_asked_in_words_or_worked_out_by_the_front_door() -> None:
    names = {each.name for each in fields(Facts)} - ASKED_ELSEWHERE
    assert names == {*words.QUESTIONS, *words.HISTORY}
    assert not words.HISTORY & words.QUESTIONS.keys()


def test_every_fact_says_how_it_is_answered() -> None:
    forms = {one.name: one for one in words.facts_to_state()}
    assert {name for name, one in forms.items() if one.form is words.Form.ANSWER} == {*ANSWERS} - words.HISTORY
    assert all({*forms[name].values} == {*scale, "not_known"} for name, scale in SCALES.items())
    assert all(forms[name].bounds == NUMBERS[name] for name in NUMBERS if name not in words.HISTORY)


def test_code_sets_hold_everything_the_form_of_a_contact_knows() -> None:
    sets = code_sets(PACK)
    assert [one.code for one in sets.source_codes] == list(SOURCE_CODES)
    assert {one.code for one in sets.indicators} == set(PACK.indicators)
    assert {one.code for one in sets.referrer_kinds} == {*ReferrerKind}
    assert {one.code for one in sets.subject_kinds} == {"child", "unborn", "adult", "unknown"}
    assert {one.code for one in sets.sexes} == {"F", "M", "U", "X"}
    assert {one.code for one in sets.consent_states} == {"given", "refused", "not_sought", "not_applicable"}
    assert "phone" in {one.code for one in sets.channels}
    assert "amber" in {one.code for one in sets.grades}
    assert {one.code for one in sets.withdrawals} == set(PACK.withdrawals)
    assert {one.code for one in sets.grounds} == set(PACK.grounds)
    assert all(one.words for section in (sets.channels, sets.grades, sets.relationships) for one in section)
