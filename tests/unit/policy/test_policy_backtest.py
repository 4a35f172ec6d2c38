"""Old facts under a new version: who is rated lower is found, whoever else is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy.backtest import NONE, Backtest, Lower, StoredContact, StoredSubject
from shared.policy.evaluate import rate
from shared.policy.facts import Facts, facts_from
from shared.policy.loader import load_pack
from shared.policy.model import Pack
from tests.support.packs import NEW, OLD, with_second_version
from tests.unit.policy.test_policy_properties import PACK, SITUATIONS

SUMMER = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # 23:30 in London
ABUSE_IS_AMBER = ("rules-1-red.yaml", "    route: red-abuse\n    outcome: s47_strategy_discussion", "    route: amber")


@pytest.fixture
def lower(tmp_path: Path) -> Pack:
    """A version in which suspected abuse is amber, with no outcome proposed."""
    return load_pack(with_second_version(tmp_path, ABUSE_IS_AMBER), NEW)


def contact(*facts: Facts | None, reference: str = "MASH-1", at: datetime = SUMMER) -> StoredContact:
    subjects = tuple(StoredSubject(position, one) for position, one in enumerate(facts, start=1))
    return StoredContact(uuid4(), reference, at, subjects)


ABUSE = facts_from({"kind": "child", "abuse_suspected": "yes"})
CALM = facts_from({"kind": "child"})


def test_every_downgrade_is_named_by_reference_and_position(pack: Pack, lower: Pack) -> None:
    tested = Backtest(pack, lower)
    tested.replay([contact(CALM, ABUSE, None), contact(CALM, reference="MASH-2")])
    [found] = tested.tallies.downgrades
    assert (found.reference, found.position) == ("MASH-1", 2)
    assert found.lower == (Lower.RATING, Lower.PAGING, Lower.OUTCOME)
    assert (found.old.rating, found.new.rating) == ("red", "amber")
    tallies = tested.tallies
    assert (tallies.contacts, tallies.subjects, tallies.without_facts, tallies.raised) == (2, 3, 1, 0)
    assert tallies.ratings == {("amber", "amber"): 2, ("red", "amber"): 1}
    assert tallies.outcomes == {(NONE, NONE): 2, ("s47_strategy_discussion", NONE): 1}


def test_the_other_way_round_it_is_raised(pack: Pack, lower: Pack) -> None:
    tested = Backtest(lower, pack)
    tested.replay([contact(ABUSE), contact(CALM)])
    assert not tested.tallies.downgrades
    assert tested.tallies.raised == 1


def test_work_is_counted_by_london_hour_and_by_the_contacts_highest_rating(pack: Pack, lower: Pack) -> None:
    tested = Backtest(pack, lower)
    tested.replay([contact(CALM, ABUSE), contact(CALM, at=datetime(2026, 1, 1, 9, 59, tzinfo=UTC))])
    assert tested.tallies.old_hours == {(23, "red"): 1, (9, "amber"): 1}
    assert tested.tallies.new_hours == {(23, "amber"): 1, (9, "amber"): 1}


def test_a_lower_route_that_may_now_be_confirmed_is_a_downgrade(pack: Pack) -> None:
    before = replace(pack, rules=tuple(rule for rule in pack.rules if rule.id != "R-GREEN"))
    calm = dict.fromkeys(("immediate_danger", "abuse_suspected", "significant_harm", "injury"), "no")
    tested = Backtest(before, pack)
    tested.replay([contact(facts_from({"kind": "child", **calm, "parent_asks_for_help": "yes"}))])
    [found] = tested.tallies.downgrades
    assert found.lower == (Lower.PROPOSAL,)


def test_a_rating_that_no_longer_pages_is_a_downgrade(pack: Pack) -> None:
    silent = {code: replace(rating, pages=False) for code, rating in pack.ratings.items()}
    tested = Backtest(pack, replace(pack, ratings=silent))
    tested.replay([contact(ABUSE)])
    assert [one.lower for one in tested.tallies.downgrades] == [(Lower.PAGING,)]


@given(st.lists(SITUATIONS, max_size=4))
def test_the_same_version_changes_nothing(facts: list[Facts]) -> None:
    tested = Backtest(PACK, replace(PACK))
    tested.replay([contact(*facts)])
    assert not tested.tallies.downgrades
    assert not tested.tallies.raised
    assert sum(tested.tallies.ratings.values()) == len(facts)
    assert all(old == new for old, new in tested.tallies.ratings)


@given(SITUATIONS)
def test_what_is_compared_is_what_the_rating_says(facts: Facts) -> None:
    tested = Backtest(PACK, PACK)
    tested.replay([StoredContact(UUID(int=1), "MASH-1", SUMMER, (StoredSubject(1, facts),))])
    rated = rate(PACK, facts)
    assert tested.tallies.ratings == {(rated.rating, rated.rating): 1}
    assert tested.tallies.outcomes == {(rated.outcome or NONE, rated.outcome or NONE): 1}


def test_versions_are_known_by_their_names(pack: Pack, lower: Pack) -> None:
    assert (pack.ref, lower.ref) == (OLD, NEW)
