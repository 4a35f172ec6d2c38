"""A contact's stage as its referrer sees it, what moves it, and what a referrer may be told of at all.

What other services say may come late, twice or in another order. So the stage is not what was heard last: it follows
from all that was heard, taken in the order in which it happened. A duplicate leads nowhere new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """How far the front door is with a contact, in the words of whoever told it."""

    RECEIVED = "received"
    """Kept; nobody has been heard to look at it yet."""
    OPENED = "opened"
    """Somebody is looking."""
    DECIDED = "decided"
    """Every subject is decided."""
    INFORMED = "informed"
    """The referrer has been told of every decision."""
    CLOSED = "closed"
    """The front door's work is done, unless it is reopened."""


class Move(StrEnum):
    """What another service said that concerns the stage."""

    OPEN = "open"
    DECIDE = "decide"
    """The last undecided subject is decided."""
    INFORM = "inform"
    """The referrer was told of every decision; this may overtake the news of the decision itself."""
    CLOSE = "close"
    REOPEN = "reopen"
    """More became known, or a manager said so: the one move that leads back."""


class Shown(StrEnum):
    """The words of a timeline: all that a partner may know of what happened, and nothing else."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    OPENED = "opened"
    INFORMATION_REQUESTED = "information_requested"
    """The referrer is asked for more, in the pack's words."""
    CHECKS_UNDER_WAY = "checks_under_way"
    """Agencies are asked what they know; which, is not the referrer's."""
    DECIDED = "decided"
    INFORMED = "informed"
    CHALLENGE_ANSWERED = "challenge_answered"
    CLOSED = "closed"
    REOPENED = "reopened"


def _stays(*stages: Stage) -> dict[Stage, Stage]:
    return {stage: stage for stage in stages}


TRANSITIONS: Mapping[Move, Mapping[Stage, Stage]] = {
    Move.OPEN: {**_stays(*Stage), Stage.RECEIVED: Stage.OPENED},
    Move.DECIDE: {**_stays(*Stage), Stage.RECEIVED: Stage.DECIDED, Stage.OPENED: Stage.DECIDED},
    Move.INFORM: {**dict.fromkeys(Stage, Stage.INFORMED), Stage.CLOSED: Stage.CLOSED},
    Move.CLOSE: dict.fromkeys(Stage, Stage.CLOSED),
    Move.REOPEN: dict.fromkeys(Stage, Stage.OPENED),
}


def after(stage: Stage, move: Move) -> Stage:
    """The stage that ``move`` leads to."""
    return TRANSITIONS[move][stage]


def stage_after(moves: Iterable[tuple[Move, datetime]]) -> Stage:
    """The stage after all these moves, each with the time it was made; in whatever order they were heard."""
    order = list(Move)
    stage = Stage.RECEIVED
    for move, _ in sorted(moves, key=lambda made: (made[1], order.index(made[0]))):
        stage = after(stage, move)
    return stage
