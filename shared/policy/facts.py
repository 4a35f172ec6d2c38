"""The closed set of facts a rating may rest on, for one subject of a contact. Standard library only.

Whoever asks (a partner's form, a practitioner on the phone, an event of ours) fills in what is known; everything
else stays "not known". Nothing here identifies anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final


class Answer(StrEnum):
    """How a question was answered. "Not known" is an answer of its own and never lowers a rating."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class Kind(StrEnum):
    """Who the worry is about."""

    CHILD = "child"
    UNBORN = "unborn"
    ADULT = "adult"
    UNKNOWN = "unknown"


class ExploitationScore(StrEnum):
    """Result of the child exploitation risk assessment, lowest first."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    NOT_KNOWN = "not_known"


class DomesticAbuseRisk(StrEnum):
    """Result of the DASH domestic abuse risk assessment, lowest first."""

    STANDARD = "standard"
    MEDIUM = "medium"
    HIGH = "high"
    NOT_KNOWN = "not_known"


class Consent(StrEnum):
    """Consent to share, by an adult with parental responsibility."""

    GIVEN = "given"
    REFUSED = "refused"
    NOT_SOUGHT = "not_sought"
    NOT_APPLICABLE = "not_applicable"
    NOT_KNOWN = "not_known"


class ReferrerKind(StrEnum):
    """Who told the front door; decides what may be said back."""

    INVOLVED_PROFESSIONAL = "involved_professional"
    PROFESSIONAL = "professional"
    FAMILY = "family"
    PUBLIC = "public"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about one subject. Ages are at the incident; counts of history cover the window in their name."""

    kind: Kind = Kind.UNKNOWN
    age_months: int | None = None
    age_weeks: int | None = None
    indicators: Mapping[str, Answer] = field(default_factory=dict[str, Answer])

    immediate_danger: Answer = Answer.NOT_KNOWN
    abuse_suspected: Answer = Answer.NOT_KNOWN
    injury: Answer = Answer.NOT_KNOWN
    bruise_or_mark: Answer = Answer.NOT_KNOWN
    independently_mobile: Answer = Answer.NOT_KNOWN
    sexual_activity: Answer = Answer.NOT_KNOWN
    fgm_risk: Answer = Answer.NOT_KNOWN
    honour_based_abuse: Answer = Answer.NOT_KNOWN
    significant_harm: Answer = Answer.NOT_KNOWN
    disabled: Answer = Answer.NOT_KNOWN
    private_fostering: Answer = Answer.NOT_KNOWN
    sees_domestic_abuse: Answer = Answer.NOT_KNOWN
    parent_asks_for_help: Answer = Answer.NOT_KNOWN
    open_case: Answer = Answer.NOT_KNOWN

    exploitation_score: ExploitationScore = ExploitationScore.NOT_KNOWN
    domestic_abuse_risk: DomesticAbuseRisk = DomesticAbuseRisk.NOT_KNOWN
    consent: Consent = Consent.NOT_KNOWN
    referrer_kind: ReferrerKind | None = None

    missing_episodes_90_days: int | None = None
    missing_hours: int | None = None
    disability_band: int | None = None
    attendance_percent: int | None = None

    repeat_contacts_12_months: int = 0
    referrals_12_months: int = 0
    assessments_closed_12_months: int = 0
    same_home_12_months: int = 0
    history_probable: Answer = Answer.NOT_KNOWN
    previous_no_further_action: Answer = Answer.NOT_KNOWN
    closed_within_6_months: Answer = Answer.NOT_KNOWN
    greens_3_months: int = 0
    agencies_7_days: int = 0

    unrecognised: int = 0


ANSWERS: Final = tuple(each.name for each in fields(Facts) if each.default is Answer.NOT_KNOWN)
"""Facts answered yes / no / not known."""

PROTECTIVE: Final = frozenset({"independently_mobile"})
"""Answers where "yes" reassures; everywhere else "yes" is the worrying answer."""

SCALES: Final[Mapping[str, tuple[str, ...]]] = {
    "exploitation_score": tuple(score for score in ExploitationScore if score is not ExploitationScore.NOT_KNOWN),
    "domestic_abuse_risk": tuple(risk for risk in DomesticAbuseRisk if risk is not DomesticAbuseRisk.NOT_KNOWN),
}
"""Graded facts: their known values, lowest risk first."""

CHOICES: Final[Mapping[str, type[StrEnum]]] = {"kind": Kind, "consent": Consent, "referrer_kind": ReferrerKind}
"""Facts that are one of several values with no order."""

NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "missing_episodes_90_days": (0, 1_000),
    "missing_hours": (0, 100_000),
    "disability_band": (1, 4),
    "attendance_percent": (0, 100),
    "repeat_contacts_12_months": (0, 10_000),
    "referrals_12_months": (0, 10_000),
    "assessments_closed_12_months": (0, 10_000),
    "same_home_12_months": (0, 10_000),
    "greens_3_months": (0, 10_000),
    "agencies_7_days": (0, 1_000),
}
"""Counted facts: smallest and largest value that makes sense; outside it, a value counts as unrecognised."""

AGES: Final[Mapping[str, tuple[int, int]]] = {"age_months": (0, 1_500), "age_weeks": (0, 6_500)}

LOW_IS_WORSE: Final = frozenset({"attendance_percent"})
"""Numbers where less is the worry; for every other number more is."""


def _reader_of(choice: type[StrEnum]) -> Callable[[object], object | None]:
    values = {member.value: member for member in choice}
    return lambda value: values.get(value) if isinstance(value, str) else None


def _answer(value: object) -> Answer | None:
    if isinstance(value, str):
        return _ANSWER_OF.get(value)
    return (Answer.YES if value else Answer.NO) if isinstance(value, bool) else None


def _whole_number(bounds: tuple[int, int]) -> Callable[[object], object | None]:
    low, high = bounds
    return lambda value: (
        value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else None
    )


_ANSWER_OF: Final = {answer.value: answer for answer in Answer}
_READERS: Final[Mapping[str, Callable[[object], object | None]]] = {
    **dict.fromkeys(ANSWERS, _answer),
    **{name: _reader_of(choice) for name, choice in CHOICES.items()},
    "exploitation_score": _reader_of(ExploitationScore),
    "domestic_abuse_risk": _reader_of(DomesticAbuseRisk),
    **{name: _whole_number(bounds) for name, bounds in {**NUMBERS, **AGES}.items()},
}
_DEFAULTS: Final = {
    each.name: each.default for each in fields(Facts) if each.name not in {"indicators", "unrecognised"}
}


def facts_from(values: Mapping[str, object]) -> Facts:
    """Read facts out of an event's plain mapping; never raises.

    A name or a value nobody recognises is left out and counted in `unrecognised`, which asks for a person. `None`
    means "nothing was said". `indicators` maps code to answer; whether a code exists is the pack's to say.
    """
    read: dict[str, Any] = {}
    unrecognised = 0
    for name, value in values.items():
        if value is None:
            continue
        if name == "indicators":
            read[name], strange = _indicators(value)
            unrecognised += strange
        elif name == "unrecognised":
            unrecognised += value if isinstance(value, int) and value >= 0 else 1
        else:
            reader = _READERS.get(name)
            known = reader(value) if reader is not None else None
            if known is None:
                unrecognised += 1
            else:
                read[name] = known
    return Facts(**read, unrecognised=unrecognised)


def _indicators(value: object) -> tuple[dict[str, Answer], int]:
    if not isinstance(value, Mapping):
        return {}, 1
    answered: dict[str, Answer] = {}
    strange = 0
    for code, given in value.items():
        answer = _answer(given)
        if isinstance(code, str) and answer is not None:
            answered[code] = answer
        else:
            strange += 1
    return answered, strange


def plain(facts: Facts) -> dict[str, object]:
    """The facts as an event carries them: only what is known, enums as text. `facts_from(plain(facts)) == facts`."""
    written: dict[str, object] = {}
    for name, default in _DEFAULTS.items():
        value: object = getattr(facts, name)
        if value != default:
            written[name] = value.value if isinstance(value, StrEnum) else value
    if facts.indicators:
        written["indicators"] = {code: answer.value for code, answer in sorted(facts.indicators.items())}
    if facts.unrecognised:
        written["unrecognised"] = facts.unrecognised
    return written


def age_facts(unit: str, value: int | None) -> dict[str, int]:
    """An age as events say it (weeks, months or years) as facts; nothing for an age not known or a time to birth."""
    if value is None or value < 0:
        return {}
    ages = {"weeks": {"age_weeks": value}, "months": {"age_months": value}, "years": {"age_months": value * 12}}
    return ages.get(unit, {})
