"""A case told again in full ends in the clocks that there would be if nothing had been lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.deadlines.domain.model.deadline import State
from shared.contracts.envelope import Event
from shared.contracts.triage import CaseRestated
from tests.support.builders_deadlines import Life
from tests.unit.deadlines.conftest import Desk

LATER = timedelta(days=3)


def life_of(name: str) -> tuple[Life, list[Event[Any]], list[Event[Any]]]:
    """A contact, what is heard of it at once, and what waits behind a rating that could not be applied."""
    life = Life(name)
    heard = [life.received(), life.rated("amber"), life.opened(5)]
    behind = [
        life.rated("red-abuse", version=2, minutes=20),
        life.discussed(minutes=50),
        life.decided(minutes=60),
        life.closed(90),
        life.informed(70),
    ]
    return life, heard, behind


def told_again(life: Life, behind: list[Event[Any]], *, rated_at: datetime | None) -> Event[CaseRestated]:
    """The restatement four hours after receipt: rated, discussed, decided and closed as above."""
    rated, discussed, decided, closed, _ = behind
    said = life.restated("red-abuse", version=2, minutes=240)
    [standing] = said.data.subjects
    whole = said.data.model_copy(
        update={
            "opened_at": life.at(5),
            "subjects": (standing.model_copy(update={"rated": rated.data.subjects[0], "decision": decided.data}),),
            "discussions": (discussed.data,),
            "closed_at": closed.data.closed_at,
            "rated_at": rated_at,
        }
    )
    return replace(said, data=whole)


def standing(desk: Desk, life: Life) -> tuple[Any, ...]:
    contact = desk.contacts.get(life.id)
    clocks = {(one.terms.kind, one.state, one.terms.due_at) for one in contact.deadlines.values()}
    return clocks, contact.stage, contact.decided_at, contact.closed_at, contact.next_due_at


async def test_a_rating_from_before_the_decision_raises_nothing_when_it_is_told_again() -> None:
    whole, lossy = Desk(), Desk()
    life, heard, behind = life_of("told again")
    await whole.hear(*heard, *behind)
    await lossy.hear(*heard, behind[-1], told_again(life, behind, rated_at=life.at(20)))
    assert standing(lossy, life) == standing(whole, life)
    assert lossy.contacts.get(life.id).decided_at == life.at(60)
    fired = lossy.fire(life.at(0) + LATER)
    assert "decision_again" not in {kind for _, kind in fired}


@pytest.mark.parametrize("rated_at", [None, 200])
async def test_a_rating_from_after_the_decision_or_of_an_unknown_time_asks_for_another(rated_at: int | None) -> None:
    desk = Desk()
    life, heard, behind = life_of("really raised")
    at = life.at(rated_at) if rated_at is not None else None
    await desk.hear(*heard, told := told_again(life, behind, rated_at=at))
    clock = desk.clock(told, "decision_again")
    assert (clock.state, clock.terms.starts_at) == (State.RUNNING, at or life.at(240))
