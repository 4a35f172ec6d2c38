"""How intake asks the policy pack: what to advise whoever has just told us."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from shared.policy.evaluate import rate
from shared.policy.model import Pack
from shared.policy.subject import subject_facts

from .model.contact import ContactTold, Subject
from .model.history import PackWords
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


def history_words(pack: Pack) -> PackWords:
    """The pack's own codes for what a history counts. A rating that only says "nobody has rated it" is never lowest."""
    unrated = pack.rating_of(pack.fallbacks.unrated.route).code
    ranks = {rating.code: rating.rank for rating in pack.ratings.values() if rating.code != unrated}
    lowest = min(ranks.values())
    return PackWords(
        lowest_ratings=frozenset(code for code, rank in ranks.items() if rank == lowest),
        no_further_action=frozenset(code for code, outcome in pack.outcomes.items() if outcome.no_further_action),
    )
