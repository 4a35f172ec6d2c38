"""Facts out of an event: nothing is refused, nothing strange is lost."""

from __future__ import annotations

import pytest

from shared.policy.facts import Answer, ExploitationScore, Facts, Kind, age_facts, facts_from, plain


def test_answers_scales_and_numbers_are_read() -> None:
    facts = facts_from(
        {"kind": "child", "immediate_danger": "yes", "exploitation_score": "high", "missing_hours": 73, "injury": None}
    )
    assert facts == Facts(
        kind=Kind.CHILD, immediate_danger=Answer.YES, exploitation_score=ExploitationScore.HIGH, missing_hours=73
    )


@pytest.mark.parametrize(
    "values",
    [
        {"shoe_size": 4},
        {"immediate_danger": "maybe"},
        {"missing_hours": -1},
        {"missing_hours": "73"},
        {"disability_band": 5},
        {"attendance_percent": True},
        {"kind": "other"},
        {"indicators": "L4-SOP-CLOTHES"},
        {"indicators": {"L4-SOP-CLOTHES": "often"}},
        {"unrecognised": 1},
        {"unrecognised": "some"},
    ],
)
def test_what_nobody_recognises_is_counted(values: dict[str, object]) -> None:
    assert facts_from(values) == Facts(unrecognised=1)


def test_only_what_is_known_is_written() -> None:
    assert plain(Facts(kind=Kind.CHILD, injury=Answer.NO, indicators={"A": Answer.YES})) == {
        "kind": "child",
        "injury": "no",
        "indicators": {"A": "yes"},
    }


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("weeks", 9, {"age_weeks": 9}),
        ("months", 20, {"age_months": 20}),
        ("years", 12, {"age_months": 144}),
        ("weeks_to_birth", 12, {}),
        ("unknown", None, {}),
        ("years", -1, {}),
    ],
)
def test_ages_as_events_say_them(unit: str, value: int | None, expected: dict[str, int]) -> None:
    assert age_facts(unit, value) == expected
