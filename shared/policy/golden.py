"""Golden cases: what was agreed that a pack must say, written from the published document. Standard library only.

A pack that says otherwise does not start. `shows` names the rules and principles a case is there for, beside those
that fire in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Names: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCase:
    """Facts, and the rating agreed for them."""

    name: str
    shows: Names
    facts: Mapping[str, object]
    rating: str
    routes: Names
    proposed_route: str | None
    outcome: str | None
    level: int | None
    rules: Names  # exactly these reasons, in any order
    flags: Names
    clocks: Names | None  # clocks started by the rating; None: not part of this case
    line: str  # where it is written, for the failure


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenEvent:
    """Something that happens, and the clocks and messages agreed for it."""

    name: str
    shows: Names
    event: str
    attributes: Mapping[str, str | bool | frozenset[str]]
    starts: Names  # these clocks at least
    stops: Names  # these clocks at least
    leaves: Names  # clocks that it neither starts nor stops
    again: Names  # clocks that it begins anew once they have ended, at least
    tells: Names | None  # exactly these templates to a referrer of this kind; None: not part of this case
    alerts: Names | None  # exactly these alerts; None: not part of this case
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenDecision:
    """A decision, and what was agreed that it must carry. What is None is not part of the case."""

    name: str
    shows: Names
    route: str
    outcome: str
    consent: str
    provided: Names
    attended: Names
    level: int | None
    missing: Names  # exactly this is still lacking, in any order
    counts_as_referral: bool | None
    authorised_by: str | None
    asks_family: bool | None
    line: str
