"""A simulated month: the same for the same seed, mixed as the real one, possible to the letter."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mash.simulation.acts import CASE_SYSTEM, STAFF, WORKER, Act, Do
from mash.simulation.hours import Hours
from mash.simulation.mix import REFERRALS, is_term
from mash.simulation.plan import Plan, Wishes, make_plan
from services.intake.domain.model.identifiers import is_synthetic, nhs_number_holds
from shared.policy.loader import load_pack
from tests.support.counted import working_day_due

LONDON = ZoneInfo("Europe/London")
JUNE, AUGUST = date(2026, 6, 1), date(2026, 8, 1)
POLICIES = Path("policies")
SEEDS = (1, 2, 7)


@cache
def hours() -> Hours:
    return Hours(load_pack(POLICIES, "southampton-pathways-2021@1"), POLICIES / "calendars")


@cache
def plan(seed: int = 1, month: date = JUNE, contacts: int = 600) -> Plan:
    return make_plan(Wishes(contacts=contacts, month=month, seed=seed), hours())


def told(of: Plan) -> list[Act]:
    """The month's contacts; those of the year before are left out."""
    month = of.wishes.month
    return [
        act for act in of.acts if act.do is Do.TELL and act.at.astimezone(LONDON).strftime("%Y-%m") == f"{month:%Y-%m}"
    ]


def test_the_same_seed_makes_the_same_plan_to_the_byte_and_another_another() -> None:
    again = make_plan(Wishes(contacts=600, month=JUNE, seed=1), hours())
    assert "\n".join(plan().lines()) == "\n".join(again.lines())
    assert "\n".join(plan().lines()) != "\n".join(plan(seed=2).lines())


@pytest.mark.parametrize("seed", SEEDS)
def test_as_many_contacts_come_in_the_month_as_were_wished_and_from_whom(seed: int) -> None:
    sources = Counter(act.fields["referrer"]["source_code"] for act in told(plan(seed)))
    total = sum(sources.values())
    assert total == 600

    def share(*first: str) -> float:
        return 100 * sum(count for code, count in sources.items() if code.startswith(first)) / total

    assert share("6") == pytest.approx(28, abs=1.5)
    assert share("2") == pytest.approx(21, abs=1.5)
    assert share("3") == pytest.approx(15, abs=1.5)
    assert share("5") == pytest.approx(14, abs=1.5)
    assert share("1A", "1B", "1C", "1D") == pytest.approx(8, abs=1.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_police_come_by_night_and_in_batches_and_schools_on_school_days(seed: int) -> None:
    by_source: dict[str, list[datetime]] = defaultdict(list)
    for act in told(plan(seed)):
        by_source[act.fields["referrer"]["source_code"]].append(act.at.astimezone(LONDON))
    police, schools = by_source["6"], by_source["2A"]
    assert sum(at.hour < 8 or at.hour >= 18 for at in police) > len(police) / 2
    assert sum(at.weekday() >= 5 for at in police) > len(police) / 5
    batches = Counter(act.at for act in told(plan(seed)) if act.in_batch)
    assert max(batches.values()) >= 3
    assert all(at.weekday() < 5 and 8 <= at.hour < 18 for at in schools)
    assert sum(at.hour in (14, 15) for at in schools) > len(schools) / 5


def test_schools_are_silent_in_their_holidays() -> None:
    schools = [act for act in told(plan(month=AUGUST)) if act.fields["referrer"]["source_code"] == "2A"]
    assert len(schools) < 0.03 * 600
    assert not is_term(date(2026, 4, 6))
    assert not is_term(date(2026, 12, 24))
    assert is_term(date(2026, 6, 10))


def in_force(of: Plan) -> dict[tuple[int, int], list[tuple[datetime, str]]]:
    """When which outcome came to hold for which subject: at the last agreement, or at once."""
    found: dict[tuple[int, int], list[tuple[datetime, str]]] = defaultdict(list)
    for act in of.acts:
        if act.do is Do.DECISION:
            found[act.contact, act.subject or 0].append((act.at, act.fields["outcome"]))
        elif act.do is Do.AUTHORISATION:
            decisions = found[act.contact, act.subject or 0]
            decisions[-1] = (act.at, decisions[-1][1])
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_one_in_six_is_a_referral_and_ninety_nine_of_a_hundred_are_in_time(seed: int) -> None:
    contacts = {act.contact: act for act in told(plan(seed))}
    decided = {key: one for key, one in in_force(plan(seed)).items() if key[0] in contacts}
    subjects = sum(max(1, len(act.fields.get("subjects", []))) for act in contacts.values())
    referred = sum(one[-1][1] in REFERRALS for one in decided.values())
    assert 100 * referred / subjects == pytest.approx(16, abs=0.5)
    late = sum(one[0][0] > working_day_due(_received(contacts[key[0]])) for key, one in decided.items())
    assert 100 * late / len(decided) == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fifth_of_the_referrals_are_children_who_were_referred_in_the_year_before(seed: int) -> None:
    children: dict[tuple[int, int], tuple[str, str] | None] = {}
    for act in plan(seed).acts:
        if act.do is Do.TELL:
            for position, one in enumerate(act.fields.get("subjects", []), 1):
                number = one.get("nhs_number")
                children[act.contact, position] = (number, one["birth_date"]) if number else None
    month = {act.contact for act in told(plan(seed))}
    referred = {key: one[-1][0] for key, one in in_force(plan(seed)).items() if one[-1][1] in REFERRALS}
    ours = [key for key in referred if key[0] in month]
    again = [
        key for key in ours if children[key] and any(_before(key, other, referred, children) for other in referred)
    ]
    assert 100 * len(again) / len(ours) == pytest.approx(22, abs=9)


def _before(
    key: tuple[int, int],
    other: tuple[int, int],
    referred: dict[tuple[int, int], datetime],
    children: dict[tuple[int, int], tuple[str, str] | None],
) -> bool:
    return children[other] == children[key] and timedelta() < referred[key] - referred[other] < timedelta(days=365)


def test_everybody_is_made_up() -> None:
    for act in told(plan()):
        assert act.fields["referrer"].get("email", "x@example.org").endswith("@example.org")
        for subject in act.fields.get("subjects", []):
            number = subject.get("nhs_number", "9990000026")
            assert is_synthetic(number)
    numbers = [
        one["nhs_number"] for act in told(plan()) for one in act.fields.get("subjects", []) if "nhs_number" in one
    ]
    assert sum(nhs_number_holds(number) for number in numbers) > 0.95 * len(numbers)


def test_every_kind_of_contact_and_act_is_there() -> None:
    whole = plan(contacts=2080)
    kinds = Counter(one["kind"] for act in told(whole) for one in act.fields.get("subjects", []))
    assert set(kinds) == {"child", "unborn", "adult"}
    assert any(not act.fields.get("subjects") for act in told(whole))
    assert {act.do for act in whole.acts} == set(Do)
    codes = {act.fields["code"] for act in whole.acts if act.do is Do.MILESTONE}
    assert codes >= {"s47_started", "plan_opened", "stepped_up", "assessment_completed", "paediatric_assessment"}
    assert {act.by for act in whole.acts} >= {*STAFF, CASE_SYSTEM, "police", "schools"}


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_done_before_it_can_be(seed: int) -> None:
    begun: dict[int, datetime] = {}
    for act in plan(seed).acts:
        if act.do is Do.TELL:
            begun[act.contact] = act.at
        assert act.at >= begun[act.contact]
        for name in ("held_at", "occurred_at", "answered_at"):
            assert datetime.fromisoformat(act.fields.get(name, "2025-01-01T00:00Z")) <= act.at
        if act.do is Do.LINK:
            assert begun[act.fields["same_as"]] <= act.at


@pytest.mark.parametrize("seed", SEEDS)
def test_a_first_try_is_one_that_intake_believes_and_of_the_same_month(seed: int) -> None:
    tried = [act for act in told(plan(seed)) if "first_attempted_at" in act.fields]
    assert tried
    for act in tried:
        assert timedelta() < act.at - _received(act) < timedelta(days=7)
        assert _received(act).astimezone(LONDON).date() >= JUNE


def test_staff_work_in_opening_hours_except_where_it_is_urgent() -> None:
    urgent = {act.contact for act in plan().acts if act.do is Do.DISCUSSION}
    for act in plan().acts:
        if act.by == WORKER and act.do in (Do.OPEN, Do.DECISION) and act.contact not in urgent:
            assert hours().is_working_day(act.at.astimezone(LONDON).date())


def test_a_plan_is_json_lines() -> None:
    first = json.loads(next(iter(plan().lines())))
    assert set(first) == {"at", "contact", "do", "by", "subject", "in_batch", "fields"}


def _received(act: Act) -> datetime:
    tried = act.fields.get("first_attempted_at")
    return datetime.fromisoformat(tried).astimezone(UTC) if tried else act.at
