"""Every template for every kind of referrer: what appears, and what never does."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.notify.adapters.channels.letters import LetterTemplates
from services.notify.domain.model import Contact, Decision, Kind, Message, State
from services.notify.domain.policy.wording import CannotWrite, alert_words, who, words_for
from shared.contracts.parts import SubjectKind
from tests.support.builders_notify import NOON, REFERENCE, TEMPLATES, Life, southampton

PHONE = "01632 960000"
LETTERS = LetterTemplates(TEMPLATES)
RULES = [(kind, rule) for rule in southampton().messages for kind in sorted(rule.referrer_kinds)]


def a_contact(kinds: tuple[SubjectKind, ...] = (SubjectKind.CHILD, SubjectKind.CHILD), *, decided: int = 2) -> Contact:
    contact = Contact(contact_id=uuid4(), reference=REFERENCE, received_at=NOON, rating="red")
    life = Life()
    for number, kind in enumerate(kinds, start=1):
        contact.know_subject(life.subject(number), position=number, kind=kind.value)
        if number <= decided:
            contact.decide(life.subject(number), a_decision())
    return contact


def a_decision(**changed: Any) -> Decision:
    told: dict[str, Any] = {
        "outcome": "signpost",
        "reason_codes": ("needs_met_by_universal",),
        "service_codes": ("gp", "camhs"),
    }
    return Decision(version=1, policy="southampton-pathways-2021@1", **{**told, **changed})


def a_message(contact: Contact, *, tells_outcome: bool, kind: Kind = Kind.OUTCOME) -> Message:
    return Message(
        id=uuid4(),
        contact_id=contact.contact_id,
        kind=kind,
        purpose="x",
        template="x",
        created_at=NOON,
        correlation_id=uuid4(),
        tells_outcome=tells_outcome,
        tells=contact.versions() if tells_outcome else {},
        state=State.LEASED,
    )


KINDS = {"InformationRequested": Kind.QUESTION, "ChallengeAnswered": Kind.ANSWER}
CODES = {Kind.QUESTION: ("who_lives_there", "child_said"), Kind.ANSWER: ("threshold_s17",)}


def written(
    template: str,
    contact: Contact,
    *,
    tells_outcome: bool,
    sender_reference: str | None = "SCH/14",
    kind: Kind = Kind.OUTCOME,
    **changed: Any,
) -> str:
    message = a_message(contact, tells_outcome=tells_outcome, kind=kind)
    message.codes, message.result = CODES.get(kind, ()), "upheld" if kind is Kind.ANSWER else None
    words = words_for(replace(message, **changed), contact, lambda _ref: southampton())
    letter = LETTERS.write(template, words | {"sender_reference": sender_reference, "phone": PHONE})
    return f"{letter.subject}\n{letter.body}"


@pytest.mark.parametrize(("kind", "rule"), RULES, ids=lambda value: getattr(value, "code", value))
def test_each_letter_says_our_reference_and_only_what_its_rule_allows(kind: str, rule: Any) -> None:
    of_kind = KINDS.get(rule.on.event, Kind.OUTCOME)
    text = written(rule.template, a_contact(), tells_outcome=rule.tells_outcome, kind=of_kind)
    subject, _, body = text.partition("\n")
    assert REFERENCE in subject
    assert REFERENCE in body
    assert "SCH/14" in body
    assert "SCH/14" not in subject
    assert PHONE in body
    outcome = southampton().outcomes["signpost"].plain_words
    assert (outcome in body) is rule.tells_outcome
    if kind in ("public", "anonymous"):
        assert not rule.tells_outcome
    assert "{{" not in text
    assert "{%" not in text
    assert not re.search(r"\n{4,}", body)


def test_the_letters_words_come_from_the_pack_and_the_clock_on_the_wall() -> None:
    body = written("professional-outcome", a_contact(), tells_outcome=True)
    assert "The first child you named" in body
    assert "The second child you named" in body
    assert "The needs can be met by universal services." in body
    assert "The family's GP, Child and adolescent mental health service" in body
    assert "Friday 20 November 2026 at 12:00" in body
    assert "challenge" in body


def test_a_question_is_asked_in_the_packs_words_and_a_family_is_asked_to_phone() -> None:
    body = written("professional-question", a_contact(), tells_outcome=False, kind=Kind.QUESTION)
    asked = [southampton().questions[code] for code in CODES[Kind.QUESTION]]
    assert all(f"- {words}" in body for words in asked)
    family = written("family-question", a_contact(), tells_outcome=False, kind=Kind.QUESTION)
    assert not any(words in family for words in asked)


@pytest.mark.parametrize("result", ["upheld", "partly_upheld", "not_upheld"])
def test_a_challenge_is_answered_with_its_result_its_reasons_and_what_stands(result: str) -> None:
    body = written("professional-challenge-answer", a_contact(), tells_outcome=True, kind=Kind.ANSWER, result=result)
    assert result not in body
    assert southampton().reasons["threshold_s17"] in body
    assert southampton().outcomes["signpost"].plain_words in body


@pytest.mark.parametrize(
    ("kind", "changed", "reason"),
    [
        (Kind.QUESTION, {"codes": ("invented",)}, "no_words_for_question"),
        (Kind.ANSWER, {"codes": ("invented",)}, "no_words_for_reason"),
        (Kind.ANSWER, {"result": "invented"}, "no_words_for_result"),
    ],
)
def test_a_code_without_words_is_left_to_a_person(kind: Kind, changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(CannotWrite) as refused:
        written("professional-question", a_contact(), tells_outcome=False, kind=kind, **changed)
    assert refused.value.reason == reason


def test_no_code_of_ours_reaches_a_reader() -> None:
    body = written("professional-outcome", a_contact(), tells_outcome=True)
    for code in ("signpost", "needs_met_by_universal", "camhs", "early_help"):
        assert code not in body


def test_a_letter_without_the_senders_reference_has_no_gap_for_it() -> None:
    body = written("public-receipt", a_contact(), tells_outcome=False, sender_reference=None)
    assert "Your reference" not in body


def test_what_is_not_yet_decided_is_said_so() -> None:
    body = written("professional-not-yet-decided", a_contact(decided=1), tells_outcome=True)
    assert "The first child you named" in body
    assert "The second child you named: not decided yet" in body
    nothing = written("professional-not-yet-decided", a_contact(decided=0), tells_outcome=True)
    assert "Decided so far" not in nothing


def test_a_template_of_the_public_cannot_even_ask_for_outcomes() -> None:
    contact = a_contact()
    words = words_for(a_message(contact, tells_outcome=False), contact, lambda _ref: southampton())
    with pytest.raises(CannotWrite):
        LETTERS.write("professional-outcome", words | {"sender_reference": None, "phone": PHONE})


def test_an_alert_says_reference_rating_and_link_only() -> None:
    contact, link = a_contact(), "https://hub.example.org/1"
    letter = LETTERS.write("duty-alert", asdict(alert_words(contact, southampton(), link=link)))
    assert letter.body.split("\n") == [f"Reference: {REFERENCE}", "Rating: Red", "https://hub.example.org/1", ""]
    contact.rating = None
    unknown = alert_words(contact, southampton(), link=link)
    assert unknown.rating == "not known yet"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"outcome": "invented"}, "no_words_for_outcome"),
        ({"reason_codes": ("invented",)}, "no_words_for_reason"),
        ({"service_codes": ("invented",)}, "no_words_for_service"),
    ],
)
def test_what_the_pack_has_no_words_for_is_left_to_a_person(changed: dict[str, Any], reason: str) -> None:
    contact = a_contact(decided=0)
    contact.decide(Life().subject(1), a_decision(**changed))
    with pytest.raises(CannotWrite) as refused:
        words_for(a_message(contact, tells_outcome=True), contact, lambda _ref: southampton())
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ((SubjectKind.CHILD,), ["the child you told us about"]),
        ((SubjectKind.UNBORN,), ["the unborn baby you told us about"]),
        (
            (SubjectKind.CHILD, SubjectKind.ADULT, SubjectKind.CHILD),
            ["the first child you named", "the adult you told us about", "the second child you named"],
        ),
        ((SubjectKind.UNKNOWN,), ["the person you told us about"]),
    ],
)
def test_subjects_are_known_by_how_they_were_named(kinds: tuple[SubjectKind, ...], words: list[str]) -> None:
    contact = a_contact(kinds, decided=0)
    assert [who(contact, Life().subject(number)) for number in range(1, len(kinds) + 1)] == words


def test_more_than_ten_children_are_counted_in_figures() -> None:
    contact = a_contact((SubjectKind.CHILD,) * 23, decided=0)
    counted = [who(contact, Life().subject(number)) for number in (10, 11, 12, 21, 22, 23)]
    assert [words.split()[1] for words in counted] == ["tenth", "11th", "12th", "21st", "22nd", "23rd"]


def test_every_template_the_pack_names_is_there() -> None:
    pack = southampton()
    named = {rule.template for rule in (*pack.messages, *pack.alerts)}
    assert named <= LETTERS.names


def test_summer_letters_are_dated_in_local_time() -> None:
    contact = a_contact()
    contact.received_at = NOON.replace(month=7) + timedelta(hours=11, minutes=30)
    assert "Tuesday 21 July 2026 at 00:30" in written("professional-acknowledgement", contact, tells_outcome=False)


def test_a_referrer_hears_of_nobody_whom_only_another_contact_named() -> None:
    contact, life = a_contact(decided=0), Life()
    mine, linked = life.subject(1), life.subject(2)
    contact.know_subject(mine, position=1, kind="child", named=True)
    for subject in (mine, linked):
        contact.decide(subject, a_decision())
    words = words_for(a_message(contact, tells_outcome=True), contact, lambda _: southampton())
    outcomes = words["outcomes"]
    assert isinstance(outcomes, list)
    assert [one.who for one in outcomes] == ["the child you told us about"]
    contact.know_subject(linked, position=2, kind="child")
    assert who(contact, mine) == "the child you told us about"
