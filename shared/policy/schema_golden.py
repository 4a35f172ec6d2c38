"""The YAML of a pack's golden cases: facts, events and decisions, and what must come of each."""

from __future__ import annotations

from pydantic import Field, JsonValue

from shared.policy.facts import Consent
from shared.policy.schema_forms import Code, Strict, Words


class ExpectedEntry(Strict):
    """What the facts of a golden case must end with."""

    rating: Code
    routes: tuple[Code, ...]
    proposed_route: Code | None = None
    outcome: Code | None = None
    level: int | None = None
    rules: tuple[Code, ...]
    flags: tuple[Code, ...] = ()
    clocks: tuple[Code, ...] | None = None


class GoldenEntry(Strict):
    """A golden case: facts, and the rating that must come of them."""

    name: Words
    shows: tuple[Code, ...] = ()
    facts: dict[str, JsonValue]
    expect: ExpectedEntry


class ExpectedOfEventEntry(Strict):
    """What an event must set going; of clocks these at least, of messages and alerts exactly these."""

    starts: tuple[Code, ...] = ()
    stops: tuple[Code, ...] = ()
    leaves: tuple[Code, ...] = ()
    again: tuple[Code, ...] = ()
    tells: tuple[Code, ...] | None = None
    alerts: tuple[Code, ...] | None = None


class GoldenEventEntry(Strict):
    """A golden event: what happens, and the clocks and messages that must come of it."""

    name: Words
    shows: tuple[Code, ...] = ()
    event: Code
    attributes: dict[str, str | bool | tuple[Code, ...]] = Field(default={})
    expect: ExpectedOfEventEntry


class ExpectedOfDecisionEntry(Strict):
    """What a decision must still lack, and what the pack says of its outcome."""

    missing: tuple[Words, ...]
    counts_as_referral: bool | None = None
    authorised_by: Code | None = None
    asks_family: bool | None = None


class GoldenDecisionEntry(Strict):
    """A golden decision: an outcome by a route, with what is at hand, and what it must still lack."""

    name: Words
    shows: tuple[Code, ...] = ()
    route: Code
    outcome: Code
    consent: Consent = Consent.NOT_KNOWN
    provided: tuple[Code, ...] = ()
    attended: tuple[Code, ...] = ()
    level: int | None = None
    expect: ExpectedOfDecisionEntry
