"""A referrer disagrees: a manager who had no part in it answers, once, at any stage."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.triage.application import commands
from services.triage.application.handlers import restating
from services.triage.domain.model import Attention, ClosureReason, Lacking, NotAllowed, NotThere, RoleNeeded, Stage
from shared.contracts.triage import ChallengeAnswered
from shared.policy.model import Pack
from tests.support.builders_heard import challenge_id, challenged
from tests.support.builders_triage import received, subject_id, told
from tests.unit.triage.memory import MemoryWork
from tests.unit.triage.staff import act, case_of, open_and_decide, revise

CONTACT = UUID(int=51)


@pytest.fixture
def work(pack: Pack) -> MemoryWork:
    """Decided by ann, revised by bob with max's agreement, and challenged."""
    work = MemoryWork(pack)
    work.hear(received(CONTACT, told(CONTACT)))
    open_and_decide(work, CONTACT)
    revise(work, CONTACT, outcome="s17_assessment", by="bob")
    by = act(work, CONTACT, "max", "manager")
    commands.authorise_decision(by, work, subject_id=subject_id(CONTACT), agreed=True, reason=None)
    work.hear(challenged(CONTACT, 1, sequence=2))
    return work


def answer(work: MemoryWork, by: str, role: str = "manager", *, reason: str = "concern_not_borne_out") -> None:
    commands.answer_challenge(
        act(work, CONTACT, by, role),
        work,
        challenge_id=challenge_id(CONTACT),
        result="upheld",
        reason_codes=(reason,),
        answer="We had not seen the child.",
    )


def test_it_asks_for_attention_and_pauses_nothing(work: MemoryWork) -> None:
    case = case_of(work, CONTACT)
    assert (case.stage, case.attention, case.informing_awaited) == (Stage.DECIDED, {Attention.CHALLENGED}, True)
    commands.open_contact(act(work, CONTACT), work)
    assert case.attention == {Attention.CHALLENGED}
    commands.close_contact(act(work, CONTACT, "eve", "manager"), work, reason=ClosureReason.COMPLETED, note=None)
    assert case.attention == {Attention.CHALLENGED}


@pytest.mark.parametrize("by", ["ann", "bob", "max"])
def test_nobody_answers_who_decided_or_authorised_any_of_it(work: MemoryWork, by: str) -> None:
    with pytest.raises(NotAllowed, match="another_manager_needed"):
        answer(work, by)


def test_a_manager_is_needed_and_the_packs_reasons(work: MemoryWork) -> None:
    with pytest.raises(RoleNeeded):
        answer(work, "eve", "practitioner")
    with pytest.raises(Lacking, match="unknown_reason"):
        answer(work, "eve", reason="because")


def test_answered_once_also_after_closure_and_said_without_words(work: MemoryWork) -> None:
    commands.close_contact(act(work, CONTACT, "eve", "manager"), work, reason=ClosureReason.COMPLETED, note=None)
    answer(work, "eve")
    said = work.said[-1][1]
    assert isinstance(said, ChallengeAnswered)
    assert (said.result, said.reason_codes) == ("upheld", ("concern_not_borne_out",))
    assert "seen the child" not in said.model_dump_json()
    assert case_of(work, CONTACT).attention == set()
    with pytest.raises(NotAllowed, match="answered_already"):
        answer(work, "zoe")
    restated = restating.restated(case_of(work, CONTACT), work.pack)
    assert restated.challenges_answered == (said,)


def test_heard_again_it_stays_answered(work: MemoryWork) -> None:
    answer(work, "eve")
    work.hear(challenged(CONTACT, 1, sequence=3))
    assert case_of(work, CONTACT).attention == set()


def test_about_a_sibling_only_those_count_who_decided_on_that_one(pack: Pack) -> None:
    work = MemoryWork(pack)
    work.hear(received(CONTACT, told(CONTACT), told(CONTACT, 2)))
    open_and_decide(work, CONTACT)
    revise(work, CONTACT, 2, by="eve")
    work.hear(challenged(CONTACT, 1, sequence=2))
    answer(work, "eve")
    with pytest.raises(NotThere):
        commands.answer_challenge(
            act(work, CONTACT, "eve", "manager"),
            work,
            challenge_id=uuid4(),
            result="upheld",
            reason_codes=(),
            answer="No.",
        )
