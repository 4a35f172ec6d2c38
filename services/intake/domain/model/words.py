"""The facts a sender may state, as questions in plain words, and what may be answered.

What the front door works out itself (history: earlier contacts, referrals, agencies) is no sender's to state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.policy.facts import ANSWERS, NUMBERS, SCALES, Answer, Consent, DomesticAbuseRisk, ExploitationScore, Kind

QUESTIONS: Final[Mapping[str, str]] = {
    "immediate_danger": "Is the child in immediate danger?",
    "abuse_suspected": "May the child be suffering abuse, or have suffered it?",
    "significant_harm": "Is the child suffering significant harm, or likely to?",
    "injury": "Is there an injury?",
    "bruise_or_mark": "Is there a bruise or a mark?",
    "independently_mobile": "Does the child move about without help?",
    "sexual_activity": "Is there sexual activity?",
    "fgm_risk": "Has FGM been done, or is there a risk of it?",
    "honour_based_abuse": "Is there honour-based abuse, or a risk of forced marriage?",
    "disabled": "Is the child disabled?",
    "private_fostering": "Is the child privately fostered?",
    "sees_domestic_abuse": "Does the child see, hear or feel domestic abuse?",
    "parent_asks_for_help": "Does a parent ask for help?",
    "open_case": "Does the child have an allocated worker?",
    "exploitation_score": "What did the child exploitation risk assessment come to?",
    "domestic_abuse_risk": "What did the DASH domestic abuse risk assessment come to?",
    "missing_episodes_90_days": "How many times was the child missing in the last 90 days?",
    "missing_hours": "For how many hours has the child been missing?",
    "disability_band": "Which disability band, 1 to 4?",
    "attendance_percent": "What share of sessions does the child attend, in per cent?",
}
HISTORY: Final = frozenset(
    {
        "repeat_contacts_12_months",
        "referrals_12_months",
        "assessments_closed_12_months",
        "same_home_12_months",
        "history_probable",
        "previous_no_further_action",
        "closed_within_6_months",
        "greens_3_months",
        "agencies_7_days",
    }
)
ANSWER_WORDS: Final[Mapping[str, str]] = {Answer.YES: "Yes", Answer.NO: "No", Answer.NOT_KNOWN: "Not known"}
GRADE_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "exploitation_score": {
        ExploitationScore.NONE: "No risk",
        ExploitationScore.LOW: "Low",
        ExploitationScore.MEDIUM: "Medium",
        ExploitationScore.HIGH: "High",
        ExploitationScore.NOT_KNOWN: "Not assessed, or not known",
    },
    "domestic_abuse_risk": {
        DomesticAbuseRisk.STANDARD: "Standard",
        DomesticAbuseRisk.MEDIUM: "Medium",
        DomesticAbuseRisk.HIGH: "High",
        DomesticAbuseRisk.NOT_KNOWN: "Not assessed, or not known",
    },
}
KIND_WORDS: Final[Mapping[str, str]] = {
    Kind.CHILD: "A child",
    Kind.UNBORN: "An unborn child",
    Kind.ADULT: "An adult",
    Kind.UNKNOWN: "Not known",
}
CONSENT_WORDS: Final[Mapping[str, str]] = {
    Consent.GIVEN: "Given",
    Consent.REFUSED: "Refused",
    Consent.NOT_SOUGHT: "Not sought, because asking would raise the risk",
    Consent.NOT_APPLICABLE: "Not applicable",
}
SEX_WORDS: Final[Mapping[str, str]] = {
    "F": "Female",
    "M": "Male",
    "U": "Not known, or an unborn child",
    "X": "Neither, or not stated",
}
CHANNEL_WORDS: Final[Mapping[str, str]] = {
    "api": "A system's own message",
    "phone": "By phone",
    "email": "By e-mail",
    "form": "By form",
    "post": "By post",
    "in_person": "In person",
}
REFERRER_WORDS: Final[Mapping[str, str]] = {
    "involved_professional": "A professional who is involved with the family",
    "professional": "A professional",
    "family": "The child or family themselves",
    "public": "A member of the public",
    "anonymous": "Somebody who does not want to be named",
}
DISABILITY_WORDS: Final[Mapping[str, str]] = {
    "NONE": "No disability",
    "MOB": "Mobility",
    "HAND": "Hand function",
    "PC": "Personal care",
    "INC": "Incontinence",
    "COMM": "Communication",
    "LD": "Learning",
    "HEAR": "Hearing",
    "VIS": "Vision",
    "BEH": "Behaviour",
    "CON": "Consciousness",
    "AUT": "Autism, diagnosed",
    "DDA": "Another disability under the Equality Act",
}
"""Disability, as the children in need census codes it (DfE)."""
SOURCE_WORDS: Final[Mapping[str, str]] = {
    "1A": "Family member, relative or carer",
    "1B": "Acquaintance",
    "1C": "The child themselves",
    "1D": "Other individual",
    "2A": "School",
    "2B": "Education service",
    "3A": "GP",
    "3B": "Health visitor",
    "3C": "School nurse",
    "3D": "Other primary health service",
    "3E": "Accident and emergency department",
    "3F": "Other health service",
    "4": "Housing",
    "5A": "Children's social care of a local authority",
    "5B": "Another department of the local authority",
    "5C": "Another local authority",
    "5D": "Early help",
    "6": "Police",
    "7": "Other legal agency",
    "8": "Other",
    "9": "Anonymous",
    "10": "Not known",
}
"""Referral source, as the children in need census codes it (DfE)."""


class Form(StrEnum):
    """How a fact is answered."""

    ANSWER = "answer"  # yes, no or not known
    GRADE = "grade"  # one of a scale, lowest first
    NUMBER = "number"  # a whole number between two bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class FactWords:
    """One fact a sender may state."""

    name: str
    question: str
    form: Form
    values: Mapping[str, str]
    bounds: tuple[int, int] | None = None


def facts_to_state() -> tuple[FactWords, ...]:
    """Every fact a sender may state, in the order they are asked."""
    return tuple(_words(name, question) for name, question in QUESTIONS.items())


def _words(name: str, question: str) -> FactWords:
    if name in ANSWERS:
        return FactWords(name=name, question=question, form=Form.ANSWER, values=ANSWER_WORDS)
    if name in SCALES:
        return FactWords(name=name, question=question, form=Form.GRADE, values=GRADE_WORDS[name])
    return FactWords(name=name, question=question, form=Form.NUMBER, values={}, bounds=NUMBERS[name])


def plain(code: str) -> str:
    """A code that is words already, written as words."""
    return code.replace("_", " ").capitalize()


def said_in_words(name: str, value: str) -> str:
    """How an answer reads beside its question."""
    return ANSWER_WORDS.get(value) or GRADE_WORDS.get(name, {}).get(value) or KIND_WORDS.get(value) or value
