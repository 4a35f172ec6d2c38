"""A pack put to its golden cases: every difference between what was agreed and what it says. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from shared.policy.clocks import again, clocks_for, rated_attributes, stops
from shared.policy.evaluate import rate
from shared.policy.facts import facts_from
from shared.policy.faults import Fault
from shared.policy.golden import GoldenCase, GoldenDecision, GoldenEvent
from shared.policy.guards import missing_for
from shared.policy.model import Pack
from shared.policy.telling import alerts_for, messages_for

Compared: TypeAlias = dict[str, tuple[object, object]]
"""What was agreed and what was found, by field."""


def differences(pack: Pack) -> Iterator[Fault]:
    """Each golden case that the pack answers otherwise than agreed, with the place where the case is written."""
    for case in pack.golden:
        yield from _faults(case, _of_facts(pack, case))
    for case in pack.golden_events:
        yield from _faults(case, _of_event(pack, case))
    for case in pack.golden_decisions:
        yield from _faults(case, _of_decision(pack, case))


def _faults(case: GoldenCase | GoldenEvent | GoldenDecision, compared: Compared) -> Iterator[Fault]:
    file, _, line = case.line.rpartition(":")
    for field, (agreed, found) in compared.items():
        if agreed != found:
            yield Fault(file, int(line), f"{case.name}: {field}", f"agreed {agreed}, found {found}")


def _of_facts(pack: Pack, case: GoldenCase) -> Compared:
    rated = rate(pack, facts_from(case.facts))
    compared: Compared = {
        "rating": (case.rating, rated.rating),
        "routes": (list(case.routes), list(rated.routes)),
        "proposed_route": (case.proposed_route, rated.proposed_route),
        "outcome": (case.outcome, rated.outcome),
        "level": (case.level, rated.level),
        "rules": (sorted(case.rules), sorted(rated.rules)),
        "flags": (sorted(case.flags), sorted(rated.flags)),
    }
    if case.clocks is not None:
        started = clocks_for(pack, "ContactRated", rated_attributes(pack, rated.routes))
        compared["clocks"] = (sorted(case.clocks), sorted(rule.kind for rule in started))
    return compared


def _of_event(pack: Pack, case: GoldenEvent) -> Compared:
    rules = clocks_for(pack, case.event, case.attributes)
    started = {rule.kind for rule in rules}
    begun_anew = again(pack, case.event, case.attributes) | {rule.kind for rule in rules if rule.each_start}
    stopped = stops(pack, case.event, case.attributes)
    compared: Compared = {
        "starts": ([], sorted({*case.starts} - started)),
        "stops": ([], sorted({*case.stops} - stopped)),
        "leaves": ([], sorted({*case.leaves} & (started | stopped))),
        "again": ([], sorted({*case.again} - begun_anew)),
    }
    unknown = {*case.starts, *case.stops, *case.leaves, *case.again} - pack.clocks.keys()
    compared["clocks"] = ([], [f"no clock is called {kind}" for kind in sorted(unknown)])
    if case.tells is not None:
        kind = str(case.attributes.get("referrer_kind", ""))
        told = messages_for(pack, case.event, referrer_kind=kind, attributes=case.attributes)
        compared["tells"] = (list(case.tells), [rule.template for rule in told])
    if case.alerts is not None:
        compared["alerts"] = (list(case.alerts), [rule.code for rule in alerts_for(pack, case.event, case.attributes)])
    return compared


def _of_decision(pack: Pack, case: GoldenDecision) -> Compared:
    outcome = pack.outcomes.get(case.outcome)
    if outcome is None or case.route not in pack.routes:
        return {"route and outcome": ("both the pack's", f"{case.route} and {case.outcome}")}
    missing = missing_for(
        pack,
        outcome=case.outcome,
        route=case.route,
        consent=case.consent,
        provided=case.provided,
        attended=case.attended,
        level=case.level,
    )
    compared: Compared = {"missing": (sorted(case.missing), sorted(missing))}
    for field in ("counts_as_referral", "authorised_by", "asks_family"):
        agreed = getattr(case, field)
        if agreed is not None:
            compared[field] = (agreed, getattr(outcome, field))
    return compared
