"""A calendar's change: what becomes of its days, who may settle it, and what tells two lists of moves apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadlines.adapters.repositories.calendars import shipped_version
from services.deadlines.domain.model.calendar import (
    CalendarChange,
    CalendarState,
    CalendarVersion,
    ClosedDay,
    DayKind,
    NotProposed,
    OwnProposal,
    ProposalRefused,
    changed,
    first_difference,
    in_force,
    one_after_another,
)
from services.deadlines.domain.policy.moving import Counted, differences, fingerprint, moves
from tests.support.builders_deadlines import NOON, POLICIES
from tests.unit.deadlines.conftest import RULEBOOKS

SHIPPED = shipped_version(POLICIES, "england-and-wales")
README = Path(__file__).parents[3] / "services" / "deadlines" / "README.md"


def closed(day: date, name: str = "Closed") -> ClosedDay:
    return ClosedDay(date=day, name=name, kind=DayKind.CLOSURE, one_off=True, local=True)


def proposal(*days: date, before: CalendarVersion = SHIPPED, **change: object) -> CalendarVersion:
    given = {"add": tuple(map(closed, days)), "effective_from": NOON} | change
    return changed(before, CalendarChange(**given), version=before.version + 1, by="anna", at=NOON)  # type: ignore[arg-type]


def test_a_shipped_version_keeps_what_people_here_have_put_in() -> None:
    mine = proposal(date(2027, 6, 4), date(2027, 5, 3) + timedelta(days=1)).approved("ben", NOON)
    newer = replace(
        SHIPPED,
        version=2,
        shipped=2,
        last=date(2029, 12, 31),
        days=(*SHIPPED.days[:-1], ClosedDay(date=date(2029, 1, 1), name="New Year's Day", kind=DayKind.BANK_HOLIDAY)),
    )
    taken = proposal(before=mine, shipped=newer)
    days = {day.date for day in taken.days}
    assert {date(2027, 6, 4), date(2027, 5, 4), date(2029, 1, 1)} <= days
    assert SHIPPED.days[-1].date not in days  # what the newer one no longer has is not local
    assert (taken.version, taken.shipped, taken.last) == (3, 2, date(2029, 12, 31))


def test_it_is_settled_once_and_not_approved_by_who_proposed_it() -> None:
    made = proposal(date(2027, 6, 4))
    with pytest.raises(OwnProposal):
        made.approved("anna", NOON)
    ends = [made.approved("ben", NOON), made.ended("anna", NOON), made.ended("ben", NOON)]
    assert [one.state for one in ends] == [CalendarState.APPROVED, CalendarState.WITHDRAWN, CalendarState.REJECTED]
    for one in ends:
        with pytest.raises(NotProposed):
            one.approved("cara", NOON)
        with pytest.raises(NotProposed):
            one.ended("cara", NOON)
    drawn = README.read_text(encoding="utf-8").split("## Calendars")[1].split("```")[1]
    assert all(f"proposed --> {one.state.value} :" in drawn for one in ends)


def test_in_force_is_the_latest_approved_one_whose_date_has_come() -> None:
    later = proposal(date(2027, 6, 4), effective_from=NOON + timedelta(days=2)).approved("ben", NOON)
    waiting = proposal(date(2027, 6, 5), before=later)
    known = [SHIPPED, later, waiting]
    assert in_force(known, NOON) == SHIPPED
    assert in_force(known, NOON + timedelta(days=2)) == later
    sooner = waiting.approved("ben", NOON)  # it holds that one's days as well, and need not wait for them
    assert in_force([*known, sooner], NOON) == sooner
    assert [one.ref for one in one_after_another([SHIPPED, later, sooner], 3)] == [SHIPPED.ref, sooner.ref]
    assert one_after_another([SHIPPED, later, waiting], 2) == [SHIPPED, later]


def test_a_date_after_the_end_of_the_calendar_is_refused_and_blocks_nothing() -> None:
    with pytest.raises(ProposalRefused, match="counts_too_late"):
        proposal(date(2027, 6, 4), effective_from=NOON.replace(year=2127))
    late = proposal(date(2027, 6, 4), effective_from=NOON.replace(year=2028)).approved("ben", NOON)
    assert proposal(date(2026, 12, 1), before=late).effective_from == NOON


def clocks() -> list[Counted]:
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    return [
        Counted(
            deadline_id=UUID(int=number),
            contact_id=UUID(int=number),
            kind=kind,
            policy=RULEBOOKS.active.pack.ref,
            starts_at=at + timedelta(hours=7 * number),
            due_at=RULEBOOKS.active.computed(kind, at + timedelta(hours=7 * number)).due_at,
        )
        for number, kind in enumerate(["mash_decision", "green_decision", "s17_checkpoint", "s17_assessment"] * 12)
    ]


@given(st.dates(date(2026, 11, 2), date(2027, 3, 1)).filter(lambda day: day not in {one.date for one in SHIPPED.days}))
def test_the_list_holds_what_moves_and_nothing_due_before_the_first_change(day: date) -> None:
    made = proposal(day)
    book = RULEBOOKS.by(RULEBOOKS.active.pack.ref, made.holidays())
    assert book is not None
    known = clocks()
    found = moves(known, {book.pack.ref: book})
    assert first_difference(SHIPPED, made) == day
    assert all(one.new_due_at > one.old_due_at for one in found)
    assert all(one.old_due_at.date() >= day for one in found)
    moved = {one.deadline_id for one in found}
    for clock in known:
        assert (clock.deadline_id in moved) == (book.computed(clock.kind, clock.starts_at).due_at != clock.due_at)


def test_another_list_has_another_fingerprint_and_the_difference_is_named() -> None:
    made = proposal(date(2026, 11, 19))
    book = RULEBOOKS.by(RULEBOOKS.active.pack.ref, made.holidays())
    assert book is not None
    found = moves(clocks(), {book.pack.ref: book})
    assert fingerprint(made, found) == fingerprint(made, list(found))
    other = [replace(found[0], new_due_at=found[0].new_due_at + timedelta(days=1)), *found[2:]]
    assert fingerprint(made, other) != fingerprint(made, found)
    assert {one.what for one in differences(found, other)} == {"gone", "other_due"}
    assert [one.what for one in differences(found[1:], found)] == ["added"]
