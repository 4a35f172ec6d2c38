"""Whom the rota names, and what is doubtful about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from services.notify.domain.model import DutyPeriod, Reach, Rota, role_of
from services.notify.domain.policy.order import sources_first
from services.notify.domain.policy.rota import AHEAD, Doubt, doubts, roles_of, without_team
from shared.policy.holidays import HolidaysMissing, days_off
from tests.support.builders_notify import NOON, POLICIES, southampton

PACK = southampton()
HOLIDAYS = days_off(POLICIES, PACK.calendar.holidays)
TEAMS = {role: f"{role}@example.org" for role in roles_of(PACK.ladder)}


def a_period(role: str, start: datetime, end: datetime, **changed: object) -> DutyPeriod:
    told: dict[str, object] = {"address": "jo@example.org", "absent": False, **changed}
    return DutyPeriod(id=uuid4(), role=role, starts_at=start, ends_at=end, **told)  # pyright: ignore[reportArgumentType]


def always(*but: str) -> list[DutyPeriod]:
    """Somebody in every role the whole week, but in these."""
    return [a_period(role, NOON, NOON + AHEAD) for role in roles_of(PACK.ladder) if role not in but]


def found(rota: Rota) -> list[Doubt]:
    return doubts(rota, PACK.ladder, PACK.calendar, HOLIDAYS, NOON)


def test_a_whole_rota_raises_no_doubt() -> None:
    assert found(Rota(periods=tuple(always()), teams=TEAMS)) == []


def test_hours_in_which_nobody_answers_are_named_only_where_it_is_the_roles_turn() -> None:
    gaps = [each for each in found(Rota(periods=tuple(always("duty_worker")), teams=TEAMS)) if each.code == "gap"]
    assert {each.role for each in gaps} == {"duty_worker"}
    first = gaps[0]
    assert (first.starts_at, first.ends_at) == (NOON, NOON.replace(hour=16, minute=30))  # Friday's closing
    assert len(gaps) == 6  # the rest of Friday, Monday to Thursday, and Friday morning


def test_an_absence_is_a_gap_and_two_at_once_an_overlap() -> None:
    end = NOON + timedelta(hours=2)
    ill = [*always("edt_manager"), a_period("edt_manager", NOON, NOON + AHEAD, absent=True)]
    assert {each.role for each in found(Rota(periods=tuple(ill), teams=TEAMS))} == {"edt_manager"}
    both = Rota(periods=(*always(), a_period("manager", NOON, end)), teams=TEAMS)
    assert found(both) == [Doubt(code="overlap", role="manager", starts_at=NOON, ends_at=end)]


def test_every_role_needs_a_team_that_is_always_on() -> None:
    assert without_team(PACK.ladder, TEAMS) == ()
    assert [each.role for each in found(Rota(periods=tuple(always()))) if each.code == "no_team_address"] == [*TEAMS]


def test_an_absent_person_is_passed_over_for_the_next_then_the_team() -> None:
    later, end = NOON + timedelta(hours=1), NOON + timedelta(hours=4)
    here = a_period("manager", NOON, end, address="+447700900001", channel="sms")
    ill = a_period("manager", later, end, address="ill@example.org", absent=True)
    rota, both = Rota(periods=(here, ill), teams=TEAMS), {"email", "sms"}
    assert rota.person_of("manager", later, channels=both) == Reach("sms", "+447700900001")
    assert rota.person_of("manager", later, channels={"email"}) is None
    assert rota.team_of("manager", otherwise="duty@example.org") == Reach("email", "manager@example.org")
    assert Rota().team_of("manager", otherwise="duty@example.org") == Reach("email", "duty@example.org")


def test_on_a_bank_holiday_the_out_of_hours_team_answers() -> None:
    christmas, day = datetime(2026, 12, 25, 12, tzinfo=UTC), datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert role_of(PACK.ladder[0], PACK.calendar, christmas, HOLIDAYS) == "edt"
    assert role_of(PACK.ladder[0], PACK.calendar, day, HOLIDAYS) == "duty_worker"
    gaps = doubts(Rota(periods=(), teams=TEAMS), PACK.ladder, PACK.calendar, HOLIDAYS, christmas)
    assert next(each.starts_at for each in gaps if each.role == "edt") == christmas


def test_a_calendar_that_is_missing_or_broken_starts_no_process(tmp_path: Path) -> None:
    with pytest.raises(HolidaysMissing):
        days_off(tmp_path, "nowhere")
    folder = tmp_path / "calendars" / "broken"
    folder.mkdir(parents=True)
    (folder / "1.yaml").write_text("holidays: [{date: soon}]")
    with pytest.raises(HolidaysMissing):
        days_off(tmp_path, "broken")
    (folder / "10.yaml").write_text('holidays: [{date: "2026-12-25", name: "Christmas Day"}]')
    assert days_off(tmp_path, "broken") == {datetime(2026, 12, 25, tzinfo=UTC).date()}


@pytest.mark.parametrize(
    ("at", "first"),
    [
        (datetime(2026, 11, 20, 14, 59, tzinfo=UTC), {"2A"}),
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), set[str]()),
        (datetime(2026, 7, 20, 14, 30, tzinfo=UTC), set[str]()),  # half past three in London's summer
        (datetime(2026, 11, 21, 10, 0, tzinfo=UTC), set[str]()),  # a Saturday
        (datetime(2026, 12, 25, 10, 0, tzinfo=UTC), set[str]()),
    ],
)
def test_schools_hear_first_until_three_on_a_school_day(at: datetime, first: set[str]) -> None:
    assert sources_first(PACK.calendar, HOLIDAYS, at) == first
