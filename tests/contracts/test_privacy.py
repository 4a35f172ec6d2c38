"""No field of an event can hold personal data: every text is listed here with its form, or the test fails."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime

from shared.contracts.envelope import EventData, OpenEnum, Part
from shared.policy import facts

from .samples import TYPES, example, leaves, objects, parts

CODE = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}"
FACT = "|".join([*facts.ANSWERS, *facts.SCALES, *facts.NUMBERS])
REFERENCE = r"MASH-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]"

TEXTS: dict[str, str] = {
    "Clock.basis": CODE,  # where the clock's length comes from: pack, request
    "Clock.kind": CODE,  # the pack's
    "Clock.rating": CODE,  # the pack's
    "CaseRestated.rating": CODE,
    "CaseRestated.stage": CODE,  # triage's stages
    "ContactClosed.reason_code": CODE,
    "ContactErased.reason_code": CODE,
    "ContactKept.reference": REFERENCE,  # of random bits: says nothing of the contact
    "ContactRated.cause": CODE,  # received, restated, person, parked
    "ContactRated.rating": CODE,
    "ContactReceived.channel": CODE,  # api, phone …: a closed list at the door
    "ContactReceived.sender_grade": CODE,  # a closed list at the door
    "DeadlineApproaching.reference": REFERENCE,
    "DeadlineApproaching.step": CODE,
    "DeadlineBreached.reference": REFERENCE,
    "DeadlineCancelled.reason_code": CODE,
    "DeadlineCancelled.reference": REFERENCE,
    "DeadlineEscalated.reference": REFERENCE,
    "DeadlineEscalated.step": CODE,
    "DeadlineMet.reference": REFERENCE,
    "DeadlineSet.reference": REFERENCE,
    "DecisionMade.outcome": CODE,
    "DecisionMade.reason_codes": CODE,
    "DecisionMade.service_codes": CODE,
    "Delivery.channel": CODE,
    "Delivery.receipt": CODE,
    "DeliveryFailed.channel": CODE,
    "DeliveryFailed.purpose": CODE,
    "DeliveryFailed.reason_code": CODE,
    "DeliveryFailed.reference": REFERENCE,
    "DiscussionHeld.attended": CODE,  # agencies, never people
    "DiscussionHeld.kind": CODE,
    "MilestoneRecorded.code": CODE,
    "PolicyVersion.hash": r"[0-9a-f]{64}",
    "PolicyVersion.id": CODE,
    "PolicyVersion.version": r"[0-9]+",
    "Referrer.organisation_id": CODE,
    "Referrer.source_code": r"10|[1-9][A-F]?",  # children in need census
    "ReferrerAcknowledged.reference": REFERENCE,
    "ReferrerInformed.reference": REFERENCE,
    "StaffAlerted.because": CODE,
    "StaffAlerted.reference": REFERENCE,
    "StaffAlerted.rung": CODE,
    "SubjectRated.flags": CODE,
    "SubjectRated.proposed_outcome": CODE,
    "SubjectRated.proposed_route": CODE,
    "SubjectRated.rating": CODE,
    "SubjectRated.route": CODE,
    "SubjectRated.routes": CODE,
    "SubjectRated.rules": CODE,
    "SubjectTold.child_id": r"[A-Z2-7]{20}",  # keyed hash of NHS number and birth date, or random
    "SubjectTold.consent": CODE,
    "SubjectTold.facts": rf"{FACT}|{CODE}",  # the policy's closed facts, and their answers
    "SubjectTold.indicators": CODE,
    "SubjectTold.open_case": CODE,
    "SubjectTold.unrecognised": CODE,  # our own field names, with counts
    "ChallengeAnswered.reason_codes": CODE,
    "ChallengeAnswered.result": CODE,
    "CheckAnswered.agency": CODE,  # the pack's
    "CheckAnswered.answer": CODE,
    "ChecksRequested.agency": CODE,  # the pack's
    "ChecksRequested.rating": CODE,
    "ContactAssigned.hand_over": CODE,
    "ContactAssigned.team": CODE,  # the pack's; never who
    "ContactReopened.reason_code": CODE,
    "ContactsLinked.reason_code": CODE,
    "ContactsLinked.relation": CODE,
    "ContactsLinked.role": CODE,
    "ContactsUnlinked.reason_code": CODE,
    "ContactsUnlinked.role": CODE,
    "DecisionChallenged.reason_code": CODE,  # the pack's grounds
    "DiscussionHeld.result": CODE,
    "InformationAdded.given_by": CODE,
    "InformationRequested.question_codes": CODE,  # the pack's
    "LinkedSubject.rating": CODE,
    "LinkedSubject.routes": CODE,
    "Relative.certainty": CODE,
    "Relative.relation": CODE,
    "SubjectHistory.child_id": r"[A-Z2-7]{20}",
    "WithdrawalRequested.reason_code": CODE,  # the pack's
}
"""Class and field of every text in an event, with the only form its values (and keys) may have."""

HARMLESS = {UUID, int, float, bool, type(None), datetime, AwareDatetime}
FORBIDDEN_NAMES = re.compile(
    r"name|birth|dob|address|postcode|phone|mail|nhs|upn|narrative|text|note|comment|description|body|rationale|minutes"
    r"|ethnic|school|gender|sex$",
)


def kinds_of(field: Any) -> set[Any]:
    return {leaf for leaf in leaves(field.annotation) if isinstance(leaf, type)}


def texts() -> set[str]:
    return {
        f"{owner(part, name)}.{name}"
        for part in parts()
        for name, field in part.model_fields.items()
        if str in kinds_of(field)
    }


def owner(part: type[Part], name: str) -> str:
    """The class that declares the field, so that what is inherited is listed once."""
    return next(base.__name__ for base in reversed(part.__mro__) if name in getattr(base, "__annotations__", {}))


def test_every_text_is_listed() -> None:
    unlisted = texts() - set(TEXTS)
    assert not unlisted, (
        f"say in TEXTS what form these have, and why nothing personal can be in them: {sorted(unlisted)}"
    )
    assert not set(TEXTS) - texts()


def test_nothing_else_could_hold_a_text_or_a_birth_date() -> None:
    for part in parts():
        for name, field in part.model_fields.items():
            odd = {kind for kind in kinds_of(field) - HARMLESS - {str} if not issubclass(kind, Part | OpenEnum)}
            assert not odd, f"{part.__name__}.{name}: {odd}"


def test_no_field_is_named_after_something_personal() -> None:
    found = [
        f"{part.__name__}.{name}" for part in parts() for name in part.model_fields if FORBIDDEN_NAMES.search(name)
    ]
    # whether there is an address, and where it is asked for; never the address
    assert sorted(set(found)) == ["Referrer.has_address"]


def said(value: Any) -> list[str]:
    """Every text in a field's value, the keys of mappings included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in said(one)]
    return [text for one in value for text in said(one)] if isinstance(value, list) else []


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_the_examples_have_the_forms_listed(kind: type[EventData]) -> None:
    for part, found in objects(example(kind), kind):
        for name, field in part.model_fields.items():
            if str in kinds_of(field):
                form = TEXTS[f"{owner(part, name)}.{name}"]
                assert all(re.fullmatch(form, text) for text in said(found[name])), f"{part.__name__}.{name}"
