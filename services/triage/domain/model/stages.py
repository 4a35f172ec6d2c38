"""The stage of a contact: what each one means, and the only table that says which move leads where.

A duplicate and a late message are moves of their own (the table names the stage they lead to: mostly the same one); a
move that the table does not have is refused, saying what is allowed instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID


class Stage(StrEnum):
    """How far the front door is with a contact."""

    RECEIVED = "received"
    """Another service has spoken of it; what was told has not reached us yet."""
    RATED = "rated"
    """Rated, or in the queue because the machine could not rate it; nobody has looked."""
    OPENED = "opened"
    """A member of staff has it; at least one subject is undecided."""
    DECIDED = "decided"
    """Every subject has a decision that is in force."""
    INFORMED = "informed"
    """The referrer has been told of every decision, with proof."""
    CLOSED = "closed"
    """The front door's work is done; milestones may still be recorded."""


class Move(StrEnum):
    """What can happen to a contact."""

    RATE = "rate"
    """The machine rates what was told, or rates again: upwards only, and never back to an earlier stage."""
    HEAR_OF_ANOTHER = "hear_of_another"
    """A subject that nobody had named before: decisions are missing again."""
    RAISE_SETTLED = "raise_settled"
    """A subject is rated higher than it was when everything was settled: it must be decided again."""
    OPEN = "open"
    """A person looks: the first time the contact is theirs; at what is settled, that it asked for attention is seen."""
    RERATE = "rerate"
    """A person sets a subject's route, with a reason."""
    ASSIGN = "assign"
    """It is a team's or a worker's from now on; also between day and night."""
    ASK_AGENCIES = "ask_agencies"
    ANSWER_CHECK = "answer_check"
    """An agency answers, perhaps after all was decided."""
    CHASE_CHECK = "chase_check"
    ASK_REFERRER = "ask_referrer"
    DISCUSS = "discuss"
    """A discussion is decided on, or was held."""
    DECIDE = "decide"
    """A decision is recorded; it waits for its authorisation, or another subject is still undecided."""
    DECIDE_LAST = "decide_last"
    """The last missing decision comes into force."""
    AUTHORISE = "authorise"
    """A manager who did not decide agrees or refuses."""
    REVISE = "revise"
    """A subject whose decision is in force is decided anew; until that is authorised the first one stands."""
    AUTHORISE_REVISION = "authorise_revision"
    TELL_AGAIN = "tell_again"
    """A revised decision comes into force: the referrer is to be told again."""
    LINK = "link"
    """A person has said that it belongs with another contact, or no longer."""
    FOLLOW = "follow"
    """It is a duplicate: a decision made on its primary holds here too."""
    STAND_ALONE = "stand_alone"
    """It is no duplicate after all, and what was decided elsewhere does not hold: it is worked on by itself."""
    WITHDRAW = "withdraw"
    """The referrer would take it back: information, nothing else."""
    CHALLENGE = "challenge"
    """The referrer disagrees with what was decided."""
    ANSWER_CHALLENGE = "answer_challenge"
    RECORD_MILESTONE = "record_milestone"
    INFORM = "inform"
    """The referrer was told something: not everything, or not for the first time."""
    INFORM_OF_ALL = "inform_of_all"
    """The referrer has now been told of every decision."""
    CLOSE = "close"
    REOPEN = "reopen"
    """More has become known about what was closed, or staff say why it must be open; decisions stay in force."""


SETTLED = (Stage.DECIDED, Stage.INFORMED, Stage.CLOSED)
"""Nothing is left to decide; until more becomes known."""


def _stays(*stages: Stage) -> dict[Stage, Stage]:
    return {stage: stage for stage in stages}


TRANSITIONS: Mapping[Move, Mapping[Stage, Stage]] = {
    Move.RATE: {**_stays(*Stage), Stage.RECEIVED: Stage.RATED},
    Move.HEAR_OF_ANOTHER: {
        **_stays(Stage.RATED, Stage.OPENED),
        **dict.fromkeys(SETTLED, Stage.OPENED),
    },
    Move.RAISE_SETTLED: dict.fromkeys(SETTLED, Stage.OPENED),
    Move.OPEN: {**_stays(Stage.OPENED, *SETTLED), Stage.RATED: Stage.OPENED},
    Move.RERATE: _stays(Stage.RATED, Stage.OPENED),
    Move.ASSIGN: _stays(Stage.RATED, Stage.OPENED, Stage.DECIDED, Stage.INFORMED),
    Move.ASK_AGENCIES: _stays(Stage.OPENED),
    Move.ANSWER_CHECK: _stays(Stage.OPENED, *SETTLED),
    Move.CHASE_CHECK: _stays(Stage.OPENED, Stage.DECIDED, Stage.INFORMED),
    Move.ASK_REFERRER: _stays(Stage.OPENED),
    Move.DISCUSS: _stays(Stage.OPENED, Stage.DECIDED, Stage.INFORMED),
    Move.DECIDE: _stays(Stage.OPENED),
    Move.DECIDE_LAST: {Stage.OPENED: Stage.DECIDED},
    Move.AUTHORISE: _stays(Stage.RATED, Stage.OPENED),
    Move.RECORD_MILESTONE: _stays(Stage.OPENED, Stage.DECIDED, Stage.INFORMED, Stage.CLOSED),
    Move.INFORM: _stays(*Stage),
    Move.INFORM_OF_ALL: {Stage.DECIDED: Stage.INFORMED, **_stays(Stage.INFORMED, Stage.CLOSED)},
    Move.REVISE: _stays(Stage.OPENED, Stage.DECIDED, Stage.INFORMED),
    Move.AUTHORISE_REVISION: _stays(Stage.OPENED, Stage.DECIDED, Stage.INFORMED),
    Move.TELL_AGAIN: {**_stays(Stage.OPENED, Stage.DECIDED, Stage.CLOSED), Stage.INFORMED: Stage.DECIDED},
    Move.LINK: _stays(*Stage),
    Move.FOLLOW: {**_stays(Stage.OPENED, *SETTLED), Stage.RATED: Stage.OPENED},
    Move.STAND_ALONE: {
        **_stays(Stage.RECEIVED, Stage.RATED, Stage.OPENED),
        **dict.fromkeys(SETTLED, Stage.OPENED),
    },
    Move.WITHDRAW: _stays(*Stage),
    Move.CHALLENGE: _stays(*Stage),
    Move.ANSWER_CHALLENGE: _stays(*Stage),
    Move.CLOSE: dict.fromkeys((Stage.RATED, Stage.OPENED, Stage.DECIDED, Stage.INFORMED), Stage.CLOSED),
    Move.REOPEN: {Stage.CLOSED: Stage.OPENED},
}

STAFF_MOVES = (
    Move.OPEN,
    Move.RERATE,
    Move.ASSIGN,
    Move.ASK_AGENCIES,
    Move.ANSWER_CHECK,
    Move.CHASE_CHECK,
    Move.ASK_REFERRER,
    Move.DISCUSS,
    Move.DECIDE,
    Move.AUTHORISE,
    Move.REVISE,
    Move.AUTHORISE_REVISION,
    Move.ANSWER_CHALLENGE,
    Move.RECORD_MILESTONE,
    Move.CLOSE,
    Move.REOPEN,
)

MADE_ON_PRIMARY = frozenset(
    {
        Move.RERATE,
        Move.ASK_AGENCIES,
        Move.DISCUSS,
        Move.DECIDE,
        Move.AUTHORISE,
        Move.REVISE,
        Move.AUTHORISE_REVISION,
    }
)
"""What staff do on the primary only: a duplicate takes its decisions from there."""


class NotAllowed(Exception):
    """Not to be done now. ``code`` says why; ``allowed`` names the moves that staff can make instead, ``say`` what to
    do where that does not help.
    """

    def __init__(
        self, code: str, stage: Stage, *, allowed: tuple[Move, ...] | None = None, say: str | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.say = say
        self.stage = stage
        self.allowed = allowed_now(stage) if allowed is None else allowed


class RoleNeeded(NotAllowed):
    """Only the role ``role`` may do this."""

    def __init__(self, role: str, stage: Stage) -> None:
        super().__init__(f"{role}_needed", stage)
        self.role = role


class LinkedAsDuplicate(NotAllowed):
    """It is a duplicate: this is done on the contact ``primary``, and holds for both."""

    def __init__(self, stage: Stage, primary: UUID) -> None:
        allowed = tuple(move for move in allowed_now(stage) if move not in MADE_ON_PRIMARY)
        say = f"It is a duplicate of contact {primary}: do this there, it holds for both."
        super().__init__("linked_as_duplicate", stage, allowed=allowed, say=say)
        self.primary = primary


class Lacking(Exception):
    """Something that must be given is missing or unknown: pairs of (field, code)."""

    def __init__(self, *missing: tuple[str, str]) -> None:
        super().__init__(", ".join(code for _, code in missing))
        self.missing = missing


def allowed_now(stage: Stage) -> tuple[Move, ...]:
    """What staff may do with a contact at this stage."""
    return tuple(move for move in STAFF_MOVES if stage in TRANSITIONS[move])


def after(stage: Stage, move: Move) -> Stage:
    """The stage that ``move`` leads to. Raises NotAllowed where the table does not have it."""
    try:
        return TRANSITIONS[move][stage]
    except KeyError:
        raise NotAllowed(f"not_when_{stage}", stage) from None
