"""Where a clock stands, and what may happen to it."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"  # waits for what it waits for, and will fire
    MET = "met"  # it happened; late where there is a breach as well
    BREACHED = "breached"  # the due time has passed and it has still not happened
    CANCELLED = "cancelled"  # it no longer applies; a breach made before stays on record
    NOT_WATCHED = "not_watched"  # shown, but nothing tells us when it is met: never fires


LIVE = frozenset({State.RUNNING, State.BREACHED})
"""Somebody is still waited for."""
AWAITED = LIVE | {State.NOT_WATCHED}
"""States that a stop or a cancellation ends."""


class Transition(StrEnum):
    """What happened to a clock."""

    SET = "set"
    RECOMPUTED = "recomputed"  # other dates, next epoch
    RESUMED = "resumed"  # it had been cancelled and applies again, next epoch
    APPROACHING = "approaching"  # a share of the time has gone
    ESCALATED = "escalated"  # breached and still not met: the next rung of the ladder hears of it
    MET = "met"
    STOP_BEFORE_START = "stop_before_start"  # born met: what it waits for was heard of before what starts it
    MET_AFTER_BREACH = "met_after_breach"
    MET_BEFORE_CANCELLED = "met_before_cancelled"  # the stop was earlier than the cancellation but heard of later
    BREACHED = "breached"
    BREACH_FOUND_AFTER_DOWNTIME = "breach_found_after_downtime"
    CANCELLED = "cancelled"
    CANCELLED_AGAIN = "cancelled_again"  # it had run again between two cancellations, which was heard of later
    CANCELLED_BEFORE_MET = "cancelled_before_met"  # the cancellation was earlier than the stop but heard of later


BREACHES = frozenset({Transition.BREACHED, Transition.BREACH_FOUND_AFTER_DOWNTIME})
