"""Contacts that turn on the front door's own clocks: of each sort one in time and one late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .acts import (
    AMBER,
    DAY_AFTER,
    EVERYBODY,
    FRIDAY,
    MONDAY,
    S17,
    S47,
    SIGNPOST,
    TUESDAY,
    checked,
    closed,
    decided,
    later,
    milestone,
    opened,
    told,
)
from .calendar import at, minutes, working_days
from .play import RATIONALE, TOLD_AT, Play, act, contact_of


def baby(*, late: bool) -> Play:
    """A bruise on a baby, from somebody who works with the family."""
    name = "baby-late" if late else "baby"
    open_at, answered, seen, held = (
        (minutes(25, TOLD_AT), later(5), later(5), later(7))
        if late
        else (minutes(5, TOLD_AT), later(3), later(4), later(6))
    )
    decided_at = MONDAY if late else held
    conference = working_days(15, held)
    sender, contact = contact_of(
        name, "involved_professional", facts={"bruise_or_mark": "yes", "independently_mobile": "no"}, indicators={}
    )
    clocks = {
        "opened_by_duty": (minutes(10, TOLD_AT),),
        "opened_by_manager": (minutes(20, TOLD_AT),),
        "check_answer_red": (later(3),),
        "paediatric_assessment": (later(4),),
        "strategy_discussion": (later(6),),
        "referrer_told": (DAY_AFTER,),
        "mash_decision": (FRIDAY,),
        "s47_conference": (conference,),
    }
    ask, answer = checked(later(1), answered)
    not_yet = (("not-yet-decided", DAY_AFTER),) if late else ()
    return Play(
        name=name,
        sender=sender,
        contact=contact,
        acts=(
            opened(open_at),
            ask,
            *((answer, milestone(seen, "paediatric_assessment"))),
            act(held, "discussion", kind="strategy", attended=EVERYBODY),
            *decided(decided_at, S47, authorised=True),
            milestone(decided_at, "s47_started"),
            closed(decided_at),
            milestone(at(3, 5, 10) if late else conference, "conference_held"),
        ),
        met={"acknowledgement": (FRIDAY,), **({} if late else clocks)},
        missed=clocks if late else {},
        letters=told(("acknowledge-professional", TOLD_AT), *not_yet, ("outcome-professional", decided_at)),
    )


def danger(*, late: bool) -> Play:
    """Immediate danger, told by family."""
    name = "danger-late" if late else "danger"
    met_at, decided_at = (later(3), at(2, 12, 12)) if late else (later(2), later(6))
    sender, contact = contact_of(name, "family", facts={"immediate_danger": "yes"}, indicators={})
    priority = {"priority_discussion": (later(2),)}
    return Play(
        name=name,
        sender=sender,
        contact=contact,
        acts=(
            opened(minutes(5, TOLD_AT)),
            act(met_at, "discussion", kind="priority", attended=["police", "health"]),
            act(decided_at, "discussion", kind="strategy", attended=EVERYBODY),
            *decided(decided_at, S47, authorised=True),
            closed(decided_at),
        ),
        met={
            "acknowledgement": (FRIDAY,),
            "opened_by_duty": (minutes(10, TOLD_AT),),
            "opened_by_manager": (minutes(20, TOLD_AT),),
            "mash_decision": (FRIDAY,),
            **({} if late else priority),
        },
        missed=priority if late else {},
        letters=told(("acknowledge-family", TOLD_AT), ("outcome-family", decided_at)),
    )


def worry(*, late: bool) -> Play:
    """Amber, then an assessment of 45 working days; the referrer challenges the decision."""
    name = "worry-late" if late else "worry"
    answered, decided_at, replied, checkpoint, done = (
        (later(8), MONDAY, at(2, 17, 10), at(2, 26, 10), at(4, 20, 10))
        if late
        else (later(7), DAY_AFTER, TUESDAY, working_days(10, TOLD_AT), working_days(45, TOLD_AT))
    )
    sender, contact = contact_of(name, "involved_professional", facts={}, indicators=AMBER)
    clocks = {
        "check_answer_amber": (later(7),),
        "amber_decision": (DAY_AFTER,),
        "referrer_told": (DAY_AFTER,),
        "mash_decision": (FRIDAY,),
        "challenge_answer": (TUESDAY,),
        "s17_checkpoint": (working_days(10, TOLD_AT),),
        "s17_assessment": (working_days(45, TOLD_AT),),
    }
    not_yet = (("not-yet-decided", DAY_AFTER),) if late else ()
    reply: Mapping[str, Any] = {
        "result": "not_upheld",
        "reason_codes": ["threshold_s17"],
        "answer": f"{RATIONALE} again.",
    }
    return Play(
        name=name,
        sender=sender,
        contact=contact,
        acts=(
            opened(minutes(30, TOLD_AT)),
            *checked(later(1), answered),
            *decided(decided_at, S17, authorised=True),
            closed(decided_at),
            act(at(2, 15, 10), "challenge", ground="threshold", words=f"It was {RATIONALE}."),
            act(replied, "challenge_answer", by="other.manager", **reply),
            milestone(checkpoint, "checkpoint_held"),
            milestone(done, "assessment_completed"),
        ),
        met={"acknowledgement": (FRIDAY,), **({} if late else clocks)},
        missed=clocks if late else {},
        letters=told(
            ("acknowledge-professional", TOLD_AT),
            *not_yet,
            ("outcome-professional", decided_at),
            ("challenge-answer", replied),
        ),
    )


def green(*, late: bool) -> Play:
    """A manager confirms green; the referrer does not work with the family."""
    name = "green-late" if late else "green"
    decided_at = MONDAY if late else FRIDAY
    denied = ("immediate_danger", "abuse_suspected", "significant_harm", "injury", "bruise_or_mark")
    facts: Mapping[str, str] = dict.fromkeys((*denied, "sees_domestic_abuse"), "no")
    sender, contact = contact_of(name, "professional", facts=facts, indicators={"L2-HLT-WEIGHT": "yes"})
    clocks = {"green_decision": (FRIDAY,), "check_answer_green": (FRIDAY,), "mash_decision": (FRIDAY,)}
    return Play(
        name=name,
        sender=sender,
        contact=contact,
        acts=(
            opened(minutes(30, TOLD_AT)),
            act(later(1), "rating", subject=1, by="duty.manager", route="green", reason=f"{RATIONALE}."),
            *checked(later(1), decided_at),
            *decided(decided_at, SIGNPOST),
            closed(decided_at),
        ),
        met={"acknowledgement": (FRIDAY,), **({} if late else clocks)},
        missed=clocks if late else {},
        letters=told(("acknowledge-professional", TOLD_AT), ("outcome-professional", decided_at)),
        rest=frozenset({"amber_decision"}),
    )
