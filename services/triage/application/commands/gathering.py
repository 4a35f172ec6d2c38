"""Checks of agencies, questions to the referrer, and whose a contact is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from services.triage.application.handlers import gathered
from services.triage.application.ports import TriageWork
from services.triage.domain.model import (
    Answer,
    Assignment,
    Chase,
    Check,
    CheckAnswer,
    HandOver,
    InformationRequest,
    assigning,
    gathering,
)

from .acting import ASSIGNMENTS, CHECK_ANSWERS, CHECKS, Act, refuse_future, seal_words

ONESELF = "me"


def ask_agencies(
    act: Act,
    work: TriageWork,
    *,
    agencies: Sequence[str],
    whys: Mapping[UUID, str],
    asked: str,
    consent_reason: str | None,
) -> Sequence[Check]:
    """Asks agencies what they know of some subjects; ``whys`` says of each why that is necessary and proportionate."""
    words = {"asked": asked, "why": {str(one): why for one, why in whys.items()}}
    if consent_reason is not None:
        words["consent"] = consent_reason
    checks = [_check(act, work, agency, tuple(whys), words) for agency in dict.fromkeys(agencies)]
    signed = act.signed(work)
    gathering.ask_agencies(act.case, checks, work.pack, signed, consent_reason=consent_reason is not None)
    for check in checks:
        said = gathered.asked(act.case, check)
        work.announce(said, contact_id=act.case.contact_id, cause=act.cause, discriminator=str(check.id))
    return checks


def _check(
    act: Act, work: TriageWork, agency: str, subject_ids: tuple[UUID, ...], words: Mapping[str, object]
) -> Check:
    own = uuid5(act.cause.id, f"check|{agency}")
    return Check(
        id=own,
        agency=agency,
        subject_ids=subject_ids,
        rating=act.case.rating or "",
        requested_at=work.now,
        requested_by=act.by,
        words=seal_words(act, work, words, table=CHECKS, row_id=own),
    )


def answer_check(
    act: Act, work: TriageWork, check_id: UUID, *, answer: Answer, answered_at: datetime, words: Mapping[str, str]
) -> Check:
    """An agency answers. The first answer is said, and stops the clock; one that amends it stays in the hub."""
    refuse_future(work, "answered_at", answered_at)
    given = CheckAnswer(
        id=act.cause.id,
        answer=answer,
        answered_at=answered_at,
        words=seal_words(act, work, words, table=CHECK_ANSWERS),
        recorded_by=act.by,
        recorded_at=work.now,
    )
    check = gathering.answer_check(act.case, check_id, given, act.signed(work), given=words.keys())
    if check.answers[0] is given:
        said = gathered.answered(act.case, check, given)
        work.announce(said, contact_id=act.case.contact_id, cause=act.cause, discriminator=str(check.id))
    return check


def chase_check(act: Act, work: TriageWork, check_id: UUID, *, chased_at: datetime, how: str) -> Chase:
    """The agency is reminded."""
    refuse_future(work, "chased_at", chased_at)
    chase = Chase(id=act.cause.id, chased_at=chased_at, how=how, recorded_by=act.by, recorded_at=work.now)
    gathering.chase_check(act.case, check_id, chase, act.signed(work))
    return chase


def ask_referrer(act: Act, work: TriageWork, *, question_codes: Sequence[str]) -> InformationRequest:
    """The referrer is asked for more: questions of the pack, nobody's own words."""
    request = InformationRequest(
        id=act.cause.id,
        question_codes=tuple(dict.fromkeys(question_codes)),
        requested_at=work.now,
        requested_by=act.by,
    )
    gathering.ask_referrer(act.case, request, work.pack, act.signed(work))
    said = gathered.requested(act.case, request)
    work.announce(said, contact_id=act.case.contact_id, cause=act.cause)
    return request


def assign(
    act: Act,
    work: TriageWork,
    *,
    team: str,
    worker: str | None,
    hand_over: HandOver | None,
    words: Mapping[str, str],
) -> Assignment:
    """The contact is a team's, perhaps one worker's (``me``: whoever asks), from now on."""
    assignment = Assignment(
        id=act.cause.id,
        team=team,
        worker=act.by if worker == ONESELF else worker,
        hand_over=hand_over,
        assigned_at=work.now,
        assigned_by=act.by,
        words=seal_words(act, work, words, table=ASSIGNMENTS) if words else None,
    )
    assigning.assign(act.case, assignment, work.pack, act.signed(work), given=words.keys())
    said = gathered.assigned(act.case, assignment)
    work.announce(said, contact_id=act.case.contact_id, cause=act.cause)
    return assignment
