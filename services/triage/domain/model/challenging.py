"""A referrer disagrees with a decision: a manager who did not decide answers, once. It pauses nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from shared.policy.model import Pack

from .case import Case
from .heard import Challenge
from .items import NotThere
from .records import Attention, DecisionState, Signed
from .stages import Lacking, Move, NotAllowed, RoleNeeded

HAD_A_PART = "Whoever decided or authorised what is challenged cannot answer it: another manager does."
_SAID = (DecisionState.EFFECTIVE, DecisionState.OVERTAKEN, DecisionState.REVISED)


def hear_challenge(case: Case, challenge: Challenge, signed: Signed) -> None:
    """The referrer disagrees. Asked for once, whatever the stage; an answer that was given stays."""
    if challenge.id in case.heard.challenges:
        return
    case.move(Move.CHALLENGE)
    case.heard.challenges[challenge.id] = challenge
    case.ask_for_attention(Attention.CHALLENGED)
    codes = {"challenge_id": str(challenge.id), "reason": challenge.reason_code}
    case.record(signed, "challenged", codes=codes, quiet=True)


def answer_challenge(
    case: Case,
    challenge_id: UUID,
    pack: Pack,
    signed: Signed,
    *,
    role: str,
    result: str,
    reason_codes: tuple[str, ...],
    answer: bytes,
    note: bytes,
) -> Challenge:
    """A manager who had no part in what is challenged answers.

    Raises NotThere, NotAllowed (answered already, or one who decided or authorised), RoleNeeded, or Lacking.
    """
    case.move(Move.ANSWER_CHALLENGE)
    challenge = case.heard.challenges.get(challenge_id)
    if challenge is None:
        raise NotThere
    if challenge.result is not None:
        raise NotAllowed("answered_already", case.stage)
    if role not in signed.roles:
        raise RoleNeeded(role, case.stage)
    if signed.by is None or signed.by in had_a_part(case, challenge.subject_ids):
        raise NotAllowed("another_manager_needed", case.stage, say=HAD_A_PART)
    if set(reason_codes) - pack.reasons.keys():
        raise Lacking(("reason_codes", "unknown_reason"))
    challenge.result, challenge.reason_codes, challenge.answer = result, reason_codes, answer
    challenge.answered_by, challenge.answered_at, challenge.changed = signed.by, signed.at, True
    if not case.heard.unanswered:
        case.attention.discard(Attention.CHALLENGED.value)
    codes = {"challenge_id": str(challenge_id), "result": result, "reasons": list(reason_codes)}
    case.record(signed, "challenge_answered", codes=codes, note=note)
    return challenge


def had_a_part(case: Case, subject_ids: Collection[UUID]) -> set[str]:
    """Who decided or authorised any decision that was said about these subjects (nobody named: about all)."""
    said = [one for one in case.decisions if one.state in _SAID and (not subject_ids or one.subject_id in subject_ids)]
    return {person for one in said for person in (one.decided_by, *one.authorised_by)}


def answered(case: Case) -> list[tuple[Challenge, datetime]]:
    """The challenges that have an answer, with its time, in the order in which they were answered."""
    found = [(one, one.answered_at) for one in case.heard.challenges.values() if one.answered_at is not None]
    return sorted(found, key=lambda pair: (pair[1], pair[0].id))
