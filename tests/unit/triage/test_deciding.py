"""Deciding: guards, authority, versions, what is awaited afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.triage.application.handlers.told import contact_told, subjects_told
from services.triage.domain.model import (
    Case,
    ClosureReason,
    DecisionState,
    Discussion,
    DiscussionKind,
    Lacking,
    NotAllowed,
    Signed,
    Stage,
    closing,
    deciding,
    discussing,
    hearing,
    proposing,
    rating,
)
from shared.contracts.intake import ContactReceived, SubjectTold
from shared.contracts.parts import ReferrerKind
from shared.policy.model import Pack
from tests.support.builders_triage import RED, kept, received, subject_id, told
from tests.support.deliveries import NOON

CONTACT = UUID(int=8)
ALL = frozenset({"rationale", "lead", "team"})


def signed(by: str = "ann", *roles: str) -> Signed:
    return Signed(id=uuid4(), at=NOON, by=by, roles=frozenset(roles or {"practitioner"}))


def opened(pack: Pack, *subjects: SubjectTold, kind: ReferrerKind = ReferrerKind.INVOLVED_PROFESSIONAL) -> Case:
    case = Case(contact_id=CONTACT)
    data = received(CONTACT, *subjects, contact=kept(kind=kind)).data
    assert isinstance(data, ContactReceived)
    rating.hear_what_was_told(case, contact_told(data), subjects_told(data), pack, signed())
    case.open(signed())
    return case


def proposal(position: int = 1, outcome: str = "early_help", **changes: object) -> proposing.Proposal:
    values: dict[str, object] = {
        "subject_id": subject_id(CONTACT, position),
        "outcome": outcome,
        "level": 2,
        "inquiry": None,
        "service_codes": ("gp",),
        "reason_codes": (),
        "discussion_id": None,
        "given": ALL,
        "words": b"sealed",
    }
    return proposing.Proposal(**(values | changes))  # pyright: ignore[reportArgumentType]


def held(case: Case, *attended: str, at: datetime = NOON) -> UUID:
    discussion = Discussion(
        id=uuid4(),
        kind=DiscussionKind.STRATEGY,
        subject_ids=(subject_id(CONTACT),),
        recorded_by="ann",
        recorded_at=NOON,
    )
    there = attended or ("childrens_services", "police", "health")
    holding = discussing.Holding(held_at=at, attended=there, result=None, minutes=None)
    discussing.discuss(case, discussion, holding, signed())
    return discussion.id


def s47(case: Case) -> proposing.Proposal:
    return proposal(outcome="s47_strategy_discussion", inquiry="joint", discussion_id=held(case))


def test_the_last_decision_decides_the_contact(pack: Pack) -> None:
    case = opened(pack, told(CONTACT), told(CONTACT, 2))
    deciding.decide(case, proposal(), pack, signed())
    assert (case.stage, case.undecided(), case.informing_awaited) == (Stage.OPENED, 1, False)
    deciding.decide(case, proposal(2), pack, signed())
    assert (case.stage, case.undecided(), case.informing_awaited) == (Stage.DECIDED, 0, True)


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        (ReferrerKind.PROFESSIONAL, True),
        (ReferrerKind.FAMILY, True),
        (ReferrerKind.PUBLIC, False),
        (ReferrerKind.ANONYMOUS, False),
        (ReferrerKind.OTHER, False),
    ],
)
def test_who_is_waited_for_to_be_informed(pack: Pack, kind: ReferrerKind, due: bool) -> None:  # noqa: FBT001
    case = opened(pack, told(CONTACT), kind=kind)
    deciding.decide(case, proposal(), pack, signed())
    assert case.informing_awaited is due


def test_s17_waits_for_a_manager_who_did_not_decide(pack: Pack) -> None:
    case = opened(pack, told(CONTACT))
    decision = deciding.decide(case, proposal(outcome="s17_assessment"), pack, signed("max", "manager"))
    assert (decision.state, case.stage) == (DecisionState.PROPOSED, Stage.OPENED)
    with pytest.raises(NotAllowed, match="manager_needed"):
        deciding.authorise(case, subject_id(CONTACT), pack, signed("ann"), agreed=True, note=None)
    with pytest.raises(NotAllowed, match="second_person_needed"):
        deciding.authorise(case, subject_id(CONTACT), pack, signed("max", "manager"), agreed=True, note=None)
    deciding.authorise(case, subject_id(CONTACT), pack, signed("eve", "manager"), agreed=True, note=None)
    assert (decision.state, case.stage) == (DecisionState.EFFECTIVE, Stage.DECIDED)


def test_a_floor_of_two_people_takes_two_managers_beside_a_practitioner(pack: Pack) -> None:
    case = opened(pack, told(CONTACT, facts={"exploitation_score": "high"}))
    decision = deciding.decide(case, proposal(level=3), pack, signed())
    assert (decision.lowers, decision.role_needed) == (True, "manager")
    needed = decision.authorisations_needed
    for manager in ["max", "eve"][:needed]:
        assert decision.state is DecisionState.PROPOSED
        deciding.authorise(case, subject_id(CONTACT), pack, signed(manager, "manager"), agreed=True, note=None)
    assert decision.state is DecisionState.EFFECTIVE


def test_deciding_otherwise_before_anybody_agreed_replaces(pack: Pack) -> None:
    case = opened(pack, told(CONTACT))
    first = deciding.decide(case, proposal(outcome="s17_assessment"), pack, signed())
    second = deciding.decide(case, proposal(), pack, signed())
    assert [first.state, second.state] == [DecisionState.REPLACED, DecisionState.EFFECTIVE]
    assert [first.version, second.version] == [1, 1]


def test_a_rating_that_rises_overtakes_what_nobody_has_agreed_to(pack: Pack) -> None:
    case = opened(pack, told(CONTACT))
    waiting = deciding.decide(case, proposal(outcome="s17_assessment"), pack, signed())
    data = received(CONTACT, told(CONTACT, facts=RED)).data
    assert isinstance(data, ContactReceived)
    rating.hear_what_was_told(case, contact_told(data), subjects_told(data), pack, signed())
    assert waiting.state is DecisionState.REPLACED


def test_so_does_a_person_who_raises_it(pack: Pack) -> None:
    case = opened(pack, told(CONTACT))
    waiting = deciding.decide(case, proposal(outcome="s17_assessment"), pack, signed())
    rating.rerate(case, subject_id(CONTACT), "red-immediate", pack, signed("bob"), note=b"why")
    assert waiting.state is DecisionState.REPLACED
    with pytest.raises(NotAllowed, match="nothing_to_authorise"):
        deciding.authorise(case, subject_id(CONTACT), pack, signed("cat", "manager"), agreed=True, note=None)


def test_a_discussion_is_about_what_had_been_received(pack: Pack) -> None:
    case = opened(pack, told(CONTACT, facts=RED))
    with pytest.raises(Lacking, match="before_receipt"):
        held(case, at=NOON - timedelta(seconds=1))
    assert held(case, at=NOON)


def test_s47_needs_who_was_there(pack: Pack) -> None:
    case = opened(pack, told(CONTACT, facts=RED))
    alone = proposal(
        outcome="s47_strategy_discussion", inquiry="single", discussion_id=held(case, "childrens_services")
    )
    with pytest.raises(Lacking) as refused:
        deciding.decide(case, alone, pack, signed())
    assert {code for _, code in refused.value.missing} == {"missing_attendance:police", "missing_attendance:health"}
    assert deciding.decide(case, s47(case), pack, signed()).state is DecisionState.PROPOSED


@pytest.mark.parametrize(
    ("outcome", "without"),
    [("early_help", "lead"), ("transfer_to_other_authority", "team"), ("s17_assessment", "rationale")],
)
def test_what_each_outcome_must_carry(pack: Pack, outcome: str, without: str) -> None:
    case = opened(pack, told(CONTACT))
    with pytest.raises(Lacking) as refused:
        deciding.decide(case, proposal(outcome=outcome, given=ALL - {without}), pack, signed())
    assert refused.value.missing == ((without, f"missing_{without}"),)


def test_told_of_every_newest_decision_is_informed(pack: Pack) -> None:
    case = opened(pack, told(CONTACT), told(CONTACT, 2))
    for position in (1, 2):
        deciding.decide(case, proposal(position), pack, signed())
    first, second = subject_id(CONTACT), subject_id(CONTACT, 2)
    hear_informed(case, {first: 1})
    assert case.stage is Stage.DECIDED
    hear_informed(case, {second: 1})
    assert (case.stage, case.informing_awaited) == (Stage.INFORMED, False)
    hear_informed(case, {first: 1, second: 1})
    assert case.stage is Stage.INFORMED


def hear_informed(case: Case, decisions: dict[UUID, int]) -> None:
    hearing.hear_informed(case, reference="r", message_id=uuid4(), decisions=decisions, complete=False, signed=signed())


def test_informed_of_nothing_yet_changes_no_stage(pack: Pack) -> None:
    case = opened(pack, told(CONTACT))
    hear_informed(case, {})
    assert case.stage is Stage.OPENED


def test_who_may_close(pack: Pack) -> None:
    case = opened(pack, told(CONTACT))
    deciding.decide(case, proposal(), pack, signed())
    with pytest.raises(NotAllowed, match="manager_needed_to_close"):
        closing.close(case, ClosureReason.COMPLETED, signed(), manager=False, note=None)
    hear_informed(case, {subject_id(CONTACT): 1})
    with pytest.raises(NotAllowed, match="manager_needed_to_close"):
        closing.close(case, ClosureReason.WITHDRAWN, signed(), manager=False, note=None)
    closing.close(case, ClosureReason.COMPLETED, signed(), manager=False, note=None)
    assert case.stage is Stage.CLOSED
    with pytest.raises(NotAllowed, match="not_when_closed"):
        closing.close(case, ClosureReason.COMPLETED, signed(), manager=True, note=None)


def test_where_nobody_is_to_be_told_deciding_is_enough_to_close(pack: Pack) -> None:
    case = opened(pack, told(CONTACT), kind=ReferrerKind.ANONYMOUS)
    deciding.decide(case, proposal(), pack, signed())
    closing.close(case, ClosureReason.COMPLETED, signed(), manager=False, note=None)
    assert case.stage is Stage.CLOSED
