"""Gathering and assigning without a database: hand-over, lateness, answers that come once, the restatement."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.triage.application.handlers import restating
from services.triage.domain.model import (
    Answer,
    Assignment,
    Case,
    Check,
    CheckAnswer,
    Discussion,
    DiscussionKind,
    HandOver,
    InformationRequest,
    Lacking,
    NotAllowed,
    assigning,
    discussing,
    gathering,
)
from shared.policy.model import Pack
from tests.support.builders_triage import RED, kept, subject_id, told
from tests.support.deliveries import NOON
from tests.unit.triage.test_deciding import CONTACT, opened, signed

REASONS = frozenset({"reason", "outstanding"})


def assignment(team: str, hand_over: HandOver | None = None, worker: str | None = None) -> Assignment:
    return Assignment(
        id=uuid4(),
        team=team,
        worker=worker,
        hand_over=hand_over,
        assigned_at=NOON,
        assigned_by="ann",
        words=None,
    )


def check(agency: str = "police", *, minutes: int = 0) -> Check:
    return Check(
        id=uuid4(),
        agency=agency,
        subject_ids=(subject_id(CONTACT),),
        rating="r",
        requested_at=NOON + timedelta(minutes=minutes),
        requested_by="ann",
        words=b"",
    )


def answer(minutes: int, kind: Answer = Answer.INFORMATION) -> CheckAnswer:
    at = NOON + timedelta(minutes=minutes)
    return CheckAnswer(id=uuid4(), answer=kind, answered_at=at, words=b"", recorded_by="ann", recorded_at=at)


ATTEMPTS = st.lists(
    st.tuples(
        st.sampled_from(["mash", "edt", "assessment", "owls"]),
        st.sampled_from([None, *HandOver]),
        st.sampled_from([None, "ann"]),
        st.booleans(),
    ),
    max_size=12,
)


@given(attempts=ATTEMPTS)
def test_nothing_goes_between_day_and_night_without_saying_why_and_what_is_open(
    pack: Pack, attempts: list[tuple[str, HandOver | None, str | None, bool]]
) -> None:
    case = opened(pack, told(CONTACT))
    for team, hand_over, worker, given_reasons in attempts:
        before, version = case.assigned, case.version
        given = REASONS if given_reasons else frozenset[str]()
        try:
            assigning.assign(case, assignment(team, hand_over, worker), pack, signed(), given=given)
        except (NotAllowed, Lacking):
            assert (case.assigned, case.version) == (before, version)
            continue
        night = team == pack.out_of_hours_team
        crossed = before is not None and (before.team == pack.out_of_hours_team) is not night
        assert (hand_over is not None) == crossed or (before is None and hand_over is HandOver.TO_EDT)
        assert hand_over is None or given_reasons
        assert hand_over is None or night is (hand_over is HandOver.TO_EDT)
        assert team in pack.teams


@given(due=st.integers(-500, 500), answered=st.none() | st.integers(0, 500), now=st.integers(0, 1000))
def test_lateness_ends_with_the_first_answer(due: int, answered: int | None, now: int) -> None:
    one = check()
    one.due_at = NOON + timedelta(minutes=due)
    if answered is not None:
        one.answers += [answer(answered), answer(answered + 600)]
    until = now if answered is None else answered
    late_by = one.late_by(NOON + timedelta(minutes=now))
    assert late_by == (timedelta(minutes=until - due) if until > due else None)


def test_without_a_due_time_nothing_is_late() -> None:
    assert check().late_by(NOON + timedelta(days=400)) is None


def test_a_due_time_of_something_else_changes_nothing(pack: Pack) -> None:
    case = opened(pack, told(CONTACT))
    case.checks.append(check())
    gathering.hear_due(case, uuid4(), NOON)
    assert case.checks[0].due_at is None


def request(case: Case, pack: Pack) -> UUID:
    asked = InformationRequest(id=uuid4(), question_codes=("consent",), requested_at=NOON, requested_by="ann")
    gathering.ask_referrer(case, asked, pack, signed())
    return asked.id


def test_a_request_is_answered_once(pack: Pack) -> None:
    case = opened(pack, told(CONTACT))
    asked = request(case, pack)
    version = case.version
    assert not case.information_request_answered(uuid4(), NOON)
    assert case.information_request_answered(asked, NOON)
    assert not case.information_request_answered(asked, NOON + timedelta(hours=1))
    assert case.requests[0].answered_at == NOON
    assert case.version == version


@pytest.mark.parametrize("reason", [True, False])
def test_the_gate_is_every_subjects(pack: Pack, *, reason: bool) -> None:
    """One subject without consent on a route that wants it holds the whole check back, whoever else it is about."""
    case = opened(pack, told(CONTACT, facts=RED, consent="refused"), told(CONTACT, 2, consent="refused"))
    both = check()
    both.subject_ids = (subject_id(CONTACT), subject_id(CONTACT, 2))
    with suppress(Lacking):
        gathering.ask_agencies(case, [both], pack, signed(), consent_reason=reason)
    assert bool(case.checks) is reason
    alone = check()
    gathering.ask_agencies(case, [alone], pack, signed(), consent_reason=False)
    assert alone in case.checks


def test_a_restatement_says_all_of_it_again(pack: Pack) -> None:
    case = opened(pack, told(CONTACT, facts=RED))
    asked = request(case, pack)
    first, second = check(), check("health")
    gathering.ask_agencies(case, [first, second], pack, signed(), consent_reason=False)
    given = {"what", "answered_by", "why"}
    gathering.answer_check(case, first.id, answer(10, Answer.NOTHING_KNOWN), signed(), given=given)
    gathering.answer_check(case, first.id, answer(20), signed(), given=given)
    assigning.assign(case, assignment("edt", HandOver.TO_EDT), pack, signed(), given=REASONS)
    planned = Discussion(
        id=uuid4(),
        kind=DiscussionKind.STRATEGY,
        subject_ids=(subject_id(CONTACT),),
        recorded_by="ann",
        recorded_at=NOON,
        decided_at=NOON,
    )
    discussing.discuss(case, planned, None, signed())
    said = restating.restated(case, pack)
    assert [(one.asked.agency, one.answered and one.answered.answer) for one in said.checks] == [
        ("police", "nothing_known"),
        ("health", None),
    ]
    assert [one.request_id for one in said.requests] == [asked]
    assert said.assigned is not None
    assert (said.assigned.team, said.assigned.hand_over, said.assigned.to_worker) == ("edt", "to_edt", False)
    assert said.discussions == ()  # it has not been held
    assert said.contact.received_at == kept().received_at
