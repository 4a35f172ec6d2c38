"""Three measures of again, kept apart, over windows that end at the receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.model.history import Counts, Earlier, Moments, PackWords, counts_of, months_back

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = PackWords(lowest_ratings=frozenset({"low"}), no_further_action=frozenset({"nothing"}))
THIS = Moments(contact_id=UUID(int=99), received_at=NOW, accepted_at=NOW)


def earlier(number: int, days: float, **known: object) -> Earlier:
    at = NOW - timedelta(days=days)
    base = Earlier(contact_id=UUID(int=number), subject_id=UUID(int=number), received_at=at, accepted_at=at)
    return replace(base, **known)


def counted(*known: Earlier, organisation: str | None = "school-1") -> Counts:
    return counts_of(THIS, organisation, known, [], WORDS)


def test_the_three_measures_are_kept_apart() -> None:
    referral = earlier(1, 100, counts_as_referral=True, outcome="assess")
    assessed = earlier(2, 700, assessed_at=NOW - timedelta(days=300), counts_as_referral=True)
    plain = earlier(3, 20, outcome="nothing", rating="low", closed_at=NOW - timedelta(days=3))
    counts = counted(referral, assessed, plain)
    assert counts.repeat_contacts_12_months == 3
    assert counts.referrals_12_months == 1
    assert counts.assessments_closed_12_months == 1
    assert counts.no_further_action_12_months == 1
    assert (counts.closed_6_months, counts.greens_3_months) == (1, 1)


def test_agencies_are_organisations_and_this_one_counts() -> None:
    others = [earlier(at, at, organisation=f"agency-{at % 2}") for at in range(1, 6)]
    assert counted(*others).agencies_7_days == 3
    assert counted(*others, organisation=None).agencies_7_days == 2
    assert counted(earlier(1, 7.1, organisation="police")).agencies_7_days == 1


def test_what_is_one_piece_of_work_is_not_again_but_two_agencies_all_the_same() -> None:
    counts = counted(earlier(1, 1, one_piece=True, organisation="police", counts_as_referral=True))
    assert (counts.repeat_contacts_12_months, counts.referrals_12_months, counts.agencies_7_days) == (1, 0, 2)


def test_a_contact_about_the_child_twice_counts_once() -> None:
    assert counted(earlier(1, 5), earlier(1, 5, subject_id=UUID(int=77))).repeat_contacts_12_months == 2


@given(st.lists(st.floats(-400, 800, allow_nan=False), max_size=8))
def test_only_what_is_earlier_counts_and_more_never_lowers(days: list[float]) -> None:
    known = [earlier(at + 1, away, rating="low", closed_at=NOW) for at, away in enumerate(days)]
    counts = counted(*known)
    assert counts.repeat_contacts_12_months == 1 + sum(
        one.received_at > months_back(NOW, 12) for one in known if one.place < THIS.place
    )
    for fewer in range(len(known)):
        assert counted(*known[:fewer]).repeat_contacts_12_months <= counts.repeat_contacts_12_months


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        (datetime(2026, 11, 20, 12, tzinfo=UTC), 12, datetime(2025, 11, 20, 12, tzinfo=UTC)),
        (datetime(2026, 5, 31, 1, tzinfo=UTC), 3, datetime(2026, 2, 28, 1, tzinfo=UTC)),
        (datetime(2028, 5, 31, 1, tzinfo=UTC), 3, datetime(2028, 2, 29, 1, tzinfo=UTC)),
        (datetime(2026, 3, 1, tzinfo=UTC), 6, datetime(2025, 9, 1, tzinfo=UTC)),
    ],
)
def test_months_are_calendar_months(moment: datetime, months: int, before: datetime) -> None:
    assert months_back(moment, months) == before
