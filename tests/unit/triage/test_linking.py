"""Duplicates: one piece of work, done on the primary; every referrer is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from services.triage.application import commands
from services.triage.domain.model import Attention, ClosureReason, DecisionState, LinkedAsDuplicate, NotAllowed, Stage
from shared.contracts.triage import ContactRated, DecisionMade, DecisionRevised
from shared.policy.model import Pack
from tests.support.builders_heard import information, link_id, linked, unlinked
from tests.support.builders_triage import RED, erased, informed, received, subject_id, told
from tests.support.deliveries import NOON
from tests.unit.triage.memory import MemoryWork
from tests.unit.triage.staff import act, case_of, decide, open_and_decide, revise

FIRST, SECOND = UUID(int=31), UUID(int=32)


@pytest.fixture
def work(pack: Pack) -> MemoryWork:
    """Two contacts about the same child."""
    work = MemoryWork(pack)
    work.hear(received(FIRST, told(FIRST)), received(SECOND, told(SECOND)))
    return work


def link(work: MemoryWork, *, first: int = 2, second: int = 2, **changes: object) -> None:
    told_there = changes.pop("told", (told(SECOND),))
    assert isinstance(told_there, tuple)
    work.hear(
        linked(FIRST, SECOND, *told_there, role="primary", sequence=first, **changes),
        linked(FIRST, SECOND, *told_there, role="duplicate", sequence=second, **changes),
    )


def rated(work: MemoryWork) -> ContactRated:
    return [data for _, data in work.said if isinstance(data, ContactRated)][-1]


def decided(work: MemoryWork, contact: UUID) -> list[DecisionMade]:
    pairs = zip(work.said, work.about, strict=True)
    return [data for (_, data), about in pairs if about == contact and isinstance(data, DecisionMade)]


def test_the_primary_rises_to_its_duplicate_with_the_earlier_receipt(work: MemoryWork) -> None:
    link(work, told=(told(SECOND, facts=RED),))
    said = rated(work)
    assert (said.rating, said.cause, said.links) == ("red", "linked", (link_id(FIRST, SECOND),))
    assert said.contact.received_at == NOON - timedelta(hours=1)


def test_the_echo_is_said_where_nothing_rises_and_asks_nobody_to_look(work: MemoryWork) -> None:
    open_and_decide(work, FIRST)
    link(work)
    assert (rated(work).rating, rated(work).rating_version, rated(work).cause) == ("amber", 2, "linked")
    assert case_of(work, FIRST).stage is Stage.DECIDED
    assert case_of(work, FIRST).attention == set()


def test_what_a_person_made_of_the_duplicate_is_a_minimum(work: MemoryWork) -> None:
    link(work, routes=("red-immediate",))
    assert rated(work).subjects[0].routes == ("red-immediate",)


def test_whoever_is_named_only_there_is_named_here_by_the_same_id(work: MemoryWork) -> None:
    link(work, told=(told(SECOND), told(SECOND, 2, facts=RED)), pairs={2: None})
    subjects = case_of(work, FIRST).subjects
    assert [(one.subject_id, one.position) for one in subjects] == [
        (subject_id(FIRST), 1),
        (subject_id(SECOND, 2), 2),
    ]
    assert subjects[0].standing.rating == "amber"


def test_a_duplicate_is_decided_on_its_primary_only(work: MemoryWork) -> None:
    link(work)
    commands.open_contact(act(work, SECOND), work)
    case = case_of(work, SECOND)
    with pytest.raises(LinkedAsDuplicate) as refused:
        decide(work, SECOND)
    assert refused.value.primary == FIRST
    with pytest.raises(LinkedAsDuplicate):
        commands.rerate_contact(
            act(work, SECOND), work, subject_id=subject_id(SECOND), route="red-abuse", reason="Seen."
        )
    assert (case.stage, case.rating) == (Stage.OPENED, "amber")


def test_every_referrer_is_told_what_is_decided(work: MemoryWork) -> None:
    link(work)
    open_and_decide(work, FIRST)
    (there,) = decided(work, SECOND)
    assert (there.outcome, there.reason_codes, there.service_codes) == (
        "signpost",
        ("needs_met_by_universal",),
        ("gp",),
    )
    assert (there.subject.subject_id, there.undecided, there.made_on) == (subject_id(SECOND), 0, FIRST)
    assert there.contact.reference == case_of(work, SECOND).reference
    second = case_of(work, SECOND)
    assert (second.stage, second.informing_awaited) == (Stage.DECIDED, True)
    assert b"Settled" not in second.decisions[0].words
    work.hear(informed(SECOND, {subject_id(SECOND): 1}, sequence=1))
    assert second.stage is Stage.INFORMED


def test_what_was_decided_before_they_were_linked_is_said_at_once(work: MemoryWork) -> None:
    open_and_decide(work, FIRST)
    link(work)
    assert [one.outcome for one in decided(work, SECOND)] == ["signpost"]


def test_what_was_decided_on_less_is_not(work: MemoryWork) -> None:
    open_and_decide(work, FIRST)
    link(work, told=(told(SECOND, facts=RED),))
    assert (case_of(work, FIRST).undecided(), decided(work, SECOND)) == (1, [])


def test_a_revision_revises_everywhere(work: MemoryWork) -> None:
    link(work)
    open_and_decide(work, FIRST)
    revise(work, FIRST)
    first, second = decided(work, SECOND)
    assert isinstance(second, DecisionRevised)
    assert (first.decision_version, second.decision_version, second.revises_version) == (1, 2, 1)
    assert second.outcome == "early_help"
    assert [one.state for one in case_of(work, SECOND).decisions] == [DecisionState.REVISED, DecisionState.EFFECTIVE]


def test_somebody_whom_the_duplicate_could_not_name_is_decided_with_all(pack: Pack) -> None:
    work = MemoryWork(pack)
    work.hear(received(FIRST, told(FIRST), told(FIRST, 2)), received(SECOND))
    link(work, told=())
    commands.open_contact(act(work, FIRST), work)
    decide(work, FIRST)
    assert decided(work, SECOND) == []
    decide(work, FIRST, 2, "early_help")
    assert [one.outcome for one in decided(work, SECOND)] == ["early_help"]
    revise(work, FIRST, 2, outcome="signpost")
    by = act(work, FIRST, "max", "manager")
    commands.authorise_decision(by, work, subject_id=subject_id(FIRST, 2), agreed=True, reason=None)
    assert [one.outcome for one in decided(work, SECOND)] == ["early_help", "signpost"], "what it followed is no more"


def test_a_follow_up_is_a_duplicate_and_a_peer_is_only_shown(work: MemoryWork) -> None:
    link(work, relation="follow_up")
    open_and_decide(work, FIRST)
    assert case_of(work, SECOND).stage is Stage.DECIDED
    other = UUID(int=33)
    work.hear(received(other, told(other, facts=RED)))
    before = len(work.said)
    work.hear(linked(FIRST, other, told(other, facts=RED), role="peer", relation="related", sequence=3))
    assert len(work.said) == before
    assert [one.role for one in case_of(work, FIRST).heard.links.values()] == ["primary", "peer"]


def test_unlinked_it_is_worked_on_by_itself_again(work: MemoryWork) -> None:
    link(work)
    open_and_decide(work, FIRST)
    work.hear(
        unlinked(FIRST, SECOND, role="duplicate", sequence=3), unlinked(FIRST, SECOND, role="primary", sequence=3)
    )
    first, second = case_of(work, FIRST), case_of(work, SECOND)
    assert (second.stage, second.undecided(), second.attention) == (Stage.OPENED, 1, {Attention.UNLINKED})
    assert second.decisions[0].state is DecisionState.OVERTAKEN
    assert first.stage is Stage.DECIDED
    commands.open_contact(act(work, SECOND), work)
    assert work.names(SECOND)[-1] == "ContactOpened"
    assert decide(work, SECOND).version == 2


def test_what_was_closed_as_a_duplicate_is_open_when_it_is_none(work: MemoryWork) -> None:
    link(work)
    manager = act(work, SECOND, "max", "manager")
    commands.close_contact(manager, work, reason=ClosureReason.DUPLICATE, note=None)
    work.hear(unlinked(FIRST, SECOND, role="duplicate", sequence=3))
    assert work.names(SECOND)[-1] == "ContactReopened"
    assert case_of(work, SECOND).stage is Stage.OPENED


def test_closing_the_primary_closes_the_duplicates_that_are_told(work: MemoryWork) -> None:
    link(work)
    open_and_decide(work, FIRST)
    work.hear(informed(FIRST, {subject_id(FIRST): 1}, sequence=1))
    work.hear(informed(SECOND, {subject_id(SECOND): 1}, sequence=1))
    commands.close_contact(act(work, FIRST), work, reason=ClosureReason.COMPLETED, note=None)
    second = case_of(work, SECOND)
    assert (second.stage, second.closed_reason) == (Stage.CLOSED, "duplicate")
    assert work.names()[-2:] == ["ContactClosed", "ContactClosed"]


def test_a_duplicate_nobody_has_told_yet_stays_until_they_are(work: MemoryWork) -> None:
    link(work)
    open_and_decide(work, FIRST)
    work.hear(informed(FIRST, {subject_id(FIRST): 1}, sequence=1))
    commands.close_contact(act(work, FIRST), work, reason=ClosureReason.COMPLETED, note=None)
    assert case_of(work, SECOND).stage is Stage.DECIDED
    work.hear(informed(SECOND, {subject_id(SECOND): 1}, sequence=1))
    commands.close_contact(act(work, SECOND), work, reason=ClosureReason.DUPLICATE, note=None)
    assert case_of(work, SECOND).stage is Stage.CLOSED


def test_a_duplicate_that_asks_for_attention_is_not_closed_unseen(work: MemoryWork) -> None:
    link(work)
    open_and_decide(work, FIRST)
    for contact in (FIRST, SECOND):
        work.hear(informed(contact, {subject_id(contact): 1}, sequence=1))
    work.hear(information(SECOND, told(SECOND), sequence=3, in_words=True))
    commands.close_contact(act(work, FIRST), work, reason=ClosureReason.COMPLETED, note=None)
    assert case_of(work, SECOND).stage is Stage.INFORMED


def test_nothing_is_closed_as_a_duplicate_that_is_none(work: MemoryWork) -> None:
    with pytest.raises(NotAllowed, match="not_linked_as_duplicate"):
        commands.close_contact(act(work, SECOND, "max", "manager"), work, reason=ClosureReason.DUPLICATE, note="Twice.")


def test_a_duplicates_duplicates_are_told_too(work: MemoryWork) -> None:
    third = UUID(int=33)
    work.hear(received(third, told(third)))
    work.hear(
        linked(SECOND, third, told(third), role="primary", sequence=2),
        linked(SECOND, third, told(third), role="duplicate", sequence=2),
    )
    link(work, second=3)
    open_and_decide(work, FIRST)
    assert [(one.outcome, one.made_on) for one in decided(work, third)] == [("signpost", FIRST)]


def test_a_duplicate_that_rises_is_decided_again_with_its_primary(work: MemoryWork) -> None:
    link(work)
    open_and_decide(work, FIRST)
    risen = told(SECOND, facts=RED)
    work.hear(information(SECOND, risen, sequence=3))
    assert (case_of(work, SECOND).stage, case_of(work, FIRST).stage) == (Stage.OPENED, Stage.DECIDED)
    link(work, first=3, second=4, told=(risen,), version=2)
    assert case_of(work, FIRST).undecided() == 1
    revised = decide(work, FIRST, 1, "early_help")
    for manager in ("max", "eve"):
        if revised.state is DecisionState.PROPOSED:
            by = act(work, FIRST, manager, "manager")
            commands.authorise_decision(by, work, subject_id=subject_id(FIRST), agreed=True, reason=None)
    assert [one.decision_version for one in decided(work, SECOND)] == [1, 2]
    assert case_of(work, SECOND).stage is Stage.DECIDED


def test_when_the_primary_is_forgotten_its_duplicate_is_worked_on_by_itself(work: MemoryWork) -> None:
    link(work)
    open_and_decide(work, FIRST)
    work.hear(erased(FIRST, sequence=3))
    second = case_of(work, SECOND)
    assert (second.heard.duplicate_of, second.stage, second.undecided()) == (None, Stage.OPENED, 1)


def test_a_primary_is_not_closed_undecided_while_a_duplicate_waits(work: MemoryWork) -> None:
    link(work)
    with pytest.raises(NotAllowed, match="duplicates_undecided"):
        close_withdrawn(work)
    work.hear(unlinked(FIRST, SECOND, role="duplicate", sequence=3))
    close_withdrawn(work)
    assert case_of(work, FIRST).stage is Stage.CLOSED


def test_a_primary_that_was_closed_undecided_is_open_for_its_duplicate(work: MemoryWork) -> None:
    close_withdrawn(work)
    link(work)
    assert (case_of(work, FIRST).stage, case_of(work, FIRST).heard.duplicate_of) == (Stage.OPENED, None)
    assert work.names(FIRST).count("ContactReopened") == 1


def close_withdrawn(work: MemoryWork) -> None:
    manager = act(work, FIRST, "max", "manager")
    commands.close_contact(manager, work, reason=ClosureReason.WITHDRAWN, note="Sent twice.")
