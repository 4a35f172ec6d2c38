"""Answers to the same question: which one holds when it was answered more than once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.policy.facts import LOW_IS_WORSE, PROTECTIVE, SCALES, Answer

Facts = Mapping[str, str | int]
NOT_KNOWN: Final = Answer.NOT_KNOWN.value


def later(earlier: Facts, said: Facts) -> dict[str, str | int]:
    """The later answer wins; "not known" is what somebody did not know, and overrides nothing."""
    return {**earlier, **{name: answer for name, answer in said.items() if answer != NOT_KNOWN or name not in earlier}}


def graver(name: str, one: str | int, other: str | int) -> str | int:
    """Of two answers given at once to the fact ``name``, the one that worries more."""
    if NOT_KNOWN in (one, other):
        return other if one == NOT_KNOWN else one
    if isinstance(one, int) and isinstance(other, int):
        return min(one, other) if name in LOW_IS_WORSE else max(one, other)
    if name in SCALES:
        return max(one, other, key=lambda grade: SCALES[name].index(str(grade)))
    reassuring = Answer.YES if name in PROTECTIVE else Answer.NO
    return other if one == reassuring else one
