"""Figures of a month as they were given out: once it is over a first version, and one more each time it moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from .measures import Measure

Figure = tuple[str | None, int, int | None]
"""Value (as text, exact), numerator, denominator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One version of a month's figures, by code of measure."""

    month: date
    version: int
    published_at: datetime
    policy: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A figure that was given out and is not the figure any more: what it was in ``version``."""

    version: int
    published_at: datetime
    code: str
    figure: Figure


def figures_of(measures: Iterable[Measure]) -> dict[str, Figure]:
    """The figures as they are kept."""
    return {
        one.code: (str(one.value) if one.value is not None else None, one.numerator, one.denominator)
        for one in measures
    }


def next_version(
    published: Sequence[Publication], *, month: date, policy: str, figures: Mapping[str, Figure], now: datetime
) -> Publication | None:
    """What must be added to what was given out; None where the figures are the latest version's."""
    if published and published[-1].figures == figures:
        return None
    return Publication(month=month, version=len(published) + 1, published_at=now, policy=policy, figures=figures)


def moved(published: Sequence[Publication]) -> Iterator[Moved]:
    """Every figure that a later version says otherwise, the oldest first."""
    for before, after in pairwise(published):
        for code, figure in before.figures.items():
            if after.figures.get(code) != figure:
                yield Moved(version=before.version, published_at=before.published_at, code=code, figure=figure)
