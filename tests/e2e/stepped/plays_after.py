"""Contacts that turn on what follows a decision, and those whose referrer cannot be reached."""

from __future__ import annotations

from .acts import (
    AMBER,
    DAY_AFTER,
    EARLY_HELP,
    FRIDAY,
    MONDAY,
    OPEN_CASE,
    SIGNPOST,
    closed,
    decided,
    later,
    milestone,
    opened,
    told,
)
from .calendar import at, minutes, weeks
from .play import ATTEST, RATIONALE, TOLD_AT, Play, act, contact_of


def club(*, late: bool) -> Play:
    """Closed, opened again, decided anew: the referrer is told that it changed."""
    name = "club-late" if late else "club"
    again = at(2, 16, 10) if late else at(2, 15, 17)
    sender, contact = contact_of(name, "professional", facts={}, indicators=AMBER)
    clocks = {"decision_again": (at(2, 15, 17),)}
    return Play(
        name=name,
        sender=sender,
        contact=contact,
        acts=(
            opened(minutes(30, TOLD_AT)),
            *decided(later(2), SIGNPOST),
            closed(later(2)),
            act(at(2, 12, 9), "reopening", reason="closed_in_error", note=f"{RATIONALE}?"),
            *decided(again, EARLY_HELP, revises=1, reason="A second child."),
            closed(again),
        ),
        met={
            "acknowledgement": (FRIDAY,),
            "mash_decision": (FRIDAY,),
            "amber_decision": (DAY_AFTER,),
            **({} if late else clocks),
        },
        missed=clocks if late else {},
        letters=told(
            ("acknowledge-professional", TOLD_AT),
            ("outcome-professional", later(2)),
            ("revised-professional", again),
        ),
    )


def plan(*, late: bool) -> Play:
    """Early help, reviewed every six weeks until the plan is closed; told by family."""
    name = "plan-late" if late else "plan"
    opens = at(2, 12, 9)
    first = at(3, 30, 9) if late else weeks(6, opens)
    second = at(5, 12, 9) if late else weeks(6, first)
    sender, contact = contact_of(name, "family", facts={}, indicators=AMBER)
    clocks = {"early_help_review": (weeks(6, opens), weeks(6, first))}
    return Play(
        name=name,
        sender=sender,
        contact=contact,
        acts=(
            opened(minutes(30, TOLD_AT)),
            *decided(later(2), EARLY_HELP),
            closed(later(2)),
            milestone(opens, "plan_opened"),
            milestone(first, "review_held"),
            milestone(second, "review_held"),
            milestone(at(5, 13, 9), "plan_closed"),
        ),
        met={
            "acknowledgement": (FRIDAY,),
            "mash_decision": (FRIDAY,),
            "amber_decision": (DAY_AFTER,),
            **({} if late else clocks),
        },
        missed=clocks if late else {},
        letters=told(("acknowledge-family", TOLD_AT), ("outcome-family", later(2))),
        rest=frozenset({"early_help_review"}),
    )


def neighbour(*, late: bool) -> Play:
    """Somebody is already working with the child; told by the public, who get a receipt and nothing else."""
    name = "neighbour-late" if late else "neighbour"
    sender, contact = contact_of(name, "public", facts={"open_case": "yes"}, indicators=AMBER)
    clocks = {"open_case_passed": (FRIDAY,)}
    return Play(
        name=name,
        sender=sender,
        contact=contact,
        acts=(
            opened(minutes(30, TOLD_AT)),
            *decided(later(2), OPEN_CASE),
            closed(later(2)),
            milestone(MONDAY if late else FRIDAY, "worker_received"),
        ),
        met={
            "acknowledgement": (FRIDAY,),
            "mash_decision": (FRIDAY,),
            "amber_decision": (DAY_AFTER,),
            **({} if late else clocks),
        },
        missed=clocks if late else {},
        letters=told(("acknowledge-public", TOLD_AT)),
    )


def nameless() -> Play:
    """Nobody can be answered."""
    sender, contact = contact_of("nameless", "anonymous", facts={}, indicators=AMBER)
    return Play(
        name="nameless",
        sender=sender,
        contact=contact,
        acts=(opened(minutes(30, TOLD_AT)), *decided(later(3), SIGNPOST), closed(later(3))),
        met={"mash_decision": (FRIDAY,), "amber_decision": (DAY_AFTER,)},
    )


def unreachable() -> Play:
    """An address that no letter can go to: in time nobody is told, then a person phones."""
    name = "unreachable"
    sender, contact = contact_of(
        name, "involved_professional", facts={}, indicators=AMBER, email="zoë.desk@example.org"
    )
    return Play(
        name=name,
        sender=sender,
        contact=contact,
        acts=(
            opened(minutes(30, TOLD_AT)),
            *decided(later(3), SIGNPOST),
            act(MONDAY, ATTEST, how="phone", note=f"{RATIONALE}, by phone"),
            closed(MONDAY),
        ),
        met={"mash_decision": (FRIDAY,), "amber_decision": (DAY_AFTER,)},
        missed={"acknowledgement": (FRIDAY,), "referrer_told": (DAY_AFTER,)},
        attested=("acknowledge-professional", "outcome-professional"),
    )
