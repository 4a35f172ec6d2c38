"""Rating a case: upwards only, by a person with the pack's rules, unrated above everything."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.triage.application.handlers.told import contact_told, subjects_told
from services.triage.domain.model import (
    Attention,
    Case,
    DecisionState,
    Lacking,
    NotAllowed,
    RoleNeeded,
    Signed,
    Stage,
    rating,
)
from shared.contracts.intake import ContactReceived, SubjectTold
from shared.policy.model import Pack
from tests.support.builders_triage import RED, kept, received, subject_id, told
from tests.support.deliveries import NOON

CONTACT = UUID(int=7)
WHOSE = kept(reference="MASH-26-00007")
NOTE = b"sealed"


def signed(by: str | None = None, *roles: str) -> Signed:
    return Signed(id=uuid4(), at=NOON, by=by, roles=frozenset(roles))


def hear(case: Case, pack: Pack, *subjects: SubjectTold, by: Signed | None = None) -> bool:
    data = received(CONTACT, *subjects, contact=WHOSE).data
    assert isinstance(data, ContactReceived)
    return rating.hear_what_was_told(case, contact_told(data), subjects_told(data), pack, by or signed())


def unreadable(case: Case, pack: Pack) -> bool:
    data = received(CONTACT, contact=WHOSE).data
    assert isinstance(data, ContactReceived)
    return rating.put_unrated(case, contact_told(data), (), pack, signed(), why="parked")


@pytest.fixture
def case() -> Case:
    return Case(contact_id=CONTACT)


def test_a_first_rating(case: Case, pack: Pack) -> None:
    assert hear(case, pack, told(CONTACT, facts=RED), told(CONTACT, 2))
    assert (case.stage, case.rating, case.rating_version, case.version) == (Stage.RATED, "red", 1, 1)
    assert [one.standing.rating for one in case.subjects] == ["red", "amber"]
    assert case.clocks_awaited >= {"strategy_discussion", "amber_decision", "opened_by_duty"}


def test_the_same_again_says_nothing(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT))
    assert not hear(case, pack, told(CONTACT))
    assert case.rating_version == 1


def test_less_lowers_nothing(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT, facts=RED))
    hear(case, pack, told(CONTACT))
    assert case.rating == "red"


def test_the_clock_never_starts_later(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT))
    later = WHOSE.model_copy(update={"received_at": NOON + timedelta(hours=3)})
    data = received(CONTACT, told(CONTACT), contact=later).data
    assert isinstance(data, ContactReceived)
    rating.hear_what_was_told(case, contact_told(data), subjects_told(data), pack, signed())
    assert case.contact is not None
    assert case.contact.received_at == NOON


def test_unrated_is_above_everything_and_pages(case: Case, pack: Pack) -> None:
    assert unreadable(case, pack)
    assert (case.stage, case.unrated, case.pages) == (Stage.RATED, True, True)
    assert case.rank == max(one.rank for one in pack.ratings.values())
    assert not unreadable(case, pack)
    assert case.rating_version == 1


def test_a_real_rating_takes_the_place_of_unrated(case: Case, pack: Pack) -> None:
    unreadable(case, pack)
    assert hear(case, pack, told(CONTACT))
    assert (case.rating, case.unrated, case.rating_version) == ("amber", False, 2)
    assert [one.subject_id for one in case.subjects] == [subject_id(CONTACT)]


def test_a_placeholder_that_somebody_rated_stays(case: Case, pack: Pack) -> None:
    unreadable(case, pack)
    rating.rerate(case, case.subjects[0].subject_id, "red-abuse", pack, signed("ann"), note=NOTE)
    hear(case, pack, told(CONTACT))
    assert (case.rating, case.unrated, len(case.subjects)) == ("red", False, 2)


def test_what_a_person_made_of_unrated_is_only_raised(case: Case, pack: Pack) -> None:
    data = received(CONTACT, told(CONTACT, facts=RED), contact=WHOSE).data
    assert isinstance(data, ContactReceived)
    rating.put_unrated(case, contact_told(data), subjects_told(data), pack, signed(), why="parked")
    rating.rerate(case, subject_id(CONTACT), "amber", pack, signed("ann"), note=NOTE)
    hear(case, pack, told(CONTACT, facts=RED))
    assert (case.rating, case.subjects[0].rated_by) == ("red", "ann")
    hear(case, pack, told(CONTACT))
    assert case.rating == "red"


def test_another_subject_after_the_decision_is_undecided_and_asks_for_attention(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT))
    case.stage = Stage.INFORMED
    assert hear(case, pack, told(CONTACT), told(CONTACT, 2))
    assert (case.stage, case.undecided(), case.attention) == (Stage.OPENED, 2, {Attention.RAISED_LATE})


@pytest.mark.parametrize("stage", [Stage.DECIDED, Stage.INFORMED, Stage.CLOSED])
def test_a_rise_after_everything_was_settled_opens_it_again(case: Case, pack: Pack, stage: Stage) -> None:
    hear(case, pack, told(CONTACT))
    case.stage, case.informing_awaited = stage, True
    assert hear(case, pack, told(CONTACT, facts=RED))
    assert (case.stage, case.rating, case.attention) == (Stage.OPENED, "red", {Attention.RAISED_LATE})
    assert not case.informing_awaited


@pytest.mark.parametrize("stage", [Stage.DECIDED, Stage.INFORMED, Stage.CLOSED])
def test_a_new_reason_without_a_rise_asks_for_a_look_and_leaves_the_stage(case: Case, pack: Pack, stage: Stage) -> None:
    hear(case, pack, told(CONTACT, facts=RED))
    case.stage = stage
    assert hear(case, pack, told(CONTACT, facts={**RED, "fgm_risk": "yes"}))
    assert (case.stage, case.attention) == (stage, {Attention.RAISED_LATE})
    assert not case.open(signed("ann"))
    assert (case.stage, case.attention, case.new_entries[-1].what) == (stage, set(), "looked_at")
    version = case.version
    assert not case.open(signed("ann"))
    assert case.version == version


def test_another_subject_after_closure_opens_it_again(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT))
    case.stage, case.closed_at, case.closed_reason = Stage.CLOSED, NOON, "completed"
    hear(case, pack, told(CONTACT), told(CONTACT, 2))
    assert (case.stage, case.closed_at, case.closed_reason) == (Stage.OPENED, None, None)


def test_what_was_closed_unrated_and_is_rated_at_last_comes_back(case: Case, pack: Pack) -> None:
    data = received(CONTACT, told(CONTACT, facts=RED), contact=WHOSE).data
    assert isinstance(data, ContactReceived)
    rating.put_unrated(case, contact_told(data), subjects_told(data), pack, signed(), why="parked")
    case.stage = Stage.CLOSED
    hear(case, pack, told(CONTACT, facts=RED))
    assert (case.stage, case.rating) == (Stage.OPENED, "red")


def test_a_person_raises(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT))
    assert rating.rerate(case, subject_id(CONTACT), "red-immediate", pack, signed("ann"), note=NOTE)
    subject = case.subjects[0]
    assert (case.rating, subject.rated_by, subject.standing.routes) == ("red", "ann", ("red-immediate",))
    assert subject.machine is not None
    assert subject.machine.rating == "amber"
    assert case.new_entries[-1].note == NOTE


def test_a_route_of_the_same_rating_is_added(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT, facts=RED))
    rating.rerate(case, subject_id(CONTACT), "red-immediate", pack, signed("ann"), note=NOTE)
    assert case.subjects[0].standing.routes == ("red-immediate", "red-abuse")
    with pytest.raises(NotAllowed, match="in_force_already"):
        rating.rerate(case, subject_id(CONTACT), "red-abuse", pack, signed("ann"), note=NOTE)


def test_a_red_floor_takes_two_managers(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT, facts=RED))
    whom = subject_id(CONTACT)
    with pytest.raises(RoleNeeded):
        rating.rerate(case, whom, "amber", pack, signed("ann", "practitioner"), note=NOTE)
    assert not rating.rerate(case, whom, "amber", pack, signed("max", "manager"), note=NOTE)
    assert case.rating == "red"
    with pytest.raises(NotAllowed, match="second_person_needed"):
        rating.authorise_lowering(case, whom, pack, signed("max", "manager"), agreed=True, note=None)
    with pytest.raises(RoleNeeded):
        rating.authorise_lowering(case, whom, pack, signed("ann", "practitioner"), agreed=True, note=None)
    assert rating.authorise_lowering(case, whom, pack, signed("eve", "manager"), agreed=True, note=None)
    assert case.rating == "amber"


def test_a_refused_lowering_leaves_everything(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT, facts=RED))
    rating.rerate(case, subject_id(CONTACT), "amber", pack, signed("max", "manager"), note=NOTE)
    by = signed("eve", "manager")
    assert not rating.authorise_lowering(case, subject_id(CONTACT), pack, by, agreed=False, note=NOTE)
    assert (case.rating, case.subjects[0].lowering) == ("red", None)
    with pytest.raises(NotAllowed, match="nothing_to_authorise"):
        rating.authorise_lowering(case, subject_id(CONTACT), pack, by, agreed=True, note=None)


def test_what_waits_for_a_second_person_is_asked_again_when_more_is_known(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT, facts=RED))
    rating.rerate(case, subject_id(CONTACT), "amber", pack, signed("max", "manager"), note=NOTE)
    hear(case, pack, told(CONTACT, facts={**RED, "immediate_danger": "yes"}))
    assert case.subjects[0].lowering is None
    assert all(one.state is not DecisionState.PROPOSED for one in case.decisions)


def test_amber_without_a_floor_goes_green_by_one_manager(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT))
    with pytest.raises(RoleNeeded):
        rating.rerate(case, subject_id(CONTACT), "green", pack, signed("ann", "practitioner"), note=NOTE)
    assert rating.rerate(case, subject_id(CONTACT), "green", pack, signed("max", "manager"), note=NOTE)
    assert (case.rating, case.subjects[0].standing.outcome) == ("green", "signpost")


def test_nobody_sets_a_route_that_the_pack_has_not(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT))
    for route in ("blue", pack.fallbacks.unrated.route):
        with pytest.raises(Lacking):
            rating.rerate(case, subject_id(CONTACT), route, pack, signed("max", "manager"), note=NOTE)


def test_nothing_is_rated_by_a_person_once_decided(case: Case, pack: Pack) -> None:
    hear(case, pack, told(CONTACT))
    case.stage = Stage.DECIDED
    with pytest.raises(NotAllowed, match="not_when_decided"):
        rating.rerate(case, subject_id(CONTACT), "red-abuse", pack, signed("ann"), note=NOTE)
