"""The story's lines for the work of the hub: each new event is one line, and says nothing personal."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from mash.story import Story
from shared.contracts import intake, triage
from shared.contracts.envelope import EventData
from tests.support.deliveries import NOON, event_of
from tests.unit.mash.test_story import BABY, CONTACT, KEPT, PACK, RECEIVED, decision, rated, told

OTHER = uuid4()
COUNTS = intake.HistoryCounts(
    repeat_contacts_12_months=3,
    referrals_12_months=0,
    assessments_closed_12_months=0,
    no_further_action_12_months=0,
    closed_6_months=0,
    greens_3_months=0,
    agencies_7_days=1,
    same_home_12_months=0,
)
NOTHING = COUNTS.model_copy(update={"repeat_contacts_12_months": 1})


def link(role: str) -> intake.ContactsLinked:
    return intake.ContactsLinked(
        contact=KEPT,
        link_id=uuid4(),
        link_version=1,
        relation="duplicate" if role != "peer" else "related",
        role=role,
        other_contact_id=OTHER,
        linked_at=NOON,
        reason_code="same_incident",
        received_at=NOON,
        subjects=(),
        pairs={},
    )


def history(counts: intake.HistoryCounts, *, probable: bool = False) -> intake.HistoryFound:
    related = (intake.Relative(contact_id=OTHER, subject_id=BABY, relation="same_child", certainty="probable"),)
    subject = intake.SubjectHistory(
        subject_id=BABY, child_id=None, confirmed=counts, probable=counts, related=related if probable else ()
    )
    return intake.HistoryFound(contact=KEPT, history_version=1, found_at=NOON, subjects=(subject,))


def assigned(team: str, hand_over: str | None, *, to_worker: bool = False) -> triage.ContactAssigned:
    return triage.ContactAssigned(
        contact=KEPT, assignment_id=uuid4(), assigned_at=NOON, team=team, to_worker=to_worker, hand_over=hand_over
    )


LINES: list[tuple[EventData, str]] = [
    (
        intake.InformationAdded(
            contact=KEPT,
            information_id=uuid4(),
            added_at=NOON,
            given_by="referrer",
            in_words=True,
            subjects=RECEIVED.subjects,
            answers_request=uuid4(),
        ),
        "more is told by the referrer, in answer to what was asked; 1 person more",
    ),
    (
        intake.WithdrawalRequested(contact=KEPT, withdrawal_id=uuid4(), requested_at=NOON, reason_code="resolved"),
        "the referrer would take it back (the worry is resolved): noted",
    ),
    (
        intake.DecisionChallenged(
            contact=KEPT, challenge_id=uuid4(), challenged_at=NOON, reason_code="new_risk", subject_ids=(BABY,)
        ),
        "the referrer challenges the decision: the risk has changed",
    ),
    (history(COUNTS), "known before: contact 3 in twelve months"),
    (history(NOTHING, probable=True), "known before: 1 contact that may be about the same people"),
    (link("primary"), "linked with an earlier contact (same incident): the work on both is done here"),
    (
        link("duplicate"),
        "linked with an earlier contact (same incident): the work is done there, its own referrer is told here",
    ),
    (link("peer"), "shown beside an earlier contact (same incident)"),
    (
        intake.ContactsUnlinked(
            contact=KEPT,
            link_id=uuid4(),
            role="duplicate",
            other_contact_id=OTHER,
            unlinked_at=NOON,
            reason_code="wrong_child",
        ),
        "no longer linked with an earlier contact (wrong child): worked on by itself",
    ),
    (assigned("mash", None, to_worker=True), "assigned: MASH, day team, a worker has it"),
    (assigned("edt", "to_edt"), "handed over for the night: Emergency Duty Team, out of hours"),
    (assigned("mash", "from_edt"), "handed back to the day: MASH, day team"),
    (
        triage.InformationRequested(
            contact=KEPT, request_id=uuid4(), requested_at=NOON, question_codes=("consent", "who_lives_there")
        ),
        f"the referrer is asked: {PACK.questions['consent']} {PACK.questions['who_lives_there']}",
    ),
    (
        triage.ChecksRequested(
            contact=KEPT, check_id=uuid4(), agency="police", requested_at=NOON, rating="red", subject_ids=(BABY,)
        ),
        "check: police asked what it knows",
    ),
    (
        triage.CheckAnswered(
            contact=KEPT, check_id=uuid4(), agency="mental_health", answered_at=NOON, answer="nothing_known"
        ),
        "check: mental health services answered (nothing known)",
    ),
    (
        triage.DecisionRevised(
            **decision(decision_version=2, outcome="early_help", level=2).model_dump(), revises_version=1
        ),
        "decided again (version 2): early help, level 2 (child 1), instead of version 1",
    ),
    (
        triage.ChallengeAnswered(
            contact=KEPT, challenge_id=uuid4(), answered_at=NOON, result="not_upheld", reason_codes=("already_open",)
        ),
        f"challenge answered by another manager: not upheld. {PACK.reasons['already_open']}",
    ),
    (
        triage.ContactReopened(contact=KEPT, reopened_at=NOON, reason_code="closed_in_error"),
        "open again: closed in error",
    ),
]


@pytest.mark.parametrize(("data", "line"), LINES, ids=lambda value: type(value).__name__)
def test_each_event_is_one_line(data: EventData, line: str) -> None:
    assert told(data) == [line]


def test_nothing_known_before_is_no_line() -> None:
    assert told(history(NOTHING)) == []


def test_a_link_names_the_other_contact_by_its_reference() -> None:
    story = Story(PACK)
    kept = KEPT.model_copy(update={"reference": "MASH-0000-0000-0"})
    story.tell([event_of(RECEIVED.model_copy(update={"contact": kept}), contact_id=OTHER, sequence=1)])
    assert "MASH-0000-0000-0" in told(link("duplicate"), story=story)[0]


def test_what_the_steps_of_the_examples_wait_for_is_remembered() -> None:
    story = Story(PACK)
    challenged, linked = LINES[2][0], LINES[6][0]
    closed = triage.ContactClosed(contact=KEPT, closed_at=NOON, reason_code="completed")
    told(RECEIVED, rated("amber"), rated(version=2), challenged, linked, closed, story=story)
    thread = story.threads[CONTACT]
    assert (thread.again, thread.challenged, thread.linked, thread.closed) == (True, True, True, True)


def test_a_revision_must_be_told_again() -> None:
    story = Story(PACK)
    revised = triage.DecisionRevised(**decision(decision_version=2).model_dump(), revises_version=1)
    told(RECEIVED, decision(), story=story)
    story.threads[CONTACT].informed = True
    story.tell([event_of(revised, contact_id=CONTACT, sequence=9, at=NOON + timedelta(minutes=1))])
    assert "informed" in story.threads[CONTACT].awaits(PACK)


def test_a_code_without_words_is_said_as_it_is() -> None:
    assert told(assigned("night_watch", None)) == ["assigned: night watch"]
