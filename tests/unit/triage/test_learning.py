"""More becomes known: rated again, upwards only; read by a person; what was closed is open again."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.triage.application import commands
from services.triage.domain.model import Attention, ClosureReason, InformationRequest, Stage
from shared.contracts.intake import Relative
from shared.contracts.triage import ContactRated
from shared.policy.facts import Answer
from shared.policy.model import Pack
from tests.support.builders_heard import history, information, withdrawn
from tests.support.builders_triage import GREEN, IMMEDIATE, RED, informed, received, subject_id, told
from tests.support.deliveries import NOON
from tests.unit.triage.memory import MemoryWork
from tests.unit.triage.staff import act, case_of, open_and_decide

CONTACT = UUID(int=21)


@pytest.fixture
def work(pack: Pack) -> MemoryWork:
    """One contact about one child, rated amber."""
    work = MemoryWork(pack)
    work.hear(received(CONTACT, told(CONTACT)))
    return work


def last_rated(work: MemoryWork) -> ContactRated:
    return [data for _, data in work.said if isinstance(data, ContactRated)][-1]


def settled(work: MemoryWork, *, closed: bool = False) -> None:
    open_and_decide(work, CONTACT)
    work.hear(informed(CONTACT, {subject_id(CONTACT): 1}, sequence=1))
    if closed:
        commands.close_contact(act(work, CONTACT), work, reason=ClosureReason.COMPLETED, note=None)


def test_information_raises_names_another_and_says_why(work: MemoryWork) -> None:
    work.hear(information(CONTACT, told(CONTACT, facts=RED), told(CONTACT, 2), sequence=2))
    said = last_rated(work)
    assert (said.cause, said.rating_version, said.rating, len(said.subjects)) == ("information", 2, "red", 2)
    assert case_of(work, CONTACT).attention == set()


def test_information_replaces_what_was_told_and_lowers_nothing(work: MemoryWork) -> None:
    work.hear(information(CONTACT, told(CONTACT, facts=RED), sequence=2))
    work.hear(information(CONTACT, told(CONTACT, facts={**GREEN, "abuse_suspected": "no"}), sequence=3))
    case = case_of(work, CONTACT)
    facts = case.subjects[0].facts
    assert facts is not None
    assert (case.rating, case.rating_version, facts.abuse_suspected) == ("red", 2, Answer.NO)


@pytest.mark.parametrize("stage", [Stage.RATED, Stage.OPENED, Stage.INFORMED])
def test_what_is_written_asks_for_a_person_until_somebody_looks(work: MemoryWork, stage: Stage) -> None:
    if stage is not Stage.RATED:
        commands.open_contact(act(work, CONTACT), work)
    if stage is Stage.INFORMED:
        settled(work)
    work.hear(information(CONTACT, told(CONTACT), sequence=2, in_words=True))
    case = case_of(work, CONTACT)
    assert (case.stage, case.attention, case.rating_version) == (stage, {Attention.NEW_INFORMATION}, 1)
    commands.open_contact(act(work, CONTACT), work)
    assert case.attention == set()


def test_any_information_reopens_what_was_closed_and_decisions_stay_in_force(work: MemoryWork) -> None:
    settled(work, closed=True)
    work.hear(information(CONTACT, told(CONTACT), sequence=2))
    case = case_of(work, CONTACT)
    assert (case.stage, case.undecided(), case.attention) == (Stage.OPENED, 0, {Attention.NEW_INFORMATION})
    assert work.names()[-1] == "ContactReopened"
    assert case.reopened is not None
    assert case.reopened.reason_code == "new_information"
    commands.close_contact(act(work, CONTACT), work, reason=ClosureReason.COMPLETED, note=None)
    assert case.stage is Stage.CLOSED


def test_information_that_raises_what_was_closed_overtakes_the_decision(work: MemoryWork) -> None:
    settled(work, closed=True)
    work.hear(information(CONTACT, told(CONTACT, facts=RED), sequence=2))
    case = case_of(work, CONTACT)
    assert (case.stage, case.undecided()) == (Stage.OPENED, 1)
    assert work.names()[-2:] == ["ContactReopened", "ContactRated"]


def test_history_counts_with_what_is_only_proposed(work: MemoryWork) -> None:
    other = Relative(contact_id=UUID(int=5), subject_id=UUID(int=6), relation="sibling", certainty="probable")
    found = history(
        CONTACT,
        sequence=2,
        confirmed={"repeat_contacts_12_months": 1},
        probable={"repeat_contacts_12_months": 3, "no_further_action_12_months": 1},
        related=[other],
    )
    work.hear(found)
    subject = case_of(work, CONTACT).subjects[0]
    assert subject.facts is not None
    assert subject.history is not None
    assert subject.facts.repeat_contacts_12_months == 3
    assert (subject.facts.history_probable, subject.facts.previous_no_further_action) == (Answer.YES, Answer.YES)
    assert {"repeat_contacts", "previous_no_further_action"} <= set(subject.standing.flags)
    assert [one.contact_id for one in subject.history.related] == [UUID(int=5)]
    assert last_rated(work).cause == "history"


def test_history_stays_when_more_is_told_and_a_newer_version_takes_its_place(work: MemoryWork) -> None:
    work.hear(history(CONTACT, sequence=2, confirmed={"repeat_contacts_12_months": 2}))
    work.hear(information(CONTACT, told(CONTACT, facts=RED), sequence=3))
    subject = case_of(work, CONTACT).subjects[0]
    assert subject.facts is not None
    assert (subject.facts.repeat_contacts_12_months, subject.facts.history_probable) == (2, Answer.NOT_KNOWN)
    work.hear(history(CONTACT, sequence=4, version=2, confirmed={"repeat_contacts_12_months": 4}))
    assert subject.facts.repeat_contacts_12_months == 4


def test_history_found_late_brings_what_is_settled_back_to_the_top(work: MemoryWork) -> None:
    settled(work)
    work.hear(history(CONTACT, sequence=2, confirmed={"agencies_7_days": 2}))
    case = case_of(work, CONTACT)
    assert (case.stage, case.attention) == (Stage.INFORMED, {Attention.RAISED_LATE})


def test_a_withdrawal_is_information_and_nothing_else(work: MemoryWork) -> None:
    case = case_of(work, CONTACT)
    before = (case.stage, case.rating, case.rating_version, case.version)
    work.hear(withdrawn(CONTACT, sequence=2), withdrawn(CONTACT, sequence=3))
    assert (case.stage, case.rating, case.rating_version, case.version) == before
    assert case.attention == {Attention.WITHDRAWAL_REQUESTED}
    assert [one.what for one in case.new_entries].count("withdrawal_requested") == 1
    assert work.names() == ["ContactRated"]


FACTS = st.sampled_from([{}, GREEN, RED, IMMEDIATE, {"open_case": "yes"}, {"abuse_suspected": "no"}])


@settings(max_examples=60, deadline=None)
@given(first=FACTS, steps=st.lists(st.tuples(FACTS, st.integers(0, 5)), min_size=1, max_size=4))
def test_nothing_that_becomes_known_lowers_anything(
    first: dict[str, str], steps: list[tuple[dict[str, str], int]]
) -> None:
    pack = PACKS[0]
    work = MemoryWork(pack)
    sibling = told(CONTACT, 2, facts={"open_case": "yes"})
    work.hear(received(CONTACT, told(CONTACT, facts=first), sibling))
    case = case_of(work, CONTACT)
    untouched = case.subjects[1].standing
    for at, (facts, counted) in enumerate(steps):
        before = case.subjects[0].standing
        more = information(CONTACT, told(CONTACT, facts=facts), sibling, sequence=2 + 2 * at)
        counts = {"repeat_contacts_12_months": counted}
        work.hear(more, history(CONTACT, sequence=3 + 2 * at, version=at + 1, confirmed=counts))
        now = case.subjects[0].standing
        assert pack.ratings[now.rating].rank >= pack.ratings[before.rating].rank
        assert set(before.flags) <= set(now.flags)
        assert (now.level or 0) >= (before.level or 0)
    assert case.subjects[1].standing == untouched


PACKS: list[Pack] = []


@pytest.fixture(autouse=True, scope="module")
def shipped(pack: Pack) -> None:
    """The pack, for the property."""
    PACKS[:] = [pack]


def test_information_answers_what_the_referrer_was_asked(work: MemoryWork) -> None:
    case, asked = case_of(work, CONTACT), UUID(int=7)
    case.requests.append(
        InformationRequest(id=asked, question_codes=("child_said",), requested_at=NOON, requested_by="ann")
    )
    work.hear(information(CONTACT, told(CONTACT), sequence=2, answers_request=asked))
    assert case.requests[0].answered_at == NOON
