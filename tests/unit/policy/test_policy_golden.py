"""The golden cases leave nothing of the pack unproven, and a pack that answers one otherwise does not start."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import perf_counter

import pytest

from shared.policy.facts import Answer
from shared.policy.loader import GoldenCaseError, load_pack, verify
from shared.policy.model import Pack

from .conftest import POLICIES, REF

PUBLISHED = 48
"""Rules of the published document, principles included; what else the pack has is ours, or a part of one of them."""


def test_every_indicator_has_a_case_in_which_it_alone_is_ticked(pack: Pack) -> None:
    alone = {
        code
        for case in pack.golden
        for code in case.shows
        if case.facts.get("indicators") == {code: Answer.YES} and case.level == pack.indicators[code].level
    }
    assert alone == pack.indicators.keys()
    assert len(alone) == 269


def test_every_rule_fires_in_a_case_and_every_principle_has_one(pack: Pack) -> None:
    fired = {rule for case in pack.golden for rule in case.rules}
    cases = (*pack.golden, *pack.golden_events, *pack.golden_decisions)
    shown = {rule for case in cases for rule in case.shows}
    assert {rule.id for rule in pack.rules} <= fired
    assert {principle.id for principle in pack.principles} <= shown


def test_every_rule_stands_in_a_case_without_it(pack: Pack) -> None:
    """A case that a rule always fires in could not tell it from one that always holds."""
    assert all(any(rule.id not in case.rules for case in pack.golden) for rule in pack.rules)


def test_every_route_is_asked_for_in_a_case(pack: Pack) -> None:
    asked = {route for case in pack.golden for route in (*case.routes, case.proposed_route)}
    assert {*pack.routes} - asked == {pack.fallbacks.unrated.route}  # facts never ask for it: only a failure does


def test_the_published_rules_are_all_here_with_their_strength(pack: Pack) -> None:
    parts = {"R-SEX-BANDS-13-14", "R-SEX-BANDS-15", "R-DISAB-BANDS-2", "R-DISAB-BANDS-3"}
    ours = {"R-HBV-ASK", "R-HRDA-ADULT", "R-HRDA-ASK"}
    published = {
        each.id: each.strength.value
        for each in (*pack.rules, *pack.principles)
        if each.id.startswith("R-") and each.id not in parts | ours
    }
    assert len(published) == PUBLISHED
    counted = {strength: [*published.values()].count(strength) for strength in {*published.values()}}
    assert counted == {"explicit": 27, "implied": 21}


def test_proving_the_pack_is_quick(pack: Pack) -> None:
    started = perf_counter()
    verify(pack)
    assert perf_counter() - started < 5  # a fifth of a second where nothing else runs


@pytest.mark.parametrize(
    ("file", "before", "after", "found"),
    [
        (
            "golden-level-4-child.yaml",
            "level: 4, rules: [R-LEVEL-NOT-RAG]",
            "level: 3, rules: [R-LEVEL-NOT-RAG]",
            "golden-level-4-child.yaml:4: L4-HLT-MILES: keeps missing milestones and parental care in doubt: level",
        ),
        (
            "golden-3-principles.yaml",
            "expect: {missing: []}}",
            "expect: {missing: [consent]}}",
            "missing: agreed ['consent'], found []",
        ),
        (
            "golden-3-principles.yaml",
            "leaves: [priority_discussion, strategy",
            "leaves: [amber_decision, strategy",
            "golden-3-principles.yaml:19: amber's decision in 24 hours: leaves: agreed [], found ['amber_decision']",
        ),
        (
            "golden-3-principles.yaml",
            "tells: [public-receipt]",
            "tells: [professional-outcome]",
            "tells: agreed ['professional-outcome'], found ['public-receipt']",
        ),
        (
            "golden-3-principles.yaml",
            "starts: [amber_decision]",
            "starts: [ambre_decision]",
            "no clock is called ambre_decision",
        ),
        (
            "golden-3-principles.yaml",
            "outcome: transfer_to_other_authority",
            "outcome: transfer_to_the_moon",
            "found amber and transfer_to_the_moon",
        ),
    ],
)
def test_a_case_that_is_answered_otherwise_is_named(
    tmp_path: Path, file: str, before: str, after: str, found: str
) -> None:
    root = tmp_path / "policies"
    shutil.copytree(POLICIES, root)
    path = root / REF.replace("@", "/") / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(GoldenCaseError) as refused:
        verify(load_pack(root, REF))
    assert [fault for fault in refused.value.faults if found in str(fault)], refused.value.faults
