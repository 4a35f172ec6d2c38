"""Questions, answers to challenges, revisions, links and reopening: who is told, who is not, and nothing in silence."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from services.notify.application.commands.announcing import say_delivered
from services.notify.application.commands.delivering import lease_due
from services.notify.application.commands.duty import climb_ladders
from services.notify.domain.model import Kind, State
from shared.contracts.notify import Proof, ReferrerInformed
from shared.contracts.parts import ReferrerKind
from shared.contracts.triage import CaseRestated
from tests.support.builders_asking import AskedLife
from tests.support.builders_notify import NOON
from tests.support.fakes_notify import MemoryWork
from tests.unit.notify.test_handlers import failures, hear, messages


@pytest.mark.parametrize(
    ("kind", "template"),
    [
        (ReferrerKind.INVOLVED_PROFESSIONAL, "professional-question"),
        (ReferrerKind.PROFESSIONAL, "professional-question"),
        (ReferrerKind.FAMILY, "family-question"),
    ],
)
async def test_a_question_goes_to_whom_the_pack_writes(kind: ReferrerKind, template: str) -> None:
    life, work = AskedLife(referrer=kind), MemoryWork()
    await hear(work, [life.received(), life.asked(), life.asked()])
    [question] = messages(work, life, Kind.QUESTION)
    assert (question.template, question.state) == (template, State.WAITING)
    assert question.codes == ("who_lives_there", "child_said")
    assert not question.tells_outcome


@pytest.mark.parametrize(
    ("kind", "has_address", "reason"),
    [
        (ReferrerKind.PROFESSIONAL, False, "no_address"),
        (ReferrerKind.FAMILY, False, "no_address"),
        (ReferrerKind.PUBLIC, True, "no_message_for_referrer"),
        (ReferrerKind.ANONYMOUS, False, "no_message_for_referrer"),
        (ReferrerKind.OTHER, True, "no_message_for_referrer"),
    ],
)
async def test_a_question_that_no_machine_may_ask_is_a_persons(
    kind: ReferrerKind,
    has_address: bool,  # noqa: FBT001 (a table)
    reason: str,
) -> None:
    life, work = AskedLife(referrer=kind, has_address=has_address), MemoryWork()
    await hear(work, [life.asked()])
    [question] = messages(work, life, Kind.QUESTION)
    assert (question.state, question.reason) == (State.NEEDS_PERSON, reason)
    assert failures(work) == [reason]


@pytest.mark.parametrize("answered_first", [False, True])
async def test_a_question_that_is_answered_is_asked_no_more(*, answered_first: bool) -> None:
    life, work = AskedLife(), MemoryWork()
    events = [life.more(), life.asked()] if answered_first else [life.asked(), life.more()]
    await hear(work, events)
    [question] = messages(work, life, Kind.QUESTION)
    assert (question.state, question.reason) == (State.SUPERSEDED, "answered")


async def test_other_information_leaves_the_question_and_closing_ends_it() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.asked(), life.more(answers=False)])
    [question] = messages(work, life, Kind.QUESTION)
    assert question.state is State.WAITING
    await hear(work, [life.closed()])
    assert (question.state, question.reason) == (State.SUPERSEDED, "closed")


@pytest.mark.parametrize(
    ("kind", "templates"),
    [
        (ReferrerKind.INVOLVED_PROFESSIONAL, ["professional-challenge-answer"]),
        (ReferrerKind.FAMILY, ["family-challenge-answer"]),
        (ReferrerKind.PUBLIC, []),
        (ReferrerKind.ANONYMOUS, []),
    ],
)
async def test_who_challenged_is_answered_once_with_result_and_reasons(
    kind: ReferrerKind, templates: list[str]
) -> None:
    life, work = AskedLife(referrer=kind), MemoryWork()
    await hear(work, [life.received(), life.decided(), life.challenge_answered(), life.challenge_answered()])
    found = messages(work, life, Kind.ANSWER)
    assert [message.template for message in found] == templates
    assert all((message.result, message.codes) == ("partly_upheld", ("threshold_s17",)) for message in found)


async def test_an_answer_tells_what_stands_when_it_goes_and_informs_of_no_decision() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received(), life.decided(), life.challenge_answered(), life.revised()])
    [answer] = messages(work, life, Kind.ANSWER)
    assert answer.state is State.WAITING
    await lease_due(work, now=NOON, token=life.item("token"), most=10)
    assert answer.tells == {life.subject(1): 2}
    answer.accepted(life.item("token"), NOON)
    say_delivered(work, answer, proof=Proof.ACCEPTED, at=NOON)
    assert not [data for _, data in work.said if isinstance(data, ReferrerInformed)]


async def test_a_kind_of_referrer_nobody_knows_is_answered_by_a_person() -> None:
    life, work = AskedLife(referrer=ReferrerKind.OTHER), MemoryWork()
    await hear(work, [life.decided(), life.challenge_answered()])
    [answer] = messages(work, life, Kind.ANSWER)
    assert (answer.state, answer.template) == (State.NEEDS_PERSON, "")


@pytest.mark.parametrize("kind", [ReferrerKind.INVOLVED_PROFESSIONAL, ReferrerKind.FAMILY])
async def test_a_revision_is_one_more_notice_and_the_first_stays_as_it_was_sent(kind: ReferrerKind) -> None:
    life, work = AskedLife(referrer=kind), MemoryWork()
    await hear(work, [life.received(), life.decided()])
    [first] = messages(work, life, Kind.OUTCOME)
    first.state = State.SENT
    await hear(work, [life.revised(), life.revised()])
    [second] = [message for message in messages(work, life, Kind.OUTCOME) if message is not first]
    assert (first.state, first.tells) == (State.SENT, {life.subject(1): 1})
    assert (second.state, second.tells, second.complete) == (State.WAITING, {life.subject(1): 2}, True)
    assert second.purpose.startswith("revised-")


async def test_one_child_revised_while_another_is_undecided_again_waits_for_the_last() -> None:
    life, work = AskedLife(subjects=2), MemoryWork()
    await hear(work, [life.received(), life.decided(1, undecided=1), life.decided(2)])
    for message in messages(work, life, Kind.OUTCOME):
        message.state = State.SENT
    await hear(work, [life.reopened(), life.revised(1, undecided=1)])
    assert [message.state for message in messages(work, life, Kind.OUTCOME)] == [State.SENT]
    await hear(work, [life.revised(2)])
    assert [message.state for message in messages(work, life, Kind.OUTCOME)] == [State.SENT, State.WAITING]


async def test_a_duplicates_own_referrer_is_acknowledged_and_told() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received(), life.linked(), life.decided()])
    assert [(message.kind, message.state) for message in messages(work, life)] == [
        (Kind.ACKNOWLEDGEMENT, State.WAITING),
        (Kind.OUTCOME, State.WAITING),
    ]


async def test_a_link_ends_the_alerting_of_the_duplicate_and_of_no_other() -> None:
    for role, states in (("duplicate", [State.SUPERSEDED]), ("primary", [State.WAITING])):
        life, work = AskedLife(), MemoryWork()
        await hear(work, [life.rated(), life.linked(role=role)])
        assert [message.state for message in messages(work, life, Kind.ALERT)] == states
        work.now = NOON + timedelta(minutes=15)
        await climb_ladders(work, most=10)
        assert len(messages(work, life, Kind.ALERT)) == (1 if role == "duplicate" else 2)


async def test_unlinked_or_risen_since_somebody_must_look_again() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.rated(), life.linked(), life.unlinked(), life.breached("opened_by_duty")])
    assert State.WAITING in [message.state for message in messages(work, life, Kind.ALERT)]
    life, work = AskedLife("risen"), MemoryWork()
    await hear(
        work, [life.rated("amber", pages=False), life.linked(), life.rated(version=2, at=NOON + timedelta(hours=1))]
    )
    work.now = NOON + timedelta(minutes=15)
    await climb_ladders(work, most=10)
    assert [message.rung for message in messages(work, life, Kind.ALERT)] == [0, 1]


async def test_reopening_tells_nobody_and_a_later_paging_rating_alerts() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received(), life.rated("amber", pages=False), life.closed(), life.reopened()])
    assert [message.kind for message in messages(work, life)] == [Kind.ACKNOWLEDGEMENT]
    assert not work.contacts.of(life.id).attended
    await hear(work, [life.rated(version=2)])
    assert work.ladders.of(life.id)


async def test_a_restated_case_asks_and_answers_what_was_never_heard() -> None:
    life, work = AskedLife(), MemoryWork()
    said = life.case_restated(decided=1).data
    assert isinstance(said, CaseRestated)
    more = said.model_copy(update={"requests": (life.request(),), "challenges_answered": (life.answer(),)})
    await hear(work, [life._event(more)])
    assert {Kind.QUESTION, Kind.ANSWER} <= {message.kind for message in messages(work, life)}


async def test_whatever_comes_first_the_same_messages_are_owed() -> None:
    ends: set[frozenset[tuple[str, str, str]]] = set()
    for order in permutations(range(4)):
        life, work = AskedLife(), MemoryWork()
        events = [life.received(), life.more(), life.asked(), life.challenge_answered()]
        await hear(work, [events[place] for place in order])
        ends.add(frozenset((str(one.id), one.kind.value, one.state.value) for one in messages(work, life)))
    assert len(ends) == 1
