"""Thirty whole contacts by the road of a real one: intake reads the body and says what it holds, triage rates it, and
deadlines sets the clocks. What must come of each is written by hand in data/thirty_contacts.yaml.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.intake.application.commands import receive_contact
from services.intake.domain.policy import advice_for
from services.intake.entrypoints.schemas.reading import Reader
from services.triage.application.handlers.told import contact_told, subjects_told
from services.triage.application.handlers.translation import rated
from services.triage.domain.model import Case, Signed, rating
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import ContactReceived
from shared.policy.model import Pack
from shared.policy.yaml_marks import read
from shared.security.encryption import BlindIndex
from tests.support.deliveries import event_of
from tests.unit.deadlines.conftest import Desk

from .conftest import POLICIES

LONDON = ZoneInfo("Europe/London")
TEST_IDS = UUID("3f0a7f0a-0000-5000-8000-000000000000")
CONTACTS: list[dict[str, Any]] = read(Path(__file__).parent / "data" / "thirty_contacts.yaml").data["contacts"]
BY_NAME = {each["name"]: each for each in CONTACTS}
each_contact = pytest.mark.parametrize("name", BY_NAME)


@dataclass(frozen=True)
class Arrived:
    """A contact that has been read and rated."""

    event: Event[ContactReceived]
    case: Case
    advice: tuple[str, ...]
    at: datetime


def arrive(pack: Pack, given: dict[str, Any]) -> Arrived:
    """The contact as intake takes it and triage rates it, at the moment it arrives."""
    at = datetime.fromisoformat(given["received_at"]).replace(tzinfo=LONDON).astimezone(UTC)
    contact_id = uuid5(TEST_IDS, given["name"])
    ids = (uuid5(contact_id, f"subject {number}") for number in range(1, 99))
    reader = Reader(indicators=pack.indicators, production=False)
    told = reader.read(json.dumps(given["contact"]).encode(), new_id=lambda: next(ids))
    taken = receive_contact(
        told,
        contact_id=contact_id,
        organisation="an-organisation",
        accepted_at=at,
        followed=None,
        random_child_ids=[b"0" * 16] * len(told.subjects),
        index=BlindIndex(b"k" * 32),
        cause=Cause(id=contact_id, correlation_id=contact_id),
    )
    case = Case(contact_id=contact_id)
    data = taken.event.data
    rating.hear_what_was_told(case, contact_told(data), subjects_told(data), pack, Signed(id=contact_id, at=at))
    return Arrived(taken.event, case, advice_for(pack, told, on=at.date()), at)


@each_contact
def test_it_is_rated_as_agreed(pack: Pack, name: str) -> None:
    expected, case = BY_NAME[name]["expect"], arrive(pack, BY_NAME[name]).case
    assert case.rating == expected["rating"]
    for subject, agreed in zip(case.subjects, expected["subjects"], strict=True):
        found = subject.standing
        assert (found.rating, [*found.routes]) == (agreed["rating"], agreed["routes"])
        assert (found.level, found.outcome) == (agreed.get("level"), agreed.get("outcome"))
        assert found.proposed_route == agreed.get("proposed_route")
        assert sorted(found.rules) == sorted(agreed["reasons"])
        assert "flags" not in agreed or sorted(found.flags) == sorted(agreed["flags"])
        assert found.level_by_person or not agreed.get("level_by_person")


@each_contact
def test_its_clocks_are_due_as_agreed(pack: Pack, name: str) -> None:
    arrived = arrive(pack, BY_NAME[name])
    desk = Desk(Rulebooks(pack, POLICIES))
    said = event_of(
        rated(arrived.case, cause="received"), contact_id=arrived.case.contact_id, sequence=1, at=arrived.at
    )
    asyncio.run(desk.hear(arrived.event, said))
    clocks = desk.contacts.get(arrived.case.contact_id).deadlines.values()
    found = {one.terms.kind: f"{one.terms.due_at.astimezone(LONDON):%Y-%m-%dT%H:%M}" for one in clocks}
    assert found == BY_NAME[name]["expect"]["clocks"]


@each_contact
def test_whoever_made_it_is_advised(pack: Pack, name: str) -> None:
    words = [pack.advice[code] for code in BY_NAME[name]["expect"]["advice"]]
    assert [*arrive(pack, BY_NAME[name]).advice] == words


def test_there_are_thirty_and_each_is_another() -> None:
    assert len(BY_NAME) == len(CONTACTS) == 30


def test_they_show_every_rating_and_route_that_facts_can_ask_for(pack: Pack) -> None:
    subjects = [subject for each in CONTACTS for subject in each["expect"]["subjects"]]
    asked = {route for subject in subjects for route in (*subject["routes"], subject.get("proposed_route"))} - {None}
    assert asked == {*pack.routes} - {pack.fallbacks.unrated.route}
    assert {each["contact"]["referrer"]["kind"] for each in CONTACTS} == {
        "involved_professional",
        "professional",
        "family",
        "public",
        "anonymous",
    }
