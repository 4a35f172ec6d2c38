"""Two versions compared: what differs is found whatever it is, and said in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shared.policy.diff import What, difference
from shared.policy.loader import load_pack
from shared.policy.model import Pack
from shared.policy.spelling import spell
from tests.support.packs import NEW, with_second_version


def test_a_pack_does_not_differ_from_itself(pack: Pack) -> None:
    assert difference(pack, replace(pack, version="9", content_hash="other")) == ()


CHANGES = (
    (("rules-1-red.yaml", "{under_years: 18}", "{under_years: 16}"), "rules: R-BRUISE-NM changed\n  when: "),
    (("ratings.yaml", "rank: 31", "rank: 33"), "routes: red-bruised-baby changed\n  rank: 31 -> 33"),
    (("ratings.yaml", "pages: true", "pages: false"), "ratings: red changed\n  pages: yes -> no"),
    (("clocks.yaml", "{hours: 6}", "{minutes: 90}"), "  within: 6 hours elapsed -> 90 minutes elapsed"),
    (
        ("pack.yaml", "lowered_by: manager", "lowered_by: head"),
        "lowered_by: lowered_by changed\n  words: manager -> head",
    ),
    (("pack.yaml", '["08:30", "16:30"]', '["08:30", "16:00"]'), "calendar: hours changed"),
    (
        ("telling.yaml", "rung: 0, template: duty-alert", "rung: 1, template: duty-alert"),
        "alerts: rated-and-pages changed",
    ),
    (("ratings.yaml", "flags: #", 'flags:\n  new_one: "What now?"\n  #'), "flags: new_one added: What now?"),
    (("levels.yaml", "Needs met by universal", "All met by universal"), "levels: 1 changed\n  means: Needs met"),
    (
        ("next-steps.yaml", "01632 960101", "01632 960109"),
        "lines: mash changed\n  number: 01632 960101 -> 01632 960109",
    ),
)


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_a_difference_is_said_by_section_and_code(
    pack: Pack, tmp_path: Path, change: tuple[str, str, str], said: str
) -> None:
    new = load_pack(with_second_version(tmp_path, change), NEW)
    assert said in "\n".join(str(change) for change in difference(pack, new) if change.section != "golden")


def test_conditions_are_said_in_words(pack: Pack) -> None:
    words = {rule.id: spell(rule.when) for rule in pack.rules}
    assert words["R-RED-IMMEDIATE"] == "yes to immediate_danger"
    assert words["R-MISSING-72H"] == "(yes to L4-IDE-MISSING-72H or missing_hours over 72)"
    assert "age from 13 years under 15 years if known" in words["R-SEX-BANDS-13-14"]
    assert "exploitation_score at least high or not known" in words["R-CERAF-HIGH"]
    assert not [rule for rule, text in words.items() if "object at" in text or "frozenset" in text or "(name=" in text]


def test_entries_added_and_removed_have_their_own_words(pack: Pack) -> None:
    fewer = replace(pack, rules=pack.rules[1:])
    [removed], [added] = difference(pack, fewer), difference(fewer, pack)
    assert (removed.what, added.what) == (What.REMOVED, What.ADDED)
    assert removed.words == pack.rules[0].text
