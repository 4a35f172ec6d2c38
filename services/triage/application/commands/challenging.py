"""Answering a referrer who disagrees."""

from __future__ import annotations

from uuid import UUID

from services.triage.application.handlers import translation
from services.triage.application.ports import TriageWork
from services.triage.domain.model import Challenge, challenging

from .acting import CHALLENGES, MANAGER, Act, note_of


def answer_challenge(
    act: Act, work: TriageWork, *, challenge_id: UUID, result: str, reason_codes: tuple[str, ...], answer: str
) -> Challenge:
    """A manager who had no part in the decision answers. The referrer may be told the result and the codes only."""
    cipher = work.cipher(act.case.contact_id)
    challenge = challenging.answer_challenge(
        act.case,
        challenge_id,
        work.pack,
        act.signed(work),
        role=MANAGER,
        result=result,
        reason_codes=reason_codes,
        answer=cipher.encrypt(answer, table=CHALLENGES, column="answer", row_id=challenge_id),
        note=note_of(act, work, answer),
    )
    said = translation.challenge_answered(act.case, challenge, work.now)
    work.announce(said, contact_id=act.case.contact_id, cause=act.cause, discriminator=str(challenge_id))
    return challenge
