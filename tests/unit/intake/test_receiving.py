"""What is said of a contact: ages as of the incident, or of today where the incident is still to come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.application.commands import Received, receive_contact
from services.intake.domain.model.contact import ContactTold, Referrer, Subject
from shared.contracts.envelope import Cause
from shared.security.encryption import BlindIndex

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ID = UUID(int=7)


def received(incident_at: datetime | None, *, born: date) -> Received:
    told = ContactTold(
        referrer=Referrer(kind="professional", source_code="2A", has_address=True),
        subjects=(Subject(subject_id=ID, position=1, kind="child", birth_date=born),),
        channel="api",
        incident_at=incident_at,
        first_attempted_at=None,
        sender_grade=None,
        on_behalf_of=None,
        follows=None,
        warnings=(),
    )
    return receive_contact(
        told,
        contact_id=ID,
        organisation="school-9",
        accepted_at=NOW,
        followed=None,
        random_child_ids=[b"0" * 16],
        index=BlindIndex(b"k" * 32),
        cause=Cause(id=ID, correlation_id=ID),
    )


@pytest.mark.parametrize("years", [1, 36])
def test_an_incident_still_to_come_is_set_aside_and_makes_nobody_older(years: int) -> None:
    result = received(NOW + timedelta(days=365 * years), born=date(2014, 2, 1))
    subject = result.event.data.subjects[0]
    assert (subject.age_at_incident.unit, subject.age_at_incident.value) == ("years", 12)
    assert subject.unrecognised == {"incident_at": 1}, "a person looks"
    assert [(warning.pointer, warning.code) for warning in result.told.warnings] == [("/incident_at", "in_the_future")]
    assert result.event.data.incident_at is None


def test_an_incident_in_the_past_gives_the_age_of_that_day() -> None:
    subject = received(NOW - timedelta(days=365 * 2), born=date(2014, 2, 1)).event.data.subjects[0]
    assert (subject.age_at_incident.value, subject.age_at_receipt.value) == (10, 12)
    assert subject.unrecognised == {}


@given(st.integers(-13_000, 23_000).map(lambda days: NOW + timedelta(days=days)))
def test_no_date_of_the_incident_makes_a_child_older_than_today(incident_at: datetime) -> None:
    subject = received(incident_at, born=date(2014, 2, 1)).event.data.subjects[0]
    at_incident, at_receipt = subject.age_at_incident, subject.age_at_receipt
    assert (
        at_incident.value is None
        or at_receipt.value is None
        or (at_incident.unit != at_receipt.unit or at_incident.value <= at_receipt.value)
    )
