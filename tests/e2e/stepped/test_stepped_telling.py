"""Every kind of referrer told, or not told, rightly: by whom, when, once, with proof, and with nothing personal."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from shared.policy.loader import load_pack
from shared.service import ROOT

from .play import PERSONAL, Play
from .plays import PLAYS
from .run import Contact, Seen

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]
PACK = load_pack(ROOT / "policies")
TO_REFERRER = {"acknowledgement", "outcome", "notice", "question", "answer"}
AT_ONCE = timedelta(seconds=1)
OUTCOME_WORDS = [outcome.plain_words for outcome in PACK.outcomes.values()] + list(PACK.reasons.values())
play_by_play = pytest.mark.parametrize("play", PLAYS, ids=[play.name for play in PLAYS])


def test_every_kind_of_referrer_tells_something() -> None:
    kinds = {kind for rule in PACK.messages for kind in rule.referrer_kinds} | {"anonymous"}
    assert {play.contact["referrer"]["kind"] for play in PLAYS} == kinds


def test_every_rule_of_telling_is_seen_at_work() -> None:
    """But those of questions, which are asked by staff, and what a family is told of a revision or of a challenge."""
    elsewhere = {"question-professional", "question-family", "revised-family", "challenge-answer-family"}
    seen = {letter.purpose for play in PLAYS for letter in play.letters}
    assert seen == {rule.code for rule in PACK.messages if rule.referrer_kinds} - elsewhere


@play_by_play
def test_the_referrer_was_sent_these_letters_at_these_moments_and_no_others(seen: Seen, play: Play) -> None:
    told = _to_referrer(seen.contacts[play.name])
    sent = Counter(one["purpose"] for one in told if one["state"] == "sent")
    assert sent == Counter(letter.purpose for letter in play.letters)
    for letter in play.letters:
        settled = next(one["settled_at"] for one in told if one["purpose"] == letter.purpose)
        assert abs(datetime.fromisoformat(settled) - letter.at) <= AT_ONCE, letter
    assert {one["purpose"] for one in told if one["state"] == "told"} == set(play.attested)
    assert {one["state"] for one in told} <= {"sent", "told", "superseded"}


@play_by_play
def test_what_was_sent_is_in_the_post_once(seen: Seen, play: Play) -> None:
    told = _to_referrer(seen.contacts[play.name])
    ids = Counter(str(one["Message-ID"]).strip("<>").split("@")[0] for one in _letters_to(seen, play))
    assert ids == Counter(one["id"] for one in told if one["state"] == "sent")


@play_by_play
def test_informed_is_said_with_proof_of_each_telling_of_the_outcome_and_of_nothing_else(seen: Seen, play: Play) -> None:
    contact = seen.contacts[play.name]
    said = {one.id: one.data for one in seen.said if one.contact_id == contact.id and one.event == "ReferrerInformed"}
    outcomes = {
        one["id"]: one for one in _to_referrer(contact) if one["kind"] == "outcome" and one["state"] in {"sent", "told"}
    }
    assert Counter(data["delivery"]["message_id"] for data in said.values()) == Counter(list(outcomes))
    for data in said.values():
        message = outcomes[data["delivery"]["message_id"]]
        assert data["delivery"]["proof"] == ("accepted" if message["state"] == "sent" else "attested")
        assert datetime.fromisoformat(data["delivery"]["at"]) == datetime.fromisoformat(message["settled_at"])
        assert data["decisions"] == message["decisions"]
        assert data["complete"]


def test_nothing_personal_and_none_of_staffs_words_is_in_any_letter(seen: Seen) -> None:
    assert seen.letters
    for letter in seen.letters:
        text = f"{letter['Subject']}\n{_body(letter)}"
        assert [word for word in PERSONAL if word in text] == []


def test_the_public_get_a_receipt_that_tells_no_outcome(seen: Seen) -> None:
    public = [play for play in PLAYS if play.contact["referrer"]["kind"] == "public"]
    letters = [letter for play in public for letter in _letters_to(seen, play)]
    assert len(letters) == len(public)
    for letter in letters:
        assert [words for words in OUTCOME_WORDS if words in _body(letter)] == []


def test_a_professional_is_told_the_outcome_in_the_packs_words(seen: Seen) -> None:
    for play in PLAYS:
        outcome = next((one for one in play.letters if one.purpose == "outcome-professional"), None)
        if outcome is not None:
            bodies = [_body(letter) for letter in _letters_to(seen, play)]
            assert sum(any(words in body for words in OUTCOME_WORDS) for body in bodies) >= 1, play.name


def test_each_letter_has_our_reference_and_no_other_ones(seen: Seen) -> None:
    references = {name: contact.reference for name, contact in seen.contacts.items()}
    for play in PLAYS:
        for letter in _letters_to(seen, play):
            found = {name for name, reference in references.items() if reference in _body(letter)}
            assert found == {play.name}


def _to_referrer(contact: Contact) -> list[dict[str, Any]]:
    return [one for one in contact.notifications if one["kind"] in TO_REFERRER]


def _letters_to(seen: Seen, play: Play) -> list[EmailMessage]:
    return [letter for letter in seen.letters if letter["To"] == play.address]


def _body(letter: EmailMessage) -> str:
    return letter.get_content()
