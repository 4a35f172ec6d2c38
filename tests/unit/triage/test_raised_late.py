"""A rating that rises after a decision: the decision stays as it was said, and the subject is decided again."""

from __future__ import annotations

from services.triage.application.handlers.told import contact_told, subjects_told
from services.triage.domain.model import Attention, Case, DecisionState, Stage, deciding, rating
from shared.contracts.intake import ContactReceived
from shared.policy.model import Pack
from tests.support.builders_triage import RED, received, subject_id, told
from tests.unit.triage.test_deciding import CONTACT, hear_informed, opened, proposal, s47, signed


def hear_worse(case: Case, pack: Pack, *positions: int) -> None:
    data = received(CONTACT, *(told(CONTACT, one, facts=RED) for one in positions)).data
    assert isinstance(data, ContactReceived)
    rating.hear_what_was_told(case, contact_told(data), subjects_told(data), pack, signed())


def test_a_rise_after_the_decision_overtakes_it_and_the_next_is_the_next_version(pack: Pack) -> None:
    case = opened(pack, told(CONTACT), told(CONTACT, 2))
    first = deciding.decide(case, proposal(), pack, signed())
    other = deciding.decide(case, proposal(2), pack, signed())
    hear_informed(case, {subject_id(CONTACT): 1, subject_id(CONTACT, 2): 1})
    hear_worse(case, pack, 1)
    assert [first.state, other.state] == [DecisionState.OVERTAKEN, DecisionState.EFFECTIVE]
    assert (case.stage, case.rating, case.undecided()) == (Stage.OPENED, "red", 1)
    assert "decision_overtaken" in [entry.what for entry in case.new_entries]
    second = deciding.decide(case, s47(case), pack, signed())
    deciding.authorise(case, subject_id(CONTACT), pack, signed("eve", "manager"), agreed=True, note=None)
    assert (second.version, second.state, case.stage) == (2, DecisionState.EFFECTIVE, Stage.DECIDED)
    assert (case.attention, case.informing_awaited) == (set(), True)
    hear_informed(case, {subject_id(CONTACT): 1})
    assert case.stage is Stage.DECIDED
    hear_informed(case, {subject_id(CONTACT): 2})
    assert case.stage is Stage.INFORMED


def test_a_rise_while_another_is_undecided_overtakes_too(pack: Pack) -> None:
    case = opened(pack, told(CONTACT), told(CONTACT, 2))
    decision = deciding.decide(case, proposal(), pack, signed())
    hear_worse(case, pack, 1)
    assert (decision.state, case.undecided(), case.stage) == (DecisionState.OVERTAKEN, 2, Stage.OPENED)
    assert case.attention == {Attention.RAISED_LATE}


def test_a_person_who_raises_overtakes_too(pack: Pack) -> None:
    case = opened(pack, told(CONTACT), told(CONTACT, 2))
    decision = deciding.decide(case, proposal(), pack, signed())
    rating.rerate(case, subject_id(CONTACT), "red-abuse", pack, signed(), note=b"sealed")
    assert (decision.state, case.undecided(), case.attention) == (DecisionState.OVERTAKEN, 2, set())
