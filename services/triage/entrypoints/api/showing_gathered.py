"""Checks, questions, assignments and discussions as staff see them; what people wrote is opened here."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from services.triage.application.ports import Cipher
from services.triage.domain import policy
from services.triage.domain.model import Assignment, Check, CheckAnswer, Discussion, InformationRequest
from services.triage.entrypoints.schemas import gathered, views
from services.triage.entrypoints.schemas.parts import CodeView
from shared.policy.model import Pack


def check(asked: Check, cipher: Cipher, *, now: datetime) -> gathered.CheckView:
    """One check with its answers; ``now`` says how late an open one is."""
    words, late_by = _words(cipher, asked.words, table="checks", row_id=asked.id), asked.late_by(now)
    return gathered.CheckView(
        check_id=asked.id,
        agency=asked.agency,
        subjects=[gathered.AskedAboutView(subject_id=UUID(one), why=why) for one, why in words["why"].items()],
        asked=words["asked"],
        consent_reason=words.get("consent"),
        rating=asked.rating,
        requested_at=asked.requested_at,
        requested_by=asked.requested_by,
        due_at=asked.due_at,
        open=asked.open,
        late=late_by is not None,
        late_seconds=late_by.total_seconds() if late_by is not None else None,
        chased=len(asked.chases),
        chases=[
            gathered.ChaseView(
                chase_id=one.id,
                chased_at=one.chased_at,
                how=one.how,
                recorded_by=one.recorded_by,
                recorded_at=one.recorded_at,
            )
            for one in asked.chases
        ],
        answers=[_answer(one, cipher, amends=at > 0) for at, one in enumerate(asked.answers)],
    )


def _answer(given: CheckAnswer, cipher: Cipher, *, amends: bool) -> gathered.AnswerView:
    words = _words(cipher, given.words, table="check_answers", row_id=given.id)
    return gathered.AnswerView(
        answer_id=given.id,
        answer=given.answer.value,
        answered_at=given.answered_at,
        what=words.get("what"),
        answered_by=words.get("answered_by"),
        why=words.get("why"),
        amends=amends,
        recorded_by=given.recorded_by,
        recorded_at=given.recorded_at,
    )


def request(asked: InformationRequest, pack: Pack) -> gathered.RequestView:
    """What the referrer was asked."""
    return gathered.RequestView(
        request_id=asked.id,
        questions=[CodeView(code=code, words=pack.questions.get(code, code)) for code in asked.question_codes],
        requested_at=asked.requested_at,
        requested_by=asked.requested_by,
        answered_at=asked.answered_at,
        open=asked.answered_at is None,
    )


def assignment(made: Assignment, cipher: Cipher) -> gathered.AssignmentView:
    """Whose it became, and what was said at it."""
    words = _words(cipher, made.words, table="assignments", row_id=made.id) if made.words is not None else {}
    return gathered.AssignmentView(
        assignment_id=made.id,
        team=made.team,
        worker=made.worker,
        hand_over=made.hand_over.value if made.hand_over else None,
        assigned_at=made.assigned_at,
        assigned_by=made.assigned_by,
        note=words.get("note"),
        reason=words.get("reason"),
        outstanding=words.get("outstanding"),
    )


def discussion(one: Discussion, pack: Pack, cipher: Cipher) -> views.DiscussionView:
    """A discussion, and whether everybody was there whom the pack wants."""
    missing = policy.quorum_missing(pack, one.kind.value, one.attended)
    minutes = one.minutes
    return views.DiscussionView(
        discussion_id=one.id,
        kind=one.kind.value,
        state="held" if one.held_at is not None else "decided",
        decided_at=one.decided_at,
        held_at=one.held_at,
        attended=list(one.attended),
        quorum_met=one.held_at is not None and not missing,
        quorum_missing=list(missing),
        result=one.result,
        subject_ids=list(one.subject_ids),
        minutes=cipher.decrypt(minutes, table="discussions", column="minutes", row_id=one.id) if minutes else None,
        recorded_by=one.recorded_by,
        recorded_at=one.recorded_at,
    )


def _words(cipher: Cipher, sealed: bytes, *, table: str, row_id: UUID) -> dict[str, Any]:
    opened: dict[str, Any] = json.loads(cipher.decrypt(sealed, table=table, column="words", row_id=row_id))
    return opened
