"""Whose a contact is: a team's, perhaps one worker's; and the hand-over between day and night."""

from __future__ import annotations

from collections.abc import Collection

from shared.policy.model import Pack

from .case import Case
from .items import Assignment, HandOver
from .records import Signed
from .stages import Lacking, Move, NotAllowed


def assign(case: Case, assignment: Assignment, pack: Pack, signed: Signed, *, given: Collection[str]) -> None:
    """The contact is this team's, or this worker's, from now on. The sealed words hold what ``given`` names.

    To and from the out-of-hours team nothing moves but by a hand-over, which says why and what is outstanding. Raises
    NotAllowed (theirs already, not with that team) or Lacking, naming what is unknown or missing.
    """
    case.move(Move.ASSIGN)
    if assignment.team not in pack.teams:
        raise Lacking(("team", "unknown_team"))
    current = case.assigned
    if current is not None and (current.team, current.worker) == (assignment.team, assignment.worker):
        raise NotAllowed("assigned_already", case.stage)
    _refuse_hand_over(case, assignment, pack)
    if assignment.hand_over is not None:
        missing = [(name, f"missing_{name}") for name in ("reason", "outstanding") if name not in given]
        if missing:
            raise Lacking(*missing)
    case.assignments.append(assignment)
    codes = {
        "assignment_id": str(assignment.id),
        "team": assignment.team,
        "worker": assignment.worker,
        "hand_over": assignment.hand_over.value if assignment.hand_over else None,
    }
    case.record(signed, "assigned", codes=codes)


def _refuse_hand_over(case: Case, assignment: Assignment, pack: Pack) -> None:
    """Raises NotAllowed or Lacking where the hand-over that is said is not the one that takes place."""
    night, said = pack.out_of_hours_team, assignment.hand_over
    before = case.assigned.team if case.assigned is not None else None
    if said is HandOver.FROM_EDT and before != night:
        raise NotAllowed("not_with_out_of_hours_team", case.stage)
    if said is HandOver.TO_EDT and before == night:
        raise NotAllowed("with_out_of_hours_team_already", case.stage)
    if said is not None and (assignment.team == night) is not (said is HandOver.TO_EDT):
        raise Lacking(("team", "not_the_team_of_this_hand_over"))
    if said is None and before is not None and (before == night) is not (assignment.team == night):
        raise Lacking(("hand_over", "missing_hand_over"))
