"""The monthly measures: their codes, names and units, and how a value follows from two counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
PER_HUNDRED, PER_TEN_THOUSAND = 100, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Children aged 0 to 17 in the area, and who says so."""

    children: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of a month; ``value`` is None where there is nothing to divide by, and ``note`` says why."""

    code: str
    name: str
    unit: str
    value: int | Decimal | None
    numerator: int
    denominator: int | None
    basis: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a measure is. ``of`` names the count it is a share of, or that it is a rate of the population."""

    code: str
    name: str
    unit: str
    basis: str | None = None
    share: bool = False
    rate: bool = False
    rule: str | None = None
    """The pack's rule it rests on; without it there is no figure."""


DEFINITIONS = {
    one.code: one
    for one in (
        Definition(code="M1", name="Contacts received, each child once per contact", unit="children"),
        Definition(code="M1-C", name="Contacts received", unit="contacts"),
        Definition(code="M2", name="New referrals", unit="children"),
        Definition(code="M3", name="New referrals as a share of contacts received", unit="%", share=True),
        Definition(code="M2-NI", name="New referrals per 10,000 children", unit="per 10,000", rate=True),
        Definition(
            code="M8-QL-24H",
            name="Decided within 24 hours of receipt",
            unit="%",
            basis="24 hours, day and night",
            share=True,
        ),
        Definition(
            code="M8-QL-1WD",
            name="Decided within one working day of receipt",
            unit="%",
            basis="closing time of the next working day",
            share=True,
        ),
        Definition(code="M6-QL-N", name="Re-referrals within 12 months", unit="children"),
        Definition(code="M6-QL", name="Re-referrals as a share of new referrals", unit="%", share=True),
        Definition(code="M4", name="Early help stepped up to section 17", unit="children", rule="M4"),
        Definition(
            code="M5", name="Referrals aged 13 or over, sexual exploitation a factor", unit="children", rule="M5"
        ),
        Definition(code="CP1", name="Section 47 enquiries started", unit="children", rule="CP1"),
        Definition(
            code="CP1-NI",
            name="Section 47 enquiries started per 10,000 children",
            unit="per 10,000",
            rate=True,
            rule="CP1",
        ),
        Definition(code="EH1", name="Early help started", unit="children", rule="EH1"),
    )
}
"""In the order in which they are shown."""


def rounded(numerator: int, denominator: int, times: int) -> Decimal:
    """The quotient to two decimals, half up: what people who check by hand do."""
    return (Decimal(numerator) * times / denominator).quantize(CENT, ROUND_HALF_UP)


def figures(
    counts: Mapping[str, tuple[int, int | None]], population: Population | None, rules: Mapping[str, object]
) -> list[Measure]:
    """Every measure of a month from its counts: numerator and, of a share, denominator, by code.

    ``rules`` are the pack's: a measure whose rule it lacks has no figure.
    """
    return [_figure(one, *counts[one.code], population, rules) for one in DEFINITIONS.values()]


def _figure(
    one: Definition,
    numerator: int,
    denominator: int | None,
    population: Population | None,
    rules: Mapping[str, object],
) -> Measure:
    value: int | Decimal | None = None
    note: str | None = None
    if one.rule is not None and one.rule not in rules:
        note = "The policy does not say what counts here."
    elif one.rate:
        denominator = population.children if population else None
        note = f"Population: {population.source}" if population else "The population is not set: MASH_POPULATION_0_17."
        value = rounded(numerator, population.children, PER_TEN_THOUSAND) if population else None
    elif one.share:
        value = rounded(numerator, denominator, PER_HUNDRED) if denominator else None
        note = None if denominator else "Nothing to be a share of."
    else:
        value = numerator
    return Measure(
        code=one.code,
        name=one.name,
        unit=one.unit,
        value=value,
        numerator=numerator,
        denominator=denominator,
        basis=one.basis,
        note=note,
    )
