"""What a monthly measure counts, as far as the pack's codes decide it: frozen data. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRule:
    """One measure. What is not given asks for nothing."""

    code: str
    name: str
    milestone: str | None = None  # counted in the month it is reached
    outcomes: tuple[str, ...] = ()  # of subjects who were decided so
    age_from: int | None = None  # years at receipt
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])  # any, with any answer
    cin_factors: tuple[str, ...] = ()  # or any indicator of these census factors, answered yes
