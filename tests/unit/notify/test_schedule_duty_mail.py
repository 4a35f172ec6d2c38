"""When to try again, who is on duty, and the e-mail itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.adapters.channels.mail import Sender, UnusableAddress, compose, masked
from services.notify.application.ports import Letter
from services.notify.domain.model import DutyPeriod, Reach, next_rung_at, on_duty, role_of
from services.notify.domain.policy.schedule import person_needed, spread, wait_after
from tests.support.builders_notify import NOON, southampton

SENDER = Sender(name="MASH front door", address="front-door@example.org")


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1800), (6, 3600), (7, 3600), (99, 3600)]
)
def test_waits_grow_to_an_hour(attempts: int, seconds: float) -> None:
    assert wait_after(attempts, chance=0.5) == timedelta(seconds=seconds)


@given(attempts=st.integers(1, 500), chance=st.floats(0, 1, exclude_max=True))
def test_chance_spreads_a_wait_by_a_fifth(attempts: int, chance: float) -> None:
    middle = wait_after(attempts, chance=0.5)
    assert 0.8 * middle <= wait_after(attempts, chance=chance) <= 1.2 * middle


def test_a_providers_wish_is_kept_up_to_ten_minutes() -> None:
    assert wait_after(1, chance=0.5, asked=90) == timedelta(seconds=90)
    assert wait_after(1, chance=0.5, asked=86_400) == timedelta(minutes=10)
    assert wait_after(5, chance=0.5, asked=1) == timedelta(minutes=30)


@given(seconds=st.floats(0, 3600), chance=st.floats(0, 1, exclude_max=True))
def test_a_wait_is_spread_by_a_fifth(seconds: float, chance: float) -> None:
    wait = spread(seconds, chance=chance).total_seconds()
    assert 0.8 * seconds - 1e-5 <= wait <= 1.2 * seconds + 1e-5


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 600), (4, 600), (6, 3600)])
def test_our_own_fault_is_tried_again_slowly(attempts: int, seconds: float) -> None:
    assert wait_after(attempts, chance=0.5, slowly=True) == timedelta(seconds=seconds)


def test_a_person_is_needed_after_8_hours() -> None:
    assert not person_needed(NOON, NOON + timedelta(hours=7, minutes=59))
    assert person_needed(NOON, NOON + timedelta(hours=8))


def test_rungs_count_from_the_rating() -> None:
    ladder = southampton().ladder
    assert next_rung_at(ladder, 0, NOON) == NOON + timedelta(minutes=10)
    assert next_rung_at(ladder, 1, NOON) == NOON + timedelta(minutes=20)
    assert next_rung_at(ladder, 2, NOON) is None


@pytest.mark.parametrize(
    ("at", "role"),
    [
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), "duty_worker"),
        (datetime(2026, 11, 20, 16, 29, tzinfo=UTC), "duty_worker"),
        (datetime(2026, 11, 20, 16, 30, tzinfo=UTC), "edt"),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "edt"),
        (datetime(2026, 7, 20, 7, 30, tzinfo=UTC), "duty_worker"),  # half past eight in London's summer
        (datetime(2026, 7, 20, 7, 29, tzinfo=UTC), "edt"),
    ],
)
def test_out_of_hours_another_role_answers(at: datetime, role: str) -> None:
    pack = southampton()
    assert role_of(pack.ladder[0], pack.calendar, at) == role


def a_period(address: str, *, role: str = "duty_worker", absent: bool = False, hours: int = 0) -> DutyPeriod:
    start = NOON + timedelta(hours=hours)
    return DutyPeriod(
        id=uuid4(), role=role, address=address, starts_at=start, ends_at=start + timedelta(hours=8), absent=absent
    )


def test_who_is_on_duty() -> None:
    rota = [a_period("early@example.org", hours=-4), a_period("late@example.org", hours=-1)]
    assert on_duty(rota, "duty_worker", NOON) == Reach("email", "late@example.org")
    assert on_duty(rota, "manager", NOON) is None
    assert on_duty([a_period("ill@example.org", absent=True)], "duty_worker", NOON) is None
    assert on_duty([a_period("gone@example.org", hours=-8)], "duty_worker", NOON) is None


def a_letter(to: str = "jo@example.org") -> Letter:
    message_id = UUID("5b0c2b1e-8f1d-5a55-9c0a-2d8a5a4f6e01")
    body = "A line with £ and — in it, and a long one: " + "x" * 1200 + "\n"
    return Letter(message_id=message_id, to=to, subject="We have your contact", body=body, template_hash="abc")


def test_the_message_id_is_ours_on_every_attempt() -> None:
    first, second = (compose(a_letter(), SENDER, now=NOON + timedelta(hours=hours)) for hours in (0, 5))
    assert first["Message-ID"] == second["Message-ID"] == "<5b0c2b1e-8f1d-5a55-9c0a-2d8a5a4f6e01@example.org>"


def test_the_mail_survives_the_wire() -> None:
    letter = a_letter()
    sent = compose(letter, SENDER, now=NOON).as_bytes()
    assert max(len(line) for line in sent.split(b"\r\n")) <= 998
    received = message_from_bytes(sent, policy=policy.default)
    assert received.get_content().replace("\r\n", "\n") == letter.body
    assert received["To"] == "jo@example.org"
    assert received["From"] == "MASH front door <front-door@example.org>"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c",
        "jo@example.org, other@example.org",
        "jo@example.org\r\nBcc: other@example.org",
        "Jo <jo@example.org>",
        "jo@localhost",
        "x" * 250 + "@example.org",
        "@example.org",
        "jo@",
    ],
)
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    with pytest.raises(UnusableAddress):
        compose(a_letter(address), SENDER, now=NOON)


def test_masking_hides_who_it_is() -> None:
    assert masked("jo.referrer@example.org") == "j…@example.org"
    assert masked("nonsense") == "…"
