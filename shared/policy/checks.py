"""Checks of a pack's parts against each other: every code that is named exists, and the floors hold by construction."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from shared.policy.build_clocks import TRIGGERS
from shared.policy.checks_telling import check_telling
from shared.policy.existing import exists
from shared.policy.facts import ANSWERS, CHOICES, NUMBERS, SCALES, ReferrerKind
from shared.policy.faults import Fault
from shared.policy.files import Entry, Files
from shared.policy.model import Pack

EVENTS: Final = frozenset(
    {
        "ContactReceived",
        "InformationAdded",
        "WithdrawalRequested",
        "DecisionChallenged",
        "HistoryFound",
        "ContactsLinked",
        "ContactsUnlinked",
        "ContactErased",
        "ContactRated",
        "ContactOpened",
        "ContactAssigned",
        "InformationRequested",
        "ChecksRequested",
        "CheckAnswered",
        "DiscussionHeld",
        "DecisionMade",
        "DecisionRevised",
        "ChallengeAnswered",
        "MilestoneRecorded",
        "ContactClosed",
        "ContactReopened",
        "DeadlineSet",
        "DeadlineApproaching",
        "DeadlineMet",
        "DeadlineBreached",
        "DeadlineEscalated",
        "DeadlineCancelled",
        "ReferrerAcknowledged",
        "ReferrerInformed",
        "DeliveryFailed",
        "StaffAlerted",
    }
)
REVISION: Final = "DecisionRevised"
SEVERAL_AT_ONCE: Final = frozenset({"attended", "route"})
"""Attributes that hold several values in one event: of these alone all of several can be asked for."""
_FACT_NAMES: Final = frozenset({*ANSWERS, *SCALES, *NUMBERS, *CHOICES})


def check(files: Files, pack: Pack) -> Iterator[Fault]:
    """Every fault between the parts of the pack."""
    yield from _ranks(files)
    yield from _routes(files, pack)
    yield from _rules(files, pack)
    yield from _indicators(files, pack)
    yield from _guidance(files, pack)
    yield from _fallbacks(files, pack)
    yield from _triggers(files, pack)
    yield from check_telling(files, pack)
    yield from exists(files.single("hub"), pack.teams, "out_of_hours_team")


def _ranks(files: Files) -> Iterator[Fault]:
    for section in ("ratings", "routes", "outcomes"):
        taken: set[int] = set()
        for entry in files.entries(section):
            if entry.value.rank in taken and entry.value.rank > 0:
                yield entry.fault(f"rank {entry.value.rank} is taken: ranks decide who wins", "rank")
            taken.add(entry.value.rank)


def _routes(files: Files, pack: Pack) -> Iterator[Fault]:
    for entry in files.entries("routes"):
        route = entry.value
        yield from exists(entry, pack.ratings, "rating")
        yield from exists(entry, pack.outcomes, "outcome")
        yield from exists(entry, pack.advice, "advice")
        if (route.until_confirmed is None) != (route.confirmed_by is None):
            yield entry.fault("until_confirmed and confirmed_by go together", "until_confirmed")
        waits_on = pack.routes.get(route.until_confirmed or "")
        if route.until_confirmed is None:
            continue
        if waits_on is None or waits_on.until_confirmed is not None:
            yield entry.fault("names no route that is in force by itself", "until_confirmed")
        elif {route.rating, waits_on.rating} <= pack.ratings.keys() and (
            pack.rating_of(waits_on.code).rank <= pack.rating_of(route.code).rank
        ):
            yield entry.fault("the route in force meanwhile must be more urgent", "until_confirmed")


def _rules(files: Files, pack: Pack) -> Iterator[Fault]:
    built = {rule.id: rule for rule in pack.rules}
    for entry in files.entries("rules"):
        yield from exists(entry, pack.routes, "route")
        yield from exists(entry, pack.outcomes, "outcome")
        yield from exists(entry, pack.flags, "flags")
        yield from exists(entry, pack.advice, "advice")
        yield from exists(entry, pack.levels, "level")
        rule = built.get(entry.value.id)
        reassuring = rule.when.reassuring() if rule is not None else None
        route = pack.routes.get(entry.value.route or "")
        waits = route is not None and route.until_confirmed is not None
        if reassuring is not None and (not waits or entry.value.outcome is not None):
            problem = f"rests on a reassuring answer ({reassuring}): only a route that waits to be confirmed may"
            yield entry.fault(problem, "when")


def _indicators(files: Files, pack: Pack) -> Iterator[Fault]:
    for entry in files.entries("indicators"):
        yield from exists(entry, pack.levels, "level")
        yield from exists(entry, pack.domains, "domain")
        if entry.value.code in _FACT_NAMES:
            yield entry.fault("a fact has this name", "code")


def _guidance(files: Files, pack: Pack) -> Iterator[Fault]:
    for entry in files.entries("levels"):
        yield from exists(entry, pack.calls, "call")
    for entry in files.entries("guidance_questions"):
        yield from exists(entry, {*ANSWERS, *pack.indicators}, "answers")
    for entry in files.entries("lines"):
        yield from exists(entry, pack.calls, "call")
    for entry in files.entries("next_steps"):
        for field, codes in (("calls", pack.calls), ("routes", pack.routes), ("levels", pack.levels),
                             ("flags", pack.flags), ("advice", pack.advice)):  # fmt: skip
            yield from exists(entry, codes, field)
        if entry.value.now and not entry.value.calls:
            yield entry.fault("names nobody to call now", "now")
    yield from _whom_to_phone(files, pack)


def _whom_to_phone(files: Files, pack: Pack) -> Iterator[Fault]:
    """Advice of a route that pages must lead to a step that says whom to phone now."""
    told = {code for step in pack.next_steps if step.now for code in step.advice}
    for entry in files.entries("routes"):
        rating = pack.ratings.get(entry.value.rating)
        unrated = pack.fallbacks.unrated.route == entry.value.code  # nobody is advised by what could not be rated
        if rating is not None and rating.pages and not unrated and not told.intersection(entry.value.advice):
            yield entry.fault("pages, but no next step says whom to phone now", "advice")


def _fallbacks(files: Files, pack: Pack) -> Iterator[Fault]:
    entry = files.single("fallbacks")
    top = max((rating.rank for rating in pack.ratings.values()), default=0)
    for name in ("unmatched", "unrecognised", "unrated"):
        route = pack.routes.get(getattr(entry.value, name).route)
        if route is None or route.until_confirmed is not None:
            yield entry.fault("names no route that is in force by itself", name, "route")
        elif name == "unrated" and route.rating in pack.ratings and pack.ratings[route.rating].rank != top:
            yield entry.fault("what could not be rated ranks above everything", name, "route")


def _triggers(files: Files, pack: Pack) -> Iterator[Fault]:
    allowed: dict[str, Collection[str] | None] = {
        "rating": pack.ratings,
        "route": pack.routes,
        "outcome": pack.outcomes,
        "milestone": pack.milestones,
        "kind": pack.clocks,
        "referrer_kind": [kind.value for kind in ReferrerKind],
        "discussion": ("priority", "strategy"),
        "attended": {party for outcome in pack.outcomes.values() for party in outcome.attendance},
        "proof": ("accepted", "attested"),
        "agency": pack.agencies,
        "team": pack.teams,
        "answer": ("information", "nothing_known", "refused", "no_longer_needed"),
        "result": ("upheld", "partly_upheld", "not_upheld"),
        "role": ("primary", "duplicate", "peer"),
        "relation": ("duplicate", "follow_up", "related"),
        **dict.fromkeys(("has_address", "all_decided", "complete", "pages", "raised"), ("true", "false")),
        "share": None,
        "reason": None,
    }
    for entry, field, index, trigger in _all_triggers(files):
        at: tuple[str | int, ...] = (field,) if index is None else (field, index)
        if trigger.event not in EVENTS:
            yield entry.fault(f"no event is called {trigger.event}", *at, "event")
        elif trigger.event == REVISION and field != "on":
            yield entry.fault("to a clock a revision is the decision's later version: say DecisionMade", *at, "event")
        asked = [("where", *each) for each in trigger.where.items()]
        asked += [("where_all", *each) for each in trigger.where_all.items()]
        for form, name, values in asked:
            if form == "where_all" and name not in SEVERAL_AT_ONCE:
                several = ", ".join(sorted(SEVERAL_AT_ONCE))
                yield entry.fault(f"{name} is one value: all of several only of {several}", *at, form, name)
            known = allowed.get(name, ())
            for value in values if known is not None else ():
                if value not in known:  # pyright: ignore[reportOperatorIssue]
                    yield entry.fault(f"{name} is never {value}", *at, form, name)


def _all_triggers(files: Files) -> Iterator[tuple[Entry[Any], str, int | None, Any]]:
    for entry in files.entries("clocks"):
        for field in TRIGGERS:
            for index, trigger in enumerate(getattr(entry.value, field)):
                yield entry, field, index, trigger
    for section in ("messages", "alerts"):
        for entry in files.entries(section):
            yield entry, "on", None, entry.value.on
