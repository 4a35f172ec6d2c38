"""What a template may say, to whom, and what is refused as one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.adapters.channels.letter_checks import faults_of
from services.notify.adapters.channels.letters import LetterTemplates, compiled, hash_of
from services.notify.domain.policy.reading import MEAN_WORDS, MOST_WORDS, reading_of
from services.notify.domain.policy.samples import REFERENCE, samples
from services.notify.domain.policy.templates import FORMS, MOST_CHARACTERS, Audience
from services.notify.domain.policy.wording import CannotWrite
from tests.support.builders_notify import TEMPLATES
from tests.support.every_pack import every_pack

LETTERS = LetterTemplates(TEMPLATES)
OUTCOMES = [outcome.plain_words for pack in every_pack() for outcome in pack.outcomes.values()]
RECEIPT = FORMS["public-receipt"]
GOOD = "We have your message {{ reference }}\nThank you. Our reference: {{ reference }}\n"
EACH = pytest.mark.parametrize("name", sorted(FORMS))


def codes(text: str, form: str = "public-receipt") -> list[str]:
    return [fault.code for fault in faults_of(FORMS[form], text, OUTCOMES)]


def test_every_file_has_its_form_and_every_form_its_file() -> None:
    assert LETTERS.names == FORMS.keys()


def test_no_rule_of_any_pack_sends_a_template_to_another_audience_than_its_own() -> None:
    kinds = {"public": {Audience.PUBLIC}, "anonymous": set[Audience](), "family": {Audience.FAMILY}}
    for pack in every_pack():
        for rule in pack.messages:
            form = FORMS[rule.template]
            for kind in rule.referrer_kinds:
                assert form.audience in kinds.get(kind, {Audience.PROFESSIONAL}), (pack.ref, rule.code)
            assert form.tells_outcome is rule.tells_outcome, (pack.ref, rule.code)
        assert all(FORMS[rule.template].audience is Audience.STAFF for rule in pack.alerts)


def test_neither_the_public_nor_an_acknowledgement_nor_staff_are_told_an_outcome() -> None:
    for name, form in FORMS.items():
        if form.audience in (Audience.PUBLIC, Audience.STAFF) or name.endswith(("acknowledgement", "opened")):
            assert not form.tells_outcome, name


@EACH
def test_every_shipped_template_would_be_taken(name: str) -> None:
    assert faults_of(FORMS[name], LETTERS.shipped[name], OUTCOMES) == []


@EACH
def test_every_shipped_letter_reads_easily(name: str) -> None:
    for sample, values in samples(FORMS[name]).items():
        subject, body = compiled(LETTERS.shipped[name]).render(values)
        reading = reading_of(f"{subject}\n{body}")
        assert reading.mean_words <= MEAN_WORDS, (sample, reading)
        assert reading.longest <= MOST_WORDS, (sample, reading)


@EACH
def test_each_letter_says_only_what_its_form_allows(name: str) -> None:
    form = FORMS[name]
    for sample, values in samples(form).items():
        subject, body = compiled(LETTERS.shipped[name]).render(values)
        if form.audience is not Audience.STAFF:
            assert REFERENCE in subject
            assert REFERENCE in body
            assert "01632 960000" in body
        told = any(words in body for words in ("A social worker will carry out", "told of services that can help"))
        assert told is (form.tells_outcome and bool(values["outcomes"])), sample
        assert not re.search(r"\{[{%]|\n{4,}|None|OutcomeWords", f"{subject}\n{body}"), sample


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "subject_missing"),
        ("\nOur reference: {{ reference }}\n", "subject_missing"),
        ("A subject {{ reference }}\n \n", "subject_missing"),
        ("x" * 121 + "\nOur reference: {{ reference }}\n", "subject_too_long"),
        (GOOD + "x" * MOST_CHARACTERS, "too_long"),
        (GOOD + "<b>Important</b>\n", "not_plain_text"),
        (GOOD + "a\tb\n", "not_plain_text"),
        (GOOD + "\x07\n", "not_plain_text"),
        (GOOD + "{% if phone %}\n", "does_not_parse"),
        (GOOD + "{{ outcomes }}\n", "value_not_allowed"),
        (GOOD + "{% for one in outcomes %}{{ one.words }}{% endfor %}\n", "value_not_allowed"),
        (GOOD + "{{ child_name }}\n", "value_not_allowed"),
        (GOOD + "{{ reference.__class__ }}\n", "value_not_allowed"),
        (GOOD + "{{ range(10) }}\n", "construct_not_allowed"),
        (GOOD + "{{ 'a' * 100000000 }}\n", "construct_not_allowed"),
        (GOOD + "{% set x = 1 %}{{ x }}\n", "construct_not_allowed"),
        (GOOD + "{% include 'duty-alert' %}\n", "construct_not_allowed"),
        (GOOD + "{{ reference|pprint }}\n", "construct_not_allowed"),
        (GOOD.replace("message {{ reference }}", "message {{ sender_reference }}"), "value_not_allowed"),
        ("We have your message\nThank you.\n", "value_missing"),
        (GOOD + f"{OUTCOMES[0].upper()}\n", "tells_an_outcome"),
    ],
)
def test_what_is_no_template_is_refused_with_a_reason(text: str, code: str) -> None:
    assert code in codes(text)


def test_a_good_one_is_taken() -> None:
    assert codes(GOOD) == []
    assert (
        codes(GOOD + "{% for one in outcomes %}\n{{ one.who }}: {{ one.words }}\n{% endfor %}\n", "family-outcome")
        == []
    )


def test_a_family_is_not_sent_its_questions_by_e_mail() -> None:
    asked = GOOD + "{% for question in questions %}\n{{ question }}\n{% endfor %}\n"
    assert codes(asked, "professional-question") == []
    assert "value_not_allowed" in codes(asked, "family-question")


def test_a_text_that_fails_with_some_contact_is_refused() -> None:
    assert "does_not_render" in codes(GOOD + "{{ outcomes[1].words }}\n", "professional-outcome")


def test_a_fault_names_its_line_and_never_repeats_the_text() -> None:
    (fault,) = faults_of(RECEIPT, GOOD + "{{ smith_canary }}\n", OUTCOMES)
    assert fault.line == 3
    assert "canary" not in fault.detail


@given(text=st.text(st.sampled_from("{}%| ab.outcmesrf\n'*()[]"), max_size=60))
def test_whatever_is_taken_for_the_public_says_no_outcome(text: str) -> None:
    body = GOOD + text + "\n"
    if faults_of(RECEIPT, body, OUTCOMES) == []:
        for values in samples(RECEIPT).values():
            _, letter = compiled(body).render({**values, "outcomes": ["canary"], "undecided": ["canary"]})
            assert "canary" not in letter


def test_newer_words_are_used_and_the_shipped_ones_where_those_fail() -> None:
    letters, values = LetterTemplates(TEMPLATES), samples(RECEIPT)["usual"]
    shipped = letters.write("public-receipt", values)
    letters.use({"public-receipt": GOOD})
    newer = letters.write("public-receipt", values)
    assert (newer.subject, newer.template_hash) == (f"We have your message {REFERENCE}", hash_of(GOOD))
    letters.use({"public-receipt": GOOD + "{{ missing }}"})
    assert letters.write("public-receipt", values) == shipped
    letters.use({"public-receipt": "{% broken"})
    assert letters.write("public-receipt", values) == shipped
    letters.use({})
    assert letters.write("public-receipt", values) == shipped
    with pytest.raises(CannotWrite):
        letters.write("public-receipt", {})
    with pytest.raises(CannotWrite):
        letters.write("nothing-of-that-name", values)


def test_sentences_are_counted_in_words() -> None:
    reading = reading_of("Phone us now.\nThis one is a little longer than that.\nRef: X\n")
    assert (reading.mean_words, reading.longest, reading.plain) == (5.5, 8, True)
    assert not reading_of(" ".join(["word"] * (MOST_WORDS + 1))).plain
