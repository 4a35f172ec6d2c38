"""What staff do to a case. Each command changes it and says so; the route commits.

``Act`` is the request: its id (of the idempotency row) gives the ids of everything that follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.triage.application.handlers import announce_rating, mirroring, translation
from services.triage.application.ports import TriageWork
from services.triage.domain.model import (
    Decision,
    DecisionState,
    deciding,
    proposing,
    rating,
)
from shared.contracts.triage import ContactOpened

from .acting import DECISIONS, Act, note_of, seal_words
from .challenging import answer_challenge
from .closing import close_contact, reopen_contact

__all__ = [
    "Act",
    "Outcome",
    "answer_challenge",
    "authorise_decision",
    "authorise_lowering",
    "close_contact",
    "decide",
    "open_contact",
    "reopen_contact",
    "rerate_contact",
]


def open_contact(act: Act, work: TriageWork) -> None:
    """Somebody looks at the contact. Said once, for the first time."""
    if act.case.open(act.signed(work)):
        said = ContactOpened(contact=translation.contact_kept(act.case), opened_at=work.now)
        work.announce(said, contact_id=act.case.contact_id, cause=act.cause)


def rerate_contact(act: Act, work: TriageWork, *, subject_id: UUID, route: str, reason: str) -> None:
    """A person sets a subject's route. What needs a second person is said only once that person has agreed."""
    note = note_of(act, work, reason)
    if rating.rerate(act.case, subject_id, route, work.pack, act.signed(work), note=note):
        announce_rating(act.case, work, act.cause, because="person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What somebody decides about one subject; ``words`` is the free text by name (rationale, lead, team, consent,
    without_answers).
    """

    subject_id: UUID
    outcome: str
    level: int | None
    inquiry: str | None
    service_codes: tuple[str, ...]
    reason_codes: tuple[str, ...]
    discussion_id: UUID | None
    words: Mapping[str, str]
    lead_code: str | None = None
    team_code: str | None = None
    revises: int | None = None
    reason: str | None = None
    """Why what is in force is decided anew."""
    without_answers: bool = False


def decide(act: Act, work: TriageWork, outcome: Outcome) -> Decision:
    """Records how a subject's contact ends, or a revision of that; said once it is in force."""
    words = {name: text for name, text in outcome.words.items() if text.strip()}
    proposal = proposing.Proposal(
        subject_id=outcome.subject_id,
        outcome=outcome.outcome,
        level=outcome.level,
        inquiry=outcome.inquiry,
        service_codes=outcome.service_codes,
        reason_codes=outcome.reason_codes,
        discussion_id=outcome.discussion_id,
        given=frozenset(words),
        words=seal_words(act, work, words, table=DECISIONS),
        lead_code=outcome.lead_code,
        without_answers=outcome.without_answers,
        team_code=outcome.team_code,
        revises=outcome.revises,
    )
    note = note_of(act, work, outcome.reason) if outcome.reason else None
    decision = deciding.decide(act.case, proposal, work.pack, act.signed(work), note=note)
    _say_if_in_force(act, work, decision)
    return decision


def authorise_decision(act: Act, work: TriageWork, *, subject_id: UUID, agreed: bool, reason: str | None) -> Decision:
    """Somebody who did not decide agrees or refuses; said once the last one needed has agreed."""
    note = note_of(act, work, reason) if reason else None
    decision = deciding.authorise(act.case, subject_id, work.pack, act.signed(work), agreed=agreed, note=note)
    _say_if_in_force(act, work, decision)
    return decision


def authorise_lowering(act: Act, work: TriageWork, *, subject_id: UUID, agreed: bool, reason: str | None) -> None:
    """A second manager agrees to, or refuses, a lower rating that another has asked for."""
    note = note_of(act, work, reason) if reason else None
    if rating.authorise_lowering(act.case, subject_id, work.pack, act.signed(work), agreed=agreed, note=note):
        announce_rating(act.case, work, act.cause, because="person")


def _say_if_in_force(act: Act, work: TriageWork, decision: Decision) -> None:
    if decision.state is DecisionState.EFFECTIVE:
        mirroring.say_decided(act.case, decision, work, act.cause)
        mirroring.let_follow(act.case, work, act.cause, act.signed(work), fresh=decision.id)
