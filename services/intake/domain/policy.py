"""How intake asks the policy pack: what to advise whoever has just told us."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from shared.policy.evaluate import rate
from shared.policy.model import Pack
from shared.policy.subject import subject_facts

from .model.contact import ContactTold, Subject
from .model.times import age_at


def advice_for(pack: Pack, told: ContactTold, *, on: date) -> tuple[str, ...]:
    """What to tell the caller now, in the pack's words ("call 999"), each once, the most urgent subject's first."""
    codes: dict[str, None] = {}
    for subject in told.subjects:
        codes.update(dict.fromkeys(_advice_codes(pack, subject, told, on)))
    return tuple(pack.advice[code] for code in codes)


def _advice_codes(pack: Pack, subject: Subject, told: ContactTold, on: date) -> Iterable[str]:
    age = age_at(
        on,
        birth_date=subject.birth_date,
        expected_date=subject.expected_date,
        estimated_age_years=subject.estimated_age_years,
    )
    facts = subject_facts(
        subject.facts,
        indicators=subject.indicators,
        kind=subject.kind,
        age=(age.unit, age.value),
        consent=subject.consent,
        open_case=subject.open_case,
        referrer_kind=told.referrer.kind,
        unrecognised=sum(subject.unrecognised.values()),
    )
    return rate(pack, facts).advice
