"""A message's states: every move from every state, late and repeated results, and the diagram in the README."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify.domain.model import MOVES, SETTLED, Kind, Message, Move, NotAllowed, State
from tests.support.builders_notify import NOON

README = Path(__file__).parents[3] / "services" / "notify" / "README.md"
TOKEN, OTHER = uuid4(), uuid4()
WAY: dict[str, Any] = {
    "channel": "email",
    "ways": ("email",),
    "masked_address": "j…@example.org",
    "address_mark": b"x",
}


def a_message(state: State = State.WAITING, *, token: UUID = TOKEN) -> Message:
    message = Message(
        id=uuid4(),
        contact_id=uuid4(),
        kind=Kind.ACKNOWLEDGEMENT,
        purpose="acknowledge-professional",
        template="professional-acknowledgement",
        created_at=NOON,
        correlation_id=uuid4(),
    )
    message.state = state
    if state is State.LEASED:
        message.lease_token, message.lease_until = token, NOON + timedelta(seconds=60)
    return message


def test_the_readme_shows_exactly_the_moves_of_the_code() -> None:
    page = README.read_text().partition("## A message\n")[2].partition("\n## ")[0]
    drawn = set(re.findall(r"^\s+(\w+) --> (\w+): (.+)$", page, flags=re.MULTILINE))
    coded = {(start.value, end.value, move.value) for move, table in MOVES.items() for start, end in table.items()}
    assert drawn == coded


def test_every_state_but_the_settled_ones_leads_on_unless_contradicted() -> None:
    for state in State:
        leads_on = any(state in table for move, table in MOVES.items() if move is not Move.CONTRADICT)
        assert leads_on is (state not in SETTLED)


@pytest.mark.parametrize("state", list(State))
def test_moves_that_a_state_does_not_have_are_refused_by_name(state: State) -> None:
    message = a_message(state)
    if state not in MOVES[Move.LEASE]:
        with pytest.raises(NotAllowed) as refused:
            message.lease(OTHER, NOON)
        assert Move.LEASE.value not in refused.value.allowed
    if state not in MOVES[Move.RESEND]:
        with pytest.raises(NotAllowed):
            message.resend(NOON)
    if state not in MOVES[Move.TELL]:
        with pytest.raises(NotAllowed):
            message.told(NOON, "phone")
    assert message.state is state


def test_a_lease_holds_until_it_runs_out() -> None:
    message = a_message()
    assert message.due(NOON)
    message.lease(TOKEN, NOON)
    assert message.held_by(TOKEN)
    assert not message.held_by(OTHER)
    assert not message.due(NOON + timedelta(seconds=59))
    assert message.due(NOON + timedelta(seconds=60))


def test_an_attempt_is_spent_only_under_the_lease() -> None:
    message = a_message(State.LEASED)
    assert not message.attempt(OTHER, **WAY)
    assert message.attempts == 0
    assert message.attempt(TOKEN, **WAY)
    assert message.attempts == 1


def test_putting_off_spends_no_attempt() -> None:
    message = a_message(State.LEASED)
    assert message.put_off(TOKEN, next_try_at=NOON, reason="intake_503")
    assert (message.state, message.attempts, message.reason) == (State.RETRYING, 0, "intake_503")


@pytest.mark.parametrize("state", [State.WAITING, State.RETRYING, State.NEEDS_PERSON])
def test_a_late_acceptance_is_a_fact(state: State) -> None:
    message = a_message(state)
    assert message.accepted(TOKEN, NOON)
    assert message.state is State.SENT


def test_of_two_acceptances_one_is_the_proof() -> None:
    message = a_message(State.LEASED, token=OTHER)
    assert message.accepted(TOKEN, NOON)  # whose lease was lost
    assert not message.accepted(OTHER, NOON)


@pytest.mark.parametrize("state", sorted(SETTLED))
def test_results_that_come_too_late_change_nothing(state: State) -> None:
    message = a_message(state)
    assert not message.accepted(TOKEN, NOON)
    assert not message.try_later(TOKEN, next_try_at=NOON, reason="x")
    assert not message.put_off(TOKEN, next_try_at=NOON, reason="x")
    assert not message.needs_person("x", token=TOKEN)
    assert not message.supersede(NOON, "x")
    assert message.state is state


def test_a_failure_counts_only_while_the_lease_holds() -> None:
    message = a_message(State.LEASED, token=OTHER)
    assert not message.try_later(TOKEN, next_try_at=NOON, reason="x")
    assert not message.needs_person("smtp_550", token=TOKEN)
    assert message.held_by(OTHER)
    assert message.needs_person("smtp_550", token=OTHER)


def test_what_is_being_sent_is_not_superseded_until_its_lease_is_over() -> None:
    message = a_message(State.LEASED)
    assert not message.supersede(NOON, "newer_decision")
    assert message.supersede(NOON, "newer_decision", lease_over=True)


def test_what_only_a_person_may_tell_is_never_sent_again() -> None:
    message = a_message(State.NEEDS_PERSON)
    message.template = ""
    with pytest.raises(NotAllowed):
        message.resend(NOON)
    message.told(NOON, "phone")
    assert (message.state, message.channel) == (State.TOLD, "phone")


def test_resending_begins_another_round() -> None:
    message = a_message(State.NEEDS_PERSON)
    message.resend(NOON)
    assert (message.state, message.resends) == (State.WAITING, 1)
    assert message.due(NOON)
