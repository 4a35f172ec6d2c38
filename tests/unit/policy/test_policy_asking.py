"""Asking only the rules that something was said about gives what asking all of them gives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy.asking import SILENCE, RuleIndex, needs
from shared.policy.conditions import Age, AnyOf, Compare, Condition, CountYes, Every, Is, NoneYes, Than, UnlessYes, Yes
from shared.policy.evaluate import rate
from shared.policy.facts import Facts
from shared.policy.model import Pack
from shared.policy.reading import Reading
from tests.unit.policy.test_policy_properties import CODES, PACK, SITUATIONS


class EveryRule(RuleIndex):
    """The slow road: every rule is asked, whatever was said."""

    def __init__(self, rules: int) -> None:
        super().__init__([])
        self._rules = rules

    def worth_asking(self, said: Collection[str]) -> list[int]:
        del said
        return list(range(self._rules))


def slowly(pack: Pack) -> Pack:
    slow = replace(pack)
    object.__setattr__(slow, "asking", EveryRule(len(pack.rules)))
    return slow


SLOW = slowly(PACK)


@given(SITUATIONS)
def test_the_short_road_rates_as_the_long_one(facts: Facts) -> None:
    assert rate(PACK, facts) == rate(SLOW, facts)


NAMES = st.frozensets(st.sampled_from([*CODES[:6], "injury", "disabled", "independently_mobile"]), min_size=1)
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Yes, st.sampled_from(CODES[:6])),
    st.builds(UnlessYes, st.just("independently_mobile")),
    st.builds(CountYes, NAMES),
    st.builds(NoneYes, NAMES),
    st.builds(
        Compare,
        st.sampled_from(["missing_hours", "repeat_contacts_12_months", "attendance_percent"]),
        st.sampled_from(Than),
        st.integers(0, 3),
        st.booleans(),
    ),
    st.builds(Is, st.just("kind"), st.frozensets(st.sampled_from(["child", "unborn", "unknown"]), min_size=1)),
    st.builds(Age, st.integers(1, 250), st.none() | st.integers(0, 100), st.booleans()),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda some: Every(tuple(some))),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: AnyOf(tuple(some))),
    ),
    max_leaves=8,
)


@given(st.lists(CONDITIONS, max_size=6), SITUATIONS)
def test_whatever_holds_was_worth_asking(conditions: list[Condition], facts: Facts) -> None:
    reading = Reading.of(facts)
    worth_asking = RuleIndex(conditions).worth_asking(reading.said)
    assert worth_asking == sorted(set(worth_asking))
    assert {number for number, each in enumerate(conditions) if each.holds(reading)} <= set(worth_asking)


@pytest.mark.parametrize("name", ["R-RED-IMMEDIATE", "R-SEX-U13", "R-HRDA", "D-REPEAT-CONTACTS", "R-GREEN"])
def test_no_rule_of_the_pack_is_asked_about_somebody_of_whom_nothing_is_known(pack: Pack, name: str) -> None:
    assert needs(next(rule.when for rule in pack.rules if rule.id == name))
    assert pack.asking.worth_asking(SILENCE.said) == []
