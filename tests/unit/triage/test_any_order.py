"""Any interleaving of the producers' events, with any duplication, ends in the same state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.triage.application import commands
from services.triage.application.commands import Act, Outcome
from services.triage.domain.model import Case, ClosureReason, Stage
from shared.contracts.deadlines import DeadlineBreached, DeadlineCancelled, DeadlineMet, DeadlineSet
from shared.contracts.envelope import Cause, Event, EventData
from shared.policy.model import Pack
from tests.support.builders_heard import challenged, history, information, withdrawn
from tests.support.builders_triage import (
    RED,
    acknowledged,
    clock_event,
    informed,
    kept,
    received,
    subject_id,
    told,
    undelivered,
)
from tests.support.deliveries import NOON
from tests.support.examples import examples
from tests.unit.triage.memory import MemoryWork

CONTACT, MESSAGE = UUID(int=9), uuid4()
WHOSE = kept(reference="MASH-26-00001")

INTAKE: list[Event[EventData]] = [
    received(CONTACT, told(CONTACT), contact=WHOSE),
    received(CONTACT, told(CONTACT), contact=WHOSE, sequence=2, restated=True),
    received(CONTACT, told(CONTACT, facts=RED), contact=WHOSE, sequence=3, restated=True),
    received(CONTACT, told(CONTACT), told(CONTACT, 2), contact=WHOSE, sequence=4, restated=True),
    information(CONTACT, told(CONTACT), told(CONTACT, 3), contact=WHOSE, sequence=5, in_words=True),
    history(CONTACT, sequence=6, confirmed={"agencies_7_days": 2}, probable={"repeat_contacts_12_months": 3}),
    withdrawn(CONTACT, sequence=7),
    challenged(CONTACT, 1, sequence=8),
]
DEADLINES: list[Event[EventData]] = [
    clock_event(CONTACT, DeadlineSet, "amber_decision", sequence=1),
    clock_event(CONTACT, DeadlineBreached, "amber_decision", sequence=2, next_due_at=NOON + timedelta(hours=9)),
    clock_event(CONTACT, DeadlineSet, "strategy_discussion", sequence=3, next_due_at=NOON + timedelta(hours=6)),
    clock_event(CONTACT, DeadlineMet, "strategy_discussion", sequence=4),
    clock_event(CONTACT, DeadlineCancelled, "mash_decision", sequence=5, next_due_at=None),
]
NOTIFY: list[Event[EventData]] = [
    undelivered(CONTACT, sequence=1, message_id=MESSAGE, purpose="professional-acknowledgement"),
    acknowledged(CONTACT, sequence=2, message_id=MESSAGE),
    undelivered(CONTACT, sequence=3),
    informed(CONTACT, {subject_id(CONTACT): 1}, sequence=4),
]


class Shipped:
    """The shipped pack, shown by Hypothesis as a word and not as 200 kB."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def __repr__(self) -> str:
        return "shipped"


@pytest.fixture
def shipped(pack: Pack) -> Shipped:
    return Shipped(pack)


def state(case: Case) -> dict[str, Any]:
    """What must not depend on the order: everything but how many steps it took."""
    return {
        "stage": case.stage,
        "reference": case.reference,
        "contact": case.contact,
        "rating": (case.rating, case.rank, case.pages, case.unrated, case.rating_version),
        "subjects": [(one.subject_id, one.standing, one.machine, one.facts, one.history) for one in case.subjects],
        "decisions": [(one.subject_id, one.version, one.outcome, one.state, one.made_on) for one in case.decisions],
        "heard": (case.heard, case.reopened),
        "clocks": (case.next_due_at, case.breached, case.clocks_heard, case.clocks_awaited),
        "told": (case.acknowledged_at, case.told, case.undelivered, case.informing_awaited),
        "attention": case.attention,
    }


@st.composite
def interleavings(draw: st.DrawFn, *producers: Sequence[Event[EventData]]) -> list[Event[EventData]]:
    """A merge of the producers' events that keeps each one's order, with events delivered again later."""
    waiting = [list(one) for one in producers]
    merged: list[Event[EventData]] = []
    while any(waiting):
        chosen = draw(st.sampled_from([one for one in waiting if one]))
        merged.append(chosen.pop(0))
        if draw(st.booleans()):
            merged.append(draw(st.sampled_from(merged)))
    return merged


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=interleavings(INTAKE, DEADLINES, NOTIFY))
def test_from_the_first_event_on(shipped: Shipped, order: list[Event[EventData]]) -> None:
    expected = MemoryWork(shipped.pack)
    expected.hear(*INTAKE, *DEADLINES, *NOTIFY)
    work = MemoryWork(shipped.pack)
    work.hear(*order)
    assert state(work.cases.kept[CONTACT]) == state(expected.cases.kept[CONTACT])
    assert work.names() == expected.names()


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=interleavings(INTAKE[1:], DEADLINES, NOTIFY))
def test_after_a_decision(shipped: Shipped, order: list[Event[EventData]]) -> None:
    expected, work = decided(shipped.pack), decided(shipped.pack)
    expected.hear(*INTAKE, *DEADLINES, *NOTIFY)
    work.hear(*order)
    assert state(work.cases.kept[CONTACT]) == state(expected.cases.kept[CONTACT])


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=interleavings(INTAKE[1:], DEADLINES, NOTIFY))
def test_after_closure(shipped: Shipped, order: list[Event[EventData]]) -> None:
    expected, work = closed(shipped.pack), closed(shipped.pack)
    expected.hear(*INTAKE, *DEADLINES, *NOTIFY)
    work.hear(*order)
    assert state(work.cases.kept[CONTACT]) == state(expected.cases.kept[CONTACT])
    assert work.cases.kept[CONTACT].stage is Stage.OPENED


def closed(pack: Pack) -> MemoryWork:
    """Decided, and closed by a manager before the referrer was told."""
    work = decided(pack)
    case, cause = work.cases.kept[CONTACT], Cause(id=UUID(int=3), correlation_id=UUID(int=2))
    act = Act(case=case, cause=cause, by="max", roles=frozenset({"manager"}))
    commands.close_contact(act, work, reason=ClosureReason.COMPLETED, note=None)
    return work


def decided(pack: Pack) -> MemoryWork:
    """Rated, opened and decided, before anything else is heard."""
    work = MemoryWork(pack)
    work.hear(INTAKE[0])
    case = work.cases.kept[CONTACT]
    act = Act(
        case=case, cause=Cause(id=UUID(int=1), correlation_id=UUID(int=2)), by="ann", roles=frozenset({"practitioner"})
    )
    commands.open_contact(act, work)
    outcome = Outcome(
        subject_id=subject_id(CONTACT),
        outcome="signpost",
        level=None,
        inquiry=None,
        service_codes=("gp",),
        reason_codes=(),
        discussion_id=None,
        words={"rationale": "Settled."},
    )
    commands.decide(act, work, outcome)
    assert work.names() == ["ContactRated", "ContactOpened", "DecisionMade"]
    return work
