"""Closing with a reason, opening again; open cases and milestones."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from services.triage.application import commands
from services.triage.application.commands import discussing
from services.triage.application.handlers import restating
from services.triage.domain.model import ClosureReason, Lacking, NotAllowed, ReopeningReason, RoleNeeded, Stage
from shared.contracts.triage import DecisionMade
from shared.policy.clocks import clocks_for
from shared.policy.model import Pack
from tests.support.builders_heard import withdrawn
from tests.support.builders_triage import informed, received, subject_id, told
from tests.support.deliveries import NOON
from tests.unit.triage.memory import MemoryWork
from tests.unit.triage.staff import act, case_of, decide, open_and_decide

CONTACT = UUID(int=61)


@pytest.fixture
def work(pack: Pack) -> MemoryWork:
    """One contact about one child with an open case."""
    work = MemoryWork(pack)
    work.hear(received(CONTACT, told(CONTACT, open_case="yes")))
    commands.open_contact(act(work, CONTACT), work)
    return work


def close(work: MemoryWork, reason: ClosureReason, note: str | None = None, role: str = "manager") -> None:
    commands.close_contact(act(work, CONTACT, "max", role), work, reason=reason, note=note)


def reopen(work: MemoryWork, role: str) -> None:
    commands.reopen_contact(act(work, CONTACT, "ann", role), work, reason=ReopeningReason.CLOSED_IN_ERROR, note="No.")


def test_withdrawn_takes_a_manager_and_a_withdrawal_or_a_reason(work: MemoryWork) -> None:
    with pytest.raises(NotAllowed, match="manager_needed_to_close"):
        close(work, ClosureReason.WITHDRAWN, "Pressed.", role="practitioner")
    with pytest.raises(Lacking, match="missing_note"):
        close(work, ClosureReason.WITHDRAWN)
    work.hear(withdrawn(CONTACT, sequence=2))


def test_a_withdrawal_on_file_is_reason_enough(work: MemoryWork) -> None:
    work.hear(withdrawn(CONTACT, sequence=2))
    close(work, ClosureReason.WITHDRAWN)
    assert case_of(work, CONTACT).closed_reason == "withdrawn"


def test_completed_anybody_reopens_all_else_takes_a_manager(work: MemoryWork) -> None:
    close(work, ClosureReason.NOT_OUR_AREA)
    with pytest.raises(RoleNeeded):
        reopen(work, "practitioner")
    reopen(work, "manager")
    open_and_decide(work, CONTACT)
    work.hear(informed(CONTACT, {subject_id(CONTACT): 1}, sequence=1))
    close(work, ClosureReason.COMPLETED, role="practitioner")
    reopen(work, "practitioner")
    case = case_of(work, CONTACT)
    assert (case.stage, case.undecided(), case.closed_at, case.closed_reason) == (Stage.OPENED, 0, None, None)
    assert [one.what for one in case.new_entries if one.what in ("closed", "reopened")] == ["closed", "reopened"] * 2
    restated = restating.restated(case, work.pack)
    assert restated.reopened is not None
    assert restated.reopened.reason_code == "closed_in_error"
    with pytest.raises(NotAllowed, match="not_when_opened"):
        reopen(work, "manager")


def test_reopened_before_anybody_was_told_it_still_waits_for_that(work: MemoryWork) -> None:
    open_and_decide(work, CONTACT)
    close(work, ClosureReason.COMPLETED)
    reopen(work, "practitioner")
    case = case_of(work, CONTACT)
    assert case.informing_awaited
    with pytest.raises(NotAllowed, match="manager_needed_to_close"):
        close(work, ClosureReason.COMPLETED, role="practitioner")
    work.hear(informed(CONTACT, {subject_id(CONTACT): 1}, sequence=1))
    assert (case.stage, case.informing_awaited) == (Stage.OPENED, False)
    close(work, ClosureReason.COMPLETED, role="practitioner")


def test_an_open_case_goes_to_its_team_and_is_no_referral(work: MemoryWork, pack: Pack) -> None:
    subject = case_of(work, CONTACT).subjects[0]
    assert "open_case" in subject.standing.flags
    with pytest.raises(Lacking, match="missing_allocated_team"):
        decide(work, CONTACT, outcome="information_on_open_case")
    with pytest.raises(Lacking, match="unknown_team"):
        decide(work, CONTACT, outcome="information_on_open_case", team_code="the_usual_one")
    waiting = decide(work, CONTACT, outcome="information_on_open_case", team_code="child_protection")
    for manager in ("max", "eve")[: waiting.authorisations_needed]:
        by = act(work, CONTACT, manager, "manager")
        commands.authorise_decision(by, work, subject_id=subject_id(CONTACT), agreed=True, reason=None)
    said = work.said[-1][1]
    assert isinstance(said, DecisionMade)
    assert (said.outcome, said.counts_as_referral, waiting.team_code) == (
        "information_on_open_case",
        False,
        "child_protection",
    )
    started = [rule.kind for rule in clocks_for(pack, "DecisionMade", {"outcome": said.outcome})]
    assert "open_case_passed" in started


def test_a_milestone_is_recorded_once_whoever_tells_it(work: MemoryWork) -> None:
    def record(code: str = "worker_received", minutes: int = 0) -> tuple[UUID, bool]:
        at = NOON - timedelta(minutes=minutes)
        by = act(work, CONTACT, "case-system", "service")
        milestone, new = discussing.record_milestone(
            by, work, subject_id=subject_id(CONTACT), code=code, occurred_at=at
        )
        return milestone.id, new

    first, new = record()
    assert new
    assert record() == (first, False)
    assert record(minutes=5)[1]
    assert work.names().count("MilestoneRecorded") == 2
    with pytest.raises(Lacking, match="unknown_milestone"):
        record("lunch")
    with pytest.raises(Lacking, match="in_the_future"):
        record(minutes=-1)
