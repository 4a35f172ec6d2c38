"""What packs share stands once, in a base: the pack's own entry of the same code takes its place, whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.policy.loader import PolicyError, load_pack
from shared.policy.model import Pack

from .conftest import POLICIES, REF


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(POLICIES, tmp_path / "policies")
    return tmp_path / "policies"


def change(path: Path, edit: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    edited = edit(text)
    assert edited != text
    path.write_text(edited, encoding="utf-8")


def faults(root: Path) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        load_pack(root, REF)
    return [str(fault) for fault in refused.value.faults]


def own(root: Path, file: str) -> Path:
    return root / REF.replace("@", "/") / file


def base(root: Path, file: str) -> Path:
    return root / "bases" / "england" / "1" / file


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("out_of_hours_team: edt", "out_of_hours_team: owls", "no out_of_hours_team is called owls"),
        ("hub:\n  out_of_hours_team: edt", "", "hub: is missing"),
        ("discussion: priority", "discussion: chat", "quorums[0].discussion"),
        ("discussion: priority", "discussion: strategy", "strategy stands twice"),
    ],
)
def test_who_works_out_of_hours_and_who_makes_a_quorum(root: Path, before: str, after: str, problem: str) -> None:
    change(base(root, "working.yaml"), lambda text: text.replace(before, after))
    assert any(problem in fault for fault in faults(root)), faults(root)


def test_a_pack_has_what_its_base_has(pack: Pack) -> None:
    assert pack.uses == ("england@1",)
    assert "s17_assessment" in pack.outcomes
    assert {"D-THREE-GREENS", "R-RED-IMMEDIATE"} <= {rule.id for rule in pack.rules}


def test_the_packs_own_rules_are_asked_first(pack: Pack) -> None:
    ids = [rule.id for rule in pack.rules]
    assert ids.index("R-GREEN") < ids.index("D-REPEAT-CONTACTS")


def test_the_packs_own_entry_takes_the_place_of_the_bases(root: Path, pack: Pack) -> None:
    change(own(root, "levels.yaml"), lambda text: text + "teams: {mash: 'The front door'}\n")
    change(
        own(root, "rules-2-amber.yaml"),
        lambda text: (
            text
            + """  - id: D-SAME-HOME
    when: {at_least: {fact: same_home_12_months, is: 5}}
    flags: [same_home]
    text: "Five."
    place: "ours"
    strength: default
"""
        ),
    )
    changed = load_pack(root, REF)
    assert changed.teams["mash"] == "The front door"
    assert changed.teams["edt"] == pack.teams["edt"]
    [rule] = [rule for rule in changed.rules if rule.id == "D-SAME-HOME"]
    assert (rule.text, rule.route) == ("Five.", None)
    assert len(changed.rules) == len(pack.rules)


def test_the_hash_covers_the_base(root: Path, pack: Pack) -> None:
    change(base(root, "base.yaml"), lambda text: text.replace("Front doors in England", "Front doors"))
    assert load_pack(root, REF).content_hash != pack.content_hash


def test_a_fault_in_a_base_names_its_file_and_line(root: Path) -> None:
    line = base(root, "history.yaml").read_text(encoding="utf-8").splitlines().index("    route: amber") + 1
    change(base(root, "history.yaml"), lambda text: text.replace("route: amber", "route: ambre", 1))
    assert faults(root) == [f"bases/england/1/history.yaml:{line}: rules[0].route: no route is called ambre"]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ("uses: [england@2]", "pack.yaml:9: pack.uses[0]: no base is called england@2"),
        ("uses: [England]", "pack.yaml:9: pack.uses[0]: String should match pattern"),
        ("uses: [england@1, ../../etc@1]", "pack.yaml:9: pack.uses[1]: String should match pattern"),
    ],
)
def test_a_base_that_is_not_there_is_refused(root: Path, edit: str, expected: str) -> None:
    change(own(root, "pack.yaml"), lambda text: text.replace("uses: [england@1]", edit))
    assert [fault for fault in faults(root) if fault.startswith(expected)]


def test_a_base_is_no_pack(root: Path) -> None:
    change(base(root, "history.yaml"), lambda text: text + own(root, "golden-1-rules.yaml").read_text(encoding="utf-8"))
    found = faults(root)
    assert found
    assert all("golden" in fault and "never in a base" in fault for fault in found)
    with pytest.raises(PolicyError):
        load_pack(root, "bases/england@1")
    with pytest.raises(PolicyError):
        load_pack(root, "england@1")


def test_a_base_says_its_own_name(root: Path) -> None:
    change(base(root, "base.yaml"), lambda text: text.replace("id: england", "id: wales"))
    assert faults(root) == ["bases/england/1/base.yaml:1: base: this folder holds england@1, its files say ['wales@1']"]


@pytest.mark.parametrize("said", ["unique", "first", "collect sum"])
def test_a_hit_policy_that_the_evaluator_has_not_is_refused(root: Path, said: str) -> None:
    change(own(root, "pack.yaml"), lambda text: text.replace("rating: collect max", f"rating: {said}"))
    assert faults(root) == ["pack.yaml:11: pack.hit_policy.rating: Input should be 'collect max'"]


def test_the_hit_policy_is_said(pack: Pack) -> None:
    assert pack.hit_policy["rating"] == "collect max"
    assert pack.hit_policy["reasons"] == "rule order"


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("call: mash", "call: the_moon", "levels[3].call: no call is called the_moon"),
        ("level: 4\n", "level: 14\n", "levels[3].level"),
        ('lead: "Children\'s social care", ', "", "levels[3].branches[1].lead: Field required"),
    ],
)
def test_mistakes_in_levels_are_named(root: Path, before: str, after: str, problem: str) -> None:
    change(own(root, "levels.yaml"), lambda text: text.replace(before, after, 1))
    assert [fault for fault in faults(root) if fault.startswith("levels.yaml:") and problem in fault], faults(root)


def test_a_question_says_a_fact_that_there_is(root: Path) -> None:
    change(own(root, "guidance.yaml"), lambda text: text.replace("answers: disabled", "answers: enabled"))
    [fault] = faults(root)
    assert fault.endswith("guidance_questions[5].answers: no answers is called enabled")
