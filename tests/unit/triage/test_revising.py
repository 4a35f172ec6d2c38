"""A decision in force is decided anew: the first stays as it was said, the referrer is told again."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.triage.application import commands
from services.triage.domain.model import ClosureReason, DecisionState, Lacking, Move, NotAllowed, ReopeningReason, Stage
from shared.contracts.triage import DecisionMade, DecisionRevised
from shared.policy.model import Pack
from tests.support.builders_triage import RED, informed, received, subject_id, told
from tests.unit.triage.memory import MemoryWork
from tests.unit.triage.staff import act, case_of, decide, open_and_decide, revise

CONTACT = UUID(int=41)


@pytest.fixture
def work(pack: Pack) -> MemoryWork:
    """One contact about one child, decided."""
    work = MemoryWork(pack)
    work.hear(received(CONTACT, told(CONTACT)))
    open_and_decide(work, CONTACT)
    return work


def tell(work: MemoryWork, version: int, sequence: int) -> None:
    work.hear(informed(CONTACT, {subject_id(CONTACT): version}, sequence=sequence))


def test_the_revision_is_said_and_the_first_stays_as_it_was(work: MemoryWork) -> None:
    tell(work, 1, 1)
    case = case_of(work, CONTACT)
    revise(work, CONTACT)
    said = work.said[-1][1]
    assert isinstance(said, DecisionRevised)
    assert (said.decision_version, said.revises_version, said.outcome) == (2, 1, "early_help")
    assert [(one.state, one.outcome) for one in case.decisions] == [
        (DecisionState.REVISED, "signpost"),
        (DecisionState.EFFECTIVE, "early_help"),
    ]
    assert (case.stage, case.informing_awaited) == (Stage.DECIDED, True)
    tell(work, 1, 2)
    assert (case.stage, case.informing_awaited) == (Stage.DECIDED, True)
    tell(work, 2, 3)
    assert (case.stage, case.informing_awaited) == (Stage.INFORMED, False)


def test_without_the_version_it_is_decided_already(work: MemoryWork) -> None:
    with pytest.raises(NotAllowed, match="decided_already") as refused:
        decide(work, CONTACT, outcome="early_help")
    assert Move.REVISE in refused.value.allowed
    with pytest.raises(NotAllowed, match="another_version_in_force"):
        revise(work, CONTACT, revises=2)
    with pytest.raises(Lacking, match="missing_reason"):
        revise(work, CONTACT, reason=None)


def test_a_revision_takes_the_same_guards_and_the_same_authority(work: MemoryWork) -> None:
    case = case_of(work, CONTACT)
    with pytest.raises(Lacking, match="missing_lead"):
        revise(work, CONTACT, words={"rationale": "Anew."})
    proposed = revise(work, CONTACT, outcome="s17_assessment")
    assert (proposed.state, case.stage) == (DecisionState.PROPOSED, Stage.DECIDED)
    assert case.decision_of(subject_id(CONTACT)) is case.decisions[0]
    by = act(work, CONTACT, "ann", "manager")
    with pytest.raises(NotAllowed, match="second_person_needed"):
        commands.authorise_decision(by, work, subject_id=subject_id(CONTACT), agreed=True, reason=None)
    by = act(work, CONTACT, "max", "manager")
    commands.authorise_decision(by, work, subject_id=subject_id(CONTACT), agreed=True, reason=None)
    assert (proposed.state, case.decisions[0].state) == (DecisionState.EFFECTIVE, DecisionState.REVISED)
    assert [type(data) for _, data in work.said[-2:]] == [DecisionMade, DecisionRevised]


def test_a_revision_that_is_refused_leaves_the_first_in_force(work: MemoryWork) -> None:
    revise(work, CONTACT, outcome="s17_assessment")
    by = act(work, CONTACT, "max", "manager")
    commands.authorise_decision(by, work, subject_id=subject_id(CONTACT), agreed=False, reason="Not borne out.")
    case = case_of(work, CONTACT)
    assert (case.undecided(), case.decisions[0].state) == (0, DecisionState.EFFECTIVE)


def test_a_rise_while_a_revision_waits_overtakes_both(work: MemoryWork) -> None:
    revise(work, CONTACT, outcome="s17_assessment")
    work.hear(received(CONTACT, told(CONTACT, facts=RED), sequence=2, restated=True))
    case = case_of(work, CONTACT)
    assert [one.state for one in case.decisions] == [DecisionState.OVERTAKEN, DecisionState.REPLACED]
    with pytest.raises(NotAllowed, match="nothing_to_revise"):
        revise(work, CONTACT)


def test_what_is_closed_is_reopened_first(work: MemoryWork) -> None:
    tell(work, 1, 1)
    commands.close_contact(act(work, CONTACT), work, reason=ClosureReason.COMPLETED, note=None)
    with pytest.raises(NotAllowed, match="reopen_first") as refused:
        revise(work, CONTACT)
    assert refused.value.allowed == (Move.REOPEN,)
    commands.reopen_contact(act(work, CONTACT), work, reason=ReopeningReason.OTHER, note="Read again.")
    revise(work, CONTACT)
    assert case_of(work, CONTACT).stage is Stage.DECIDED
    assert work.names()[-2:] == ["ContactReopened", "DecisionRevised"]


def test_one_of_two_is_revised_and_only_that_one(pack: Pack) -> None:
    work = MemoryWork(pack)
    work.hear(received(CONTACT, told(CONTACT), told(CONTACT, 2)))
    open_and_decide(work, CONTACT)
    sibling = case_of(work, CONTACT).decision_of(subject_id(CONTACT, 2))
    revise(work, CONTACT)
    assert case_of(work, CONTACT).decision_of(subject_id(CONTACT, 2)) is sibling


def test_nobody_alone_goes_below_what_is_in_force(work: MemoryWork) -> None:
    revise(work, CONTACT, outcome="s17_assessment")
    by = act(work, CONTACT, "max", "manager")
    commands.authorise_decision(by, work, subject_id=subject_id(CONTACT), agreed=True, reason=None)
    lower = revise(work, CONTACT, revises=2, outcome="signpost")
    assert (lower.state, lower.lowers, lower.role_needed) == (DecisionState.PROPOSED, True, "manager")
    case = case_of(work, CONTACT)
    in_force = case.decision_of(subject_id(CONTACT))
    assert in_force is not None
    assert in_force.outcome == "s17_assessment"
