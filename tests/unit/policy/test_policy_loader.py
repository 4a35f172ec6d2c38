"""Every mistake in a pack is found before anybody is rated by it, and named by file, line and field."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.policy.loader import GoldenCaseError, PolicyError, load_pack, verify
from shared.policy.model import Pack

REF = "southampton-pathways-2021@1"
Change = Callable[[str, str, str], str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(Path(__file__).parents[3] / "policies", tmp_path / "policies")
    return tmp_path / "policies"


@pytest.fixture
def folder(root: Path) -> Path:
    return root / "southampton-pathways-2021" / "1"


def change(path: Path, before: str, after: str) -> int:
    """Replace text once; gives the line (from 1) where it stood."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def faults(root: Path) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        load_pack(root, REF)
    return [str(fault) for fault in refused.value.faults]


def test_the_shipped_pack_passes_its_golden_cases(pack: Pack) -> None:
    verify(pack)
    assert len(pack.indicators) == 269
    assert [sum(each.level == level for each in pack.indicators.values()) for level in (1, 2, 3, 4)] == [51, 72, 63, 83]


@pytest.mark.parametrize(
    ("file", "before", "after", "field", "problem"),
    [
        (
            "rules-1-red.yaml",
            "{yes: immediate_danger}",
            "{yes: immediate_dangr}",
            "rules[0].when.yes",
            "immediate_dangr",
        ),
        (
            "rules-1-red.yaml",
            "{yes: L4-BAS-BRUISE-NM}",
            "{yes: L4-BAS-NONE}",
            "rules[4].when.any[0].yes",
            "L4-BAS-NONE",
        ),
        ("rules-1-red.yaml", "{yes: immediate_danger}", "{maybe: injury}", "rules[0].when.maybe", "no such condition"),
        (
            "rules-1-red.yaml",
            "{under_years: 18}",
            "{under_years: old}",
            "when.any[1].all[2].age.under_years",
            "whole number",
        ),
        (
            "bases/england/1/working.yaml",
            "discussion: priority",
            "discussion: chat",
            "quorums[0].discussion",
            "priority",
        ),
        ("rules-1-red.yaml", "route: red-immediate", "route: crimson", "rules[0].route", "crimson"),
        ("rules-1-red.yaml", "[never_wait_for_consent]", "[hurry]", "rules[2].flags", "hurry"),
        ("rules-1-red.yaml", "    strength: explicit", "    strenght: explicit", "rules[0].strenght", "Extra inputs"),
        ("rules-2-amber.yaml", "is: medium}", "is: middling}", "rules[1].when.any[1].at_least.is", "one of none, low"),
        ("rules-2-amber.yaml", "one_of: [adult]", "one_of: [not_known]", "is.one_of", "a list out of"),
        ("rules-2-amber.yaml", "level: 4}}", "level: 7}}", "when.count_yes.at_least", "between 1 and the 0"),
        ("rules-2-amber.yaml", "{yes: L4-HOU-DANGER}", "{no: injury}", "when", "rests on a reassuring answer (injury)"),
        ("ratings.yaml", "rank: 20, name", "rank: 30, name", "ratings[2].rank", "rank 30 is taken"),
        ("ratings.yaml", "pages: false", "pages: 'no'", "ratings[0].pages", "valid boolean"),
        ("ratings.yaml", "rating: amber", "rating: blue", "routes[1].rating", "blue"),
        ("clocks.yaml", "hours: 24}", "hours: 24, minutes: 5}", "clocks[1].within", "one unit"),
        ("clocks.yaml", "event: ContactOpened", "event: ContactOpend", "stops_on[0].event", "ContactOpend"),
        (
            "clocks.yaml",
            "stops_on: [{event: DecisionMade",
            "stops_on: [{event: DecisionRevised",
            "event",
            "say DecisionMade",
        ),
        ("clocks.yaml", "role: [duplicate]", "role: [double]", "cancels_on[1].where.role", "never double"),
        ("clocks.yaml", "answer: [no_longer_needed]", "answer: [none]", "where.answer", "never none"),
        ("clocks.yaml", "route: [amber]", "route: [ambre]", "starts_on[0].where.route", "never ambre"),
        ("clocks.yaml", "complete: [", "finished: [", "stops_on[0].where.finished", "never true"),
        ("clocks.yaml", "attended: [police", "attended: [polize", "stops_on[0].where_all.attended", "never polize"),
        ("clocks.yaml", "attended: [police, health]", "attended: []", "where_all.attended", "at least 1 item"),
        (
            "clocks.yaml",
            "where_all: {attended: [police, health]",
            "where_all: {discussion: [priority]",
            "stops_on[0].where_all.discussion",
            "one value",
        ),
        (
            "clocks.yaml",
            "where_all: {attended: [police",
            "where_every: {attended: [police",
            "stops_on[0].where_every",
            "Extra inputs",
        ),
        (
            "telling.yaml",
            "[family], template: family-outcome",
            "[public], template: x",
            "messages[4].referrer_kinds",
            "public",
        ),
        ("telling.yaml", "clock: referrer_told", "clock: challenge_answer", "messages[3].clock", "does not stop"),
        ("telling.yaml", "rung: 2", "rung: 9", "alerts[2].rung", "no such rung"),
        ("pack.yaml", "route: unrated", "route: amber", "fallbacks.unrated.route", "ranks above everything"),
        ("pack.yaml", 'version: "1"', 'version: "2"', "pack.id", "southampton-pathways-2021@2"),
        (
            "indicators-1-universal.yaml",
            "code: L1-HLT-GROWTH",
            "code: L1-HLT-UNIV-MET",
            "indicators[1]",
            "stands twice",
        ),
    ],
)
def test_mistakes_are_named_by_file_line_and_field(  # noqa: PLR0917 (a table)
    root: Path, folder: Path, file: str, before: str, after: str, field: str, problem: str
) -> None:
    there = root / file if file.startswith("bases/") else folder / file
    change(there, before, after)
    found = [fault for fault in faults(root) if fault.startswith(f"{file}:") and field in fault and problem in fault]
    assert found, faults(root)
    line = int(found[0].split(":")[1])
    written = there.read_text(encoding="utf-8").splitlines()[line - 1]
    last = field.rpartition(".")[2].partition("[")[0]
    assert last in written or after.strip("[]{}") in written or "- " in written


def test_the_line_is_exact(root: Path, folder: Path) -> None:
    line = change(folder / "rules-1-red.yaml", "{yes: L4-BAS-BRUISE-NM}", "{yes: L4-BAS-NONE}")
    expected = f"rules-1-red.yaml:{line}: rules[4].when.any[0].yes: no fact answered yes or no"
    assert [fault for fault in faults(root) if fault.startswith(expected)]


def test_a_key_given_twice_is_refused(root: Path, folder: Path) -> None:
    change(folder / "ratings.yaml", "{code: green,", "{code: green, code: olive,")
    assert faults(root) == ["ratings.yaml:3: file: the key code stands twice"]


def test_broken_yaml_names_its_line(root: Path, folder: Path) -> None:
    (folder / "telling.yaml").write_text("messages:\n  - {code: a\n", encoding="utf-8")
    assert faults(root)[0].startswith("telling.yaml:3: file:")


def test_words_stay_words(pack: Pack) -> None:
    assert pack.calendar.hours[5][1].isoformat() == "16:30:00"


@pytest.mark.parametrize("ref", ["../../etc@1", "southampton-pathways-2021", "southampton-pathways-2021@9", "x@1"])
def test_a_pack_that_is_not_there_is_refused(root: Path, ref: str) -> None:
    with pytest.raises(PolicyError):
        load_pack(root, ref)


def test_every_fault_is_listed_at_once(root: Path, folder: Path) -> None:
    change(folder / "rules-1-red.yaml", "{yes: immediate_danger}", "{yes: immediate_dangr}")
    change(folder / "telling.yaml", "rung: 2", "rung: 9")
    assert {fault.partition(":")[0] for fault in faults(root)} == {"rules-1-red.yaml", "telling.yaml"}


def test_comments_do_not_change_the_hash_but_content_does(root: Path, folder: Path, pack: Pack) -> None:
    path = folder / "ratings.yaml"
    path.write_text("# a remark\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_pack(root, REF).content_hash == pack.content_hash
    change(path, "rank: 30, name", "rank: 31, name")
    assert load_pack(root, REF).content_hash != pack.content_hash


def test_a_pack_that_rates_a_golden_case_otherwise_is_refused(root: Path, folder: Path) -> None:
    change(folder / "rules-1-red.yaml", "route: red-immediate", "route: amber")
    with pytest.raises(
        GoldenCaseError, match=r"golden-1-rules.yaml:3: immediate danger: rating: agreed red, found amber"
    ):
        verify(load_pack(root, REF))


def test_a_pack_without_golden_cases_is_refused(root: Path, folder: Path) -> None:
    for path in folder.glob("golden-*.yaml"):
        path.unlink()
    with pytest.raises(GoldenCaseError, match="proves nothing"):
        verify(load_pack(root, REF))
