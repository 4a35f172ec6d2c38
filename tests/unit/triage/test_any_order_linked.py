"""Two contacts that belong together: their events in any order end in the same state, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import Event, EventData
from tests.support.builders_heard import information, linked, unlinked, withdrawn
from tests.support.builders_triage import GREEN, RED, informed, kept, received, subject_id, told
from tests.support.examples import examples
from tests.unit.triage.memory import MemoryWork
from tests.unit.triage.staff import open_and_decide
from tests.unit.triage.test_any_order import Shipped, interleavings, shipped, state

__all__ = ["shipped"]

FIRST, SECOND = UUID(int=71), UUID(int=72)
ONE, OTHER = kept(reference="MASH-26-00071"), kept(reference="MASH-26-00072")
FACTS: Sequence[Mapping[str, str]] = ({}, GREEN, RED)
ORDERS = settings(
    max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def streams(facts: Mapping[str, str], *, named: bool) -> tuple[list[Event[EventData]], list[Event[EventData]]]:
    """What intake says on the primary and on the duplicate: linked, more told on the second, linked anew."""
    pairs: dict[int, int | None] = {1: 1 if named else None}
    before, after = told(SECOND), told(SECOND, facts=facts)
    primary = [
        received(FIRST, told(FIRST), contact=ONE),
        linked(FIRST, SECOND, before, role="primary", sequence=2, pairs=pairs),
        withdrawn(FIRST, sequence=3),
        linked(FIRST, SECOND, after, role="primary", sequence=4, pairs=pairs, version=2),
    ]
    duplicate = [
        received(SECOND, before, contact=OTHER),
        linked(FIRST, SECOND, before, role="duplicate", sequence=2, pairs=pairs),
        information(SECOND, after, contact=OTHER, sequence=3, in_words=True),
        linked(FIRST, SECOND, after, role="duplicate", sequence=4, pairs=pairs, version=2),
    ]
    return primary, duplicate


def states(work: MemoryWork) -> dict[UUID, Any]:
    return {contact: state(case) for contact, case in work.cases.kept.items()}


@ORDERS
@given(facts=st.sampled_from(FACTS), named=st.booleans(), data=st.data())
def test_before_anything_is_decided(
    shipped: Shipped,
    facts: Mapping[str, str],
    named: bool,  # noqa: FBT001
    data: st.DataObject,
) -> None:
    primary, duplicate = streams(facts, named=named)
    expected, work = MemoryWork(shipped.pack), MemoryWork(shipped.pack)
    expected.hear(*primary, *duplicate)
    work.hear(*data.draw(interleavings(primary, duplicate)))
    assert states(work) == states(expected)
    for one in (expected, work):
        open_and_decide(one, FIRST)
    assert states(work) == states(expected)
    decided_here = work.cases.kept[FIRST].undecided() == 0  # red waits for its managers
    assert (work.cases.kept[SECOND].undecided() == 0) is decided_here, "the other referrer is not told"


@ORDERS
@given(facts=st.sampled_from(FACTS), data=st.data())
def test_after_the_primary_was_decided(shipped: Shipped, facts: Mapping[str, str], data: st.DataObject) -> None:
    """Linked in any order: what was decided on less is not said; what stands is, once."""
    told_there = told(SECOND, facts=facts)
    primary = [
        linked(FIRST, SECOND, told_there, role="primary", sequence=2),
        withdrawn(FIRST, sequence=3),
    ]
    duplicate = [
        received(SECOND, told_there, contact=OTHER),
        linked(FIRST, SECOND, told_there, role="duplicate", sequence=2),
        withdrawn(SECOND, sequence=3),
    ]
    notify: list[Event[EventData]] = [informed(FIRST, {subject_id(FIRST): 1}, sequence=1, reference="MASH-26-00071")]
    expected, work = decided(shipped), decided(shipped)
    expected.hear(*primary, *duplicate, *notify)
    work.hear(*data.draw(interleavings(primary, duplicate, notify)))
    assert states(work) == states(expected)
    assert sorted(work.names(SECOND)) == sorted(expected.names(SECOND))


@ORDERS
@given(data=st.data())
def test_linked_and_unlinked(shipped: Shipped, data: st.DataObject) -> None:
    primary = [*streams({}, named=True)[0][:2], unlinked(FIRST, SECOND, role="primary", sequence=3)]
    duplicate = [*streams({}, named=True)[1][:2], unlinked(FIRST, SECOND, role="duplicate", sequence=3)]
    expected, work = MemoryWork(shipped.pack), MemoryWork(shipped.pack)
    expected.hear(*primary, *duplicate)
    work.hear(*data.draw(interleavings(primary, duplicate)))
    assert states(work) == states(expected)
    for one in (FIRST, SECOND):
        open_and_decide(work, one, cause=one.int)


def decided(shipped: Shipped) -> MemoryWork:
    work = MemoryWork(shipped.pack)
    work.hear(received(FIRST, told(FIRST), contact=ONE))
    open_and_decide(work, FIRST)
    return work


def test_a_duplicate_whose_primary_is_not_known_yet_is_kept(shipped: Shipped) -> None:
    primary, duplicate = streams(RED, named=True)
    work = MemoryWork(shipped.pack)
    work.hear(*duplicate)
    with pytest.raises(KeyError):
        _ = work.cases.kept[FIRST]
    assert work.cases.kept[SECOND].heard.duplicate_of == FIRST
    work.hear(*primary)
    assert work.cases.kept[FIRST].rating == "red"
