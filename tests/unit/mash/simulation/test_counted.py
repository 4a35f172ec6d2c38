"""The independent count against months that were worked out by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.support.counted import counted, holds, moment, working_day_due

NHS = "9990000018"
OTHER_NHS = "9990000026"


def tell(name: str, at: str, *subjects: dict[str, Any]) -> dict[str, Any]:
    said = subjects or (child(name),)
    return {"at": at, "do": "tell", "contact": name, "received_at": at, "subjects": list(said)}


def child(name: str, **more: Any) -> dict[str, Any]:
    known = {"kind": "child", "birth_date": "2016-02-03", "nhs_number": None, "exploitation_score": None}
    return {"subject_id": name, **known, **more}


def decided(name: str, at: str, outcome: str, *, do: str = "decision", in_force: bool = True) -> dict[str, Any]:
    return {"at": at, "do": do, "contact": name, "subject_id": name, "outcome": outcome, "in_force": in_force}


def reached(name: str, at: str, code: str) -> dict[str, Any]:
    return {"at": at, "do": "milestone", "contact": name, "subject_id": name, "code": code, "occurred_at": at}


def count(*lines: dict[str, Any], month: str = "2026-06", end: str = "2026-07-10T12:00:00Z") -> dict[str, Any]:
    said = [json.dumps(line) for line in (*lines, {"at": end, "do": "end"})]
    return counted(said, month, population=50_000)


def test_months_are_those_of_london() -> None:
    found = count(
        tell("still May", "2026-05-31T22:59:59Z"),
        tell("June by a second", "2026-05-31T23:00:00Z"),
        tell("June by a second again", "2026-06-30T22:59:59Z"),
        tell("July", "2026-06-30T23:00:00Z"),
    )
    assert (found["M1"].value, found["M1-C"].value) == (2, 2)


def test_each_child_counts_once_a_contact_and_who_names_none_counts_once() -> None:
    siblings = (child("a"), child("b"), child("unborn", kind="unborn"), child("mother", kind="adult"))
    adults = (child("c", kind="adult"), child("d", kind="adult"))
    found = count(
        tell("1", "2026-06-01T10:00:00Z", *siblings),
        tell("2", "2026-06-01T10:00:00Z", *adults),
        tell("3", "2026-06-01T10:00:00Z", child("e", kind="unknown")),
    )
    assert (found["M1"].value, found["M1-C"].value) == (5, 3)


def test_a_referral_counts_when_it_first_was_one_if_it_still_is() -> None:
    found = count(
        *(tell(name, "2026-06-29T10:00:00Z") for name in ("june", "july", "raised", "lowered", "asked")),
        decided("june", "2026-06-30T22:59:00Z", "s17_assessment"),
        decided("july", "2026-06-30T23:00:00Z", "s47_strategy_discussion"),
        decided("raised", "2026-06-29T12:00:00Z", "signpost"),
        decided("raised", "2026-06-30T12:00:00Z", "s17_assessment"),
        decided("lowered", "2026-06-29T12:00:00Z", "s17_assessment"),
        decided("lowered", "2026-06-30T12:00:00Z", "early_help"),
        decided("asked", "2026-06-29T12:00:00Z", "s17_assessment", in_force=False),
    )
    assert (found["M2"].value, found["M3"].numerator, found["M3"].denominator) == (2, 2, 5)
    assert found["M3"].value == Decimal("40.00")
    assert found["M2-NI"].value == Decimal("0.40")


def test_in_time_on_both_bases() -> None:
    found = count(
        *(tell(name, "2026-06-05T18:00:00Z") for name in ("friday", "late")),
        decided("friday", "2026-06-08T16:00:00Z", "signpost"),  # Monday, 17:00 in London: to the second
        decided("late", "2026-06-08T16:00:01Z", "signpost"),
        tell("within a day", "2026-06-10T09:00:00Z"),
        decided("within a day", "2026-06-11T09:00:00Z", "signpost"),
        tell("nobody", "2026-06-10T09:00:00Z"),
        tell("closed", "2026-06-10T09:00:00Z"),
        {"at": "2026-06-10T10:00:00Z", "do": "closure", "contact": "closed", "reason": "withdrawn"},
        tell("linked", "2026-06-10T09:00:00Z"),
        {"at": "2026-06-10T10:00:00Z", "do": "link", "contact": "linked"},
    )
    one_day, elapsed = found["M8-QL-1WD"], found["M8-QL-24H"]
    assert (one_day.numerator, one_day.denominator, one_day.value) == (2, 4, Decimal("50.00"))
    assert (elapsed.numerator, elapsed.denominator) == (1, 4)
    assert found["M1"].value == 6


def test_whose_time_is_not_over_is_not_judged() -> None:
    open_still = count(tell("new", "2026-06-30T09:00:00Z"), end="2026-06-30T16:00:00Z")["M8-QL-1WD"]
    assert (open_still.numerator, open_still.denominator, open_still.value) == (0, 0, None)


def test_bank_holidays_are_no_working_days() -> None:
    assert working_day_due(moment("2026-04-02T20:00:00Z")) == moment("2026-04-07T16:00:00Z")
    assert working_day_due(moment("2026-06-04T22:30:00Z")) == moment("2026-06-05T15:30:00Z")
    assert working_day_due(moment("2026-06-04T23:30:00Z")) == moment("2026-06-08T16:00:00Z")


def test_who_was_referred_within_a_year_by_another_contact() -> None:
    same = {"nhs_number": NHS}
    found = count(
        tell("first", "2025-06-10T09:00:00Z", child("first", **same)),
        decided("first", "2025-06-10T12:00:00Z", "s17_assessment"),
        tell("again", "2026-06-10T09:00:00Z", child("again", **same)),
        decided("again", "2026-06-10T12:00:00Z", "s17_assessment"),
        tell("too long ago", "2025-06-10T09:00:00Z", child("too long ago", nhs_number=OTHER_NHS)),
        decided("too long ago", "2025-06-10T12:00:00Z", "s17_assessment"),
        tell("new", "2026-06-11T09:00:00Z", child("new", nhs_number=OTHER_NHS)),
        decided("new", "2026-06-11T12:00:00Z", "s17_assessment"),
        tell("unverified", "2026-06-12T09:00:00Z", child("unverified", nhs_number="9990000019")),
        decided("unverified", "2026-06-12T12:00:00Z", "s17_assessment"),
        tell("was none", "2026-06-20T09:00:00Z", child("was none", **same, birth_date="2016-02-04")),
        decided("was none", "2026-06-20T12:00:00Z", "s17_assessment"),
    )
    assert (found["M6-QL-N"].value, found["M6-QL"].numerator, found["M6-QL"].denominator) == (1, 1, 4)
    assert holds(NHS)
    assert not holds("9990000019")


def test_milestones_and_exploitation() -> None:
    teenager = {"birth_date": "2013-06-10", "exploitation_score": "medium"}
    found = count(
        tell("13 today", "2026-06-10T09:00:00Z", child("13 today", **teenager)),
        decided("13 today", "2026-06-10T12:00:00Z", "s17_assessment"),
        tell("12 still", "2026-06-09T09:00:00Z", child("12 still", **teenager)),
        decided("12 still", "2026-06-10T12:00:00Z", "s17_assessment"),
        tell("helped", "2026-06-09T09:00:00Z"),
        decided("helped", "2026-06-10T12:00:00Z", "early_help"),
        reached("helped", "2026-06-12T12:00:00Z", "plan_opened"),
        reached("helped", "2026-06-30T23:30:00Z", "stepped_up"),
        reached("13 today", "2026-06-10T13:00:00Z", "s47_started"),
    )
    assert [int(found[code].value) for code in ("M5", "EH1", "M4", "CP1")] == [1, 1, 0, 1]
    assert found["CP1-NI"].value == Decimal("0.20")


def test_halves_are_rounded_up() -> None:
    lines = [tell(str(one), "2026-06-10T09:00:00Z") for one in range(800)]
    found = count(*lines, decided("0", "2026-06-10T12:00:00Z", "s17_assessment"))
    assert found["M3"].value == Decimal("0.13")
