"""A pack's values in words, for people who compare two versions of it. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import time
from enum import Enum
from typing import Any, Final

from shared.policy.conditions import Age, AnyOf, Compare, CountYes, Every, Is, No, NoneYes, UnlessYes, Yes
from shared.policy.timetable import Basis, Trigger, Within

NOTHING: Final = "nothing"
MINUTES_AN_HOUR: Final = 60
MONTHS_A_YEAR: Final = 12
SEVERAL: Final = 2
SHOWN_NAMES: Final = 6
"""Of a longer list of names only so many are written out."""


def spell(value: object) -> str:
    """The value as a sentence would have it; what is not a value of a pack is written as Python writes it."""
    words: str
    match value:
        case None | () | "":
            words = NOTHING
        case bool():
            words = "yes" if value else "no"
        case Enum():
            words = str(value.value)
        case time():
            words = f"{value:%H:%M}"
        case Mapping():
            words = "; ".join(f"{spell(key)}: {spell(each)}" for key, each in value.items()) or NOTHING
        case tuple() | list():
            words = ", ".join(map(spell, value))  # pyright: ignore[reportUnknownArgumentType]
        case frozenset() | set():
            words = ", ".join(sorted(map(spell, value))) or NOTHING  # pyright: ignore[reportUnknownArgumentType]
        case _:
            words = _of_its_own(value)
    return words


def _of_its_own(value: object) -> str:
    match value:
        case Within():
            return _within(value)
        case Trigger(event, where, where_all):
            asked = [f"{name} is {' or '.join(sorted(allowed))}" for name, allowed in where]
            asked += [f"{name} has {' and '.join(sorted(needed))}" for name, needed in where_all]
            return event + (f" where {' and '.join(asked)}" if asked else "")
        case _:
            condition = _condition(value)
            if condition is not None or not is_dataclass(value) or isinstance(value, type):
                return str(value) if condition is None else condition
            return "; ".join(f"{each.name}: {spell(getattr(value, each.name))}" for each in fields(value))


def _condition(value: object) -> str | None:
    match value:
        case Every(conditions):
            return f"({' and '.join(map(spell, conditions))})"
        case AnyOf(conditions):
            return f"({' or '.join(map(spell, conditions))})"
        case Age():
            return _age(value)
        case _:
            return _of_one_fact(value)


def _of_one_fact(value: Any) -> str | None:
    words: str | None = None
    match value:
        case Yes(name):
            words = f"yes to {name}"
        case No(name):
            words = f"no to {name}"
        case UnlessYes(name):
            words = f"unless yes to {name}"
        case CountYes(names, at_least):
            words = f"yes to {'any' if at_least == 1 else f'{at_least} or more'} of {_some(names)}"
        case NoneYes(names):
            words = f"yes to none of {_some(names)}"
        case Compare(name, than, limit, or_unknown, scale):
            shown = scale[limit] if scale else limit
            words = f"{name} {than.value.replace('_', ' ')} {shown}{' or not known' if or_unknown else ''}"
        case Is(name, values):
            words = f"{name} is {' or '.join(sorted(values))}"
        case _:
            pass
    return words


def _some(names: Iterable[str]) -> str:
    known = sorted(names)
    more = f" and {len(known) - SHOWN_NAMES} more" if len(known) > SHOWN_NAMES else ""
    return f"[{', '.join(known[:SHOWN_NAMES])}{more}]"


def _age(age: Age) -> str:
    bounds = [f"from {_months(age.at_least)}"] if age.at_least is not None else []
    bounds += [f"under {_months(age.under)}"] if age.under is not None else []
    return f"age {' '.join(bounds)}{' if known' if age.if_known else ' or not known'}"


def _months(months: int) -> str:
    whole, rest = divmod(months, MONTHS_A_YEAR)
    return f"{months} months" if rest or whole < SEVERAL else f"{whole} years"


def _within(within: Within) -> str:
    if within.basis is Basis.WORKING_DAYS:
        return f"{within.amount} working days ({within.counting.value.replace('_', ' ')})"
    whole, rest = divmod(within.amount, MINUTES_AN_HOUR)
    length = f"{within.amount} minutes" if rest else f"{whole} hours"
    return f"{length} {within.basis.value.replace('_', ' ')}"
