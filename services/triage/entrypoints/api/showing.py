"""From a case to what its readers see; here, and only here, what people wrote is opened."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.triage.adapters.queries import subjects_of
from services.triage.adapters.repositories.rows import document
from services.triage.application.ports import Cipher
from services.triage.domain.model import Case, Decision, Stage, Subject
from services.triage.entrypoints.api import showing_gathered
from services.triage.entrypoints.api.showing_heard import heard, history_of
from services.triage.entrypoints.schemas import lists, views
from shared.policy.facts import Answer
from shared.policy.model import Pack


def head(case: Case, *, made: UUID | None = None) -> views.CaseHead:
    """Where a case stands."""
    return views.CaseHead(**_head(case), made=made)


def _head(case: Case) -> dict[str, Any]:
    return {
        "contact_id": case.contact_id,
        "reference": case.reference,
        "stage": case.stage.value,
        "version": case.version,
        "rating": case.rating,
        "rating_version": case.rating_version,
        "unrated": case.unrated,
        "undecided": case.undecided(),
        "allowed": [move.value for move in case.allowed()],
        "duplicate_of": case.heard.duplicate_of,
    }


_OF_CASE = (
    "pages",
    "opened_at",
    "opened_by",
    "closed_at",
    "closed_reason",
    "next_due_at",
    "breached",
    "acknowledged_at",
)
_OF_CONTACT = (
    "received_at",
    "accepted_at",
    "incident_at",
    "channel",
    "sender_grade",
    "referrer_kind",
    "source_code",
    "organisation_id",
    "has_address",
)


def _picked(source: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(source, name, None) for name in names}


def whole(case: Case, pack: Pack, cipher: Cipher, *, now: datetime) -> views.CaseView:
    """Everything that is known of a case; ``now`` says how late an open check is."""
    policy = case.policy
    return views.CaseView(
        **_head(case),
        **_picked(case, _OF_CASE),
        **_picked(case.contact, _OF_CONTACT),
        policy=f"{policy[0]}@{policy[1]}" if policy else None,
        policy_hash=policy[2] if policy else None,
        undelivered=sorted(case.undelivered.values()),
        attention=sorted(case.attention),
        **heard(case, cipher),
        subjects=[_subject(one, pack) for one in case.subjects],
        decisions=[_decision(one, pack, cipher) for one in case.decisions],
        discussions=[showing_gathered.discussion(one, pack, cipher) for one in case.discussions],
        team=case.assigned.team if case.assigned else None,
        worker=case.assigned.worker if case.assigned else None,
        assignments=[showing_gathered.assignment(one, cipher) for one in case.assignments],
        checks=[showing_gathered.check(one, cipher, now=now) for one in case.checks],
        information_requests=[showing_gathered.request(one, pack) for one in case.requests],
        milestones=[
            views.MilestoneView(
                milestone_id=one.id,
                subject_id=one.subject_id,
                code=one.code,
                occurred_at=one.occurred_at,
                recorded_by=one.recorded_by,
                recorded_at=one.recorded_at,
            )
            for one in case.milestones
        ],
    )


def _subject(subject: Subject, pack: Pack) -> views.SubjectView:
    standing, asked = subject.standing, subject.lowering
    return views.SubjectView(
        subject_id=subject.subject_id,
        position=subject.position,
        kind=subject.kind,
        age=views.AgeView(unit=subject.age.unit, value=subject.age.value, estimated=subject.age.estimated),
        consent=subject.consent.value,
        open_case=(subject.facts.open_case if subject.facts else Answer.NOT_KNOWN).value,
        history=history_of(subject),
        rating=standing.rating,
        routes=list(standing.routes),
        proposed_route=standing.proposed_route,
        proposed_outcome=standing.outcome,
        outcome_floor=standing.outcome_floor,
        level=standing.level,
        level_by_person=standing.level_by_person,
        needs_person=standing.needs_person,
        unrated=subject.unrated,
        rated_by=subject.rated_by,
        machine_rating=subject.machine.rating if subject.machine else None,
        flags=[views.CodeView(code=flag, words=pack.flags.get(flag, flag)) for flag in standing.flags],
        reasons=[
            views.ReasonView(
                rule=reason.rule,
                route=reason.route,
                outcome=reason.outcome,
                facts=[views.FactView(name=name, answer=answer) for name, answer in reason.facts],
                place=reason.place,
                strength=reason.strength.value,
                text=reason.text,
                default=reason.default,
            )
            for reason in standing.reasons
        ],
        lowering=views.LoweringView(route=asked.route, asked_by=asked.asked_by, asked_at=asked.asked_at)
        if asked
        else None,
    )


def _decision(decision: Decision, pack: Pack, cipher: Cipher) -> views.DecisionView:
    words = json.loads(cipher.decrypt(decision.words, table="decisions", column="words", row_id=decision.id))
    return views.DecisionView(
        decision_id=decision.id,
        subject_id=decision.subject_id,
        version=decision.version,
        state=decision.state.value,
        outcome=decision.outcome,
        differs_from_proposal=decision.proposed_outcome not in (None, decision.outcome),
        proposed_outcome=decision.proposed_outcome,
        lowers=decision.lowers,
        level=decision.level,
        inquiry=decision.inquiry,
        rationale=words.get("rationale", ""),
        lead_code=decision.lead_code,
        lead=words.get("lead"),
        team=words.get("team"),
        team_code=decision.team_code,
        counts_as_referral=pack.outcomes[decision.outcome].counts_as_referral,
        revises=decision.revises,
        made_on=decision.made_on,
        consent_reason=words.get("consent"),
        unanswered_checks=decision.unanswered_checks,
        without_answers_reason=words.get("without_answers"),
        service_codes=list(decision.service_codes),
        reason_codes=list(decision.reason_codes),
        discussion_id=decision.discussion_id,
        decided_by=decision.decided_by,
        decided_at=decision.decided_at,
        role_needed=decision.role_needed,
        authorisations_missing=max(0, decision.authorisations_needed - len(decision.authorised_by)),
        authorised_by=list(decision.authorised_by),
        settled_at=decision.settled_at,
    )


def queued(row: Any) -> lists.QueuedCase:
    """One row of the queue."""
    return lists.QueuedCase(
        contact_id=row.contact_id,
        reference=row.reference,
        stage=Stage(row.stage).value,
        version=row.version,
        rating=row.rating,
        unrated=row.unrated,
        pages=row.pages,
        received_at=row.received_at,
        next_due_at=row.next_due_at,
        clocks=_clocks(row),
        breached=row.breached,
        checks_open=row.checks_open,
        checks_late=row.checks_late,
        team=row.team,
        worker=row.worker,
        sender_grade=row.sender_grade,
        attention=list(row.attention),
        duplicate_of=row.duplicate_of,
        subjects=[lists.QueuedSubject(**subject) for subject in subjects_of(row)],
    )


def _clocks(row: Any) -> list[lists.WaitingClock]:
    waiting = [lists.WaitingClock(kind=kind, due_at=due_at) for kind, due_at in document(row.clocks).values()]
    return sorted(waiting, key=lambda one: (one.due_at, one.kind))


def entry(row: Any, codes: dict[str, Any], cipher: Cipher) -> lists.EntryView:
    """One line of the history, its note opened."""
    note = None
    if row.note is not None:
        note = cipher.decrypt(bytes(row.note), table="history", column="note", row_id=row.act_id)
    return lists.EntryView(
        number=row.number,
        at=row.occurred_at,
        what=row.what,
        by=row.by,
        subject_id=row.subject_id,
        codes=codes,
        note=note,
    )
