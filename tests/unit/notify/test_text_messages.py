"""Text messages: every letter has one, it says no more than the letter may, and it fits."""

from __future__ import annotations

from typing import Any

import pytest

from services.notify.adapters.channels.govuk_notify import MOST_TEXT_CHARACTERS
from services.notify.adapters.channels.letters import LetterTemplates
from services.notify.domain.model import Kind
from services.notify.domain.policy.templates import TEXT, template_for
from services.notify.domain.policy.wording import CannotWrite, words_for
from shared.contracts.parts import SubjectKind
from tests.support.builders_notify import REFERENCE, TEMPLATES, southampton

from .test_letters import CODES, KINDS, LETTERS, PHONE, a_contact, a_message

TEXTS = LetterTemplates(TEMPLATES)
RULES = [(kind, rule) for rule in southampton().messages for kind in sorted(rule.referrer_kinds)]


def written(template: str, *, tells_outcome: bool, kind: Kind, children: int = 1) -> str:
    contact = a_contact((SubjectKind.CHILD,) * children, decided=children)
    message = a_message(contact, tells_outcome=tells_outcome, kind=kind)
    message.codes, message.result = CODES.get(kind, ()), "upheld" if kind is Kind.ANSWER else None
    words = words_for(message, contact, lambda _: southampton())
    return TEXTS.write(template_for(template, short=True), words | {"sender_reference": "SCH/14", "phone": PHONE}).body


def test_every_letter_has_a_text_message() -> None:
    letters = {name for name in LETTERS.names if not name.startswith(TEXT)}
    assert {name.removeprefix(TEXT) for name in LETTERS.names - letters} == letters


@pytest.mark.parametrize(("kind", "rule"), RULES, ids=lambda value: getattr(value, "code", value))
def test_each_says_our_reference_and_only_what_its_rule_allows(kind: str, rule: Any) -> None:
    of_kind = KINDS.get(rule.on.event, Kind.OUTCOME)
    text = written(rule.template, tells_outcome=rule.tells_outcome, kind=of_kind)
    assert REFERENCE in text
    assert PHONE in text
    assert "SCH/14" not in text, "the sender's own words do not travel to a telephone"
    assert (southampton().outcomes["signpost"].plain_words in text) is rule.tells_outcome
    if kind in ("public", "anonymous"):
        assert not rule.tells_outcome


@pytest.mark.parametrize(("kind", "rule"), RULES, ids=lambda value: getattr(value, "code", value))
def test_it_fits_with_two_children(kind: str, rule: Any) -> None:
    del kind
    of_kind = KINDS.get(rule.on.event, Kind.OUTCOME)
    text = written(rule.template, tells_outcome=rule.tells_outcome, kind=of_kind, children=2)
    assert len(text) <= MOST_TEXT_CHARACTERS


def test_a_text_message_of_the_public_cannot_even_ask_for_outcomes() -> None:
    with pytest.raises(CannotWrite):
        written("professional-outcome", tells_outcome=False, kind=Kind.OUTCOME)


def test_a_family_is_asked_nothing_but_to_phone() -> None:
    text = written("family-question", tells_outcome=False, kind=Kind.QUESTION)
    assert not any(southampton().questions[code] in text for code in CODES[Kind.QUESTION])
