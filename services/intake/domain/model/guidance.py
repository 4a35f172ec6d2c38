"""Guidance before a contact: what the rating would be, and what a professional does next. Pure; keeps nothing.

The evaluator, the pack and the way facts are put together are those of the rating itself, so that advice and rating
cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.policy.evaluate import SubjectRating, rate
from shared.policy.facts import Facts
from shared.policy.model import Pack
from shared.policy.next_steps import NextStep

from .times import MONTHS_UNDER_YEARS, UNKNOWN_AGE, WEEKS_UNDER, AgeSpoken

_DAYS_A_WEEK, _MOST_DAYS_A_MONTH, _MONTHS_A_YEAR = 7, 31, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody to call; a number and hours where the pack has them."""

    code: str
    words: str
    number: str | None
    when: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What the answers come to. ``framework`` says what the level means; the rating is the active pack's."""

    rating: SubjectRating
    level: int | None
    level_by_person: bool
    framework: Pack
    steps: tuple[NextStep, ...]
    phone_now: tuple[Call, ...]
    call: tuple[Call, ...]


def guide(pack: Pack, facts: Facts, *, framework: Pack, facts_there: Facts) -> Guidance:
    """What to do about one subject. ``framework`` may be another pack, whose indicators were answered: it names the
    level (by ``facts_there``, as it reads the answers), and nothing else.
    """
    rating = rate(pack, facts)
    levelled = rating if framework is pack else rate(framework, facts_there)
    steps = steps_for(pack, rating)
    now = {code: None for step in steps if step.now for code in step.calls}
    level = framework.levels.get(levelled.level or 0)
    later = {code: None for step in steps for code in step.calls}
    if level is not None and level.call is not None:
        later[level.call] = None
    owners = {code: framework if code not in pack.calls else pack for code in later}
    return Guidance(
        rating=rating,
        level=levelled.level,
        level_by_person=levelled.level_by_person,
        framework=framework,
        steps=steps,
        phone_now=tuple(_call(pack, code) for code in now),
        call=tuple(_call(owner, code) for code, owner in owners.items() if code not in now),
    )


def steps_for(pack: Pack, rating: SubjectRating) -> tuple[NextStep, ...]:
    """The pack's next steps that fit a rating, in the pack's order: what a proposed route asks for, else those in
    force.
    """
    routes = (rating.proposed_route,) if rating.proposed_route is not None else rating.routes
    return tuple(
        step
        for step in pack.next_steps
        if step.fits(routes=routes, level=rating.level, flags=rating.flags, advice=rating.advice)
    )


def _call(pack: Pack, code: str) -> Call:
    line = pack.lines.get(code)
    return Call(
        code=code,
        words=pack.calls[code],
        number=line.number if line is not None else None,
        when=line.when if line is not None else None,
    )


def age_said(unit: str, value: int) -> AgeSpoken:
    """An age in the words that a contact's age is said in, as low as it may be: fourteen weeks are three months."""
    if unit == "weeks" and value < WEEKS_UNDER:
        return AgeSpoken("weeks", value)
    match unit:
        case "weeks":
            months = value * _DAYS_A_WEEK // _MOST_DAYS_A_MONTH
        case "months":
            months = value
        case "years":
            months = value * _MONTHS_A_YEAR
        case _:
            return UNKNOWN_AGE
    if months < MONTHS_UNDER_YEARS * _MONTHS_A_YEAR:
        return AgeSpoken("months", months)
    return AgeSpoken("years", months // _MONTHS_A_YEAR)
