"""What the evaluator answers beyond the rating itself: reasons, floors, guards, raising, speed."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest

from shared.policy.evaluate import floor_of, highest, raise_only, rate, unrated
from shared.policy.facts import Answer, Facts, Kind, facts_from
from shared.policy.guards import Lowering, consent_before_sharing, lowering, missing_for
from shared.policy.model import Pack
from shared.policy.timetable import Strength

BRUISED_BABY = facts_from({"kind": "child", "age_weeks": 9, "bruise_or_mark": "yes", "independently_mobile": "no"})

HELD = {"rationale", "held_at", "inquiry"}
NO_HEALTH = "attendance:health"
NOBODY = {"attendance:police", "attendance:childrens_services", NO_HEALTH}


def test_a_reason_names_rule_facts_place_and_strength(pack: Pack) -> None:
    [reason] = rate(pack, BRUISED_BABY).reasons
    assert reason.rule == "R-BRUISE-NM"
    assert reason.facts == (("bruise_or_mark", "yes"), ("independently_mobile", "no"), ("age_months", "2"))
    assert reason.strength is Strength.IMPLIED
    assert "Level 4" in reason.place


def test_the_caller_in_immediate_danger_is_told_to_ring_999(pack: Pack) -> None:
    assert rate(pack, Facts(immediate_danger=Answer.YES)).advice == ("call_999", "phone_the_mash")


def test_every_indicator_alone_keeps_its_level_and_is_never_below_no_match(pack: Pack) -> None:
    lowest = pack.rating_of(pack.fallbacks.unmatched.route).rank
    for code, indicator in pack.indicators.items():
        rated = rate(pack, Facts(kind=Kind.CHILD, indicators={code: Answer.YES}))
        assert rated.level == indicator.level, code
        assert pack.ratings[rated.rating].rank >= lowest, code


def test_only_these_indicators_page_by_themselves(pack: Pack) -> None:
    paging = {
        code
        for code in pack.indicators
        if pack.ratings[rate(pack, Facts(kind=Kind.CHILD, indicators={code: Answer.YES})).rating].pages
    }
    assert paging == {
        "L4-BAS-BRUISE-NM",
        "L4-BAS-FII",
        "L4-BAS-PHYSICAL",
        "L4-BAS-SEXUAL",
        "L4-EMB-SEX-U13",
        "L4-HIS-INTRA-CSA",
        "L4-HLT-FGM",
        "L4-HLT-NO-MED",
        "L4-IDE-CERAF-HIGH",
        "L4-IDE-SLAVERY",
        "L4-IDE-TRAFFICKED",
    }


def test_unrated_ranks_above_everything_and_pages(pack: Pack) -> None:
    rating = pack.ratings[unrated(pack).rating]
    assert rating.pages
    assert all(rating.rank >= other.rank for other in pack.ratings.values())
    assert highest(pack, [rating.code, *pack.ratings]) == rating.code


def test_floors_are_the_rules_together(pack: Pack) -> None:
    floor = floor_of(pack, ["R-MISSING-72H", "R-NAI", "R-OF-AN-OLDER-VERSION"])
    assert floor.rating is not None
    assert pack.ratings[floor.rating].pages
    assert (floor.outcome, floor.two_people) == ("s47_strategy_discussion", True)
    assert floor_of(pack, ["R-GREEN"]).rating is None


def test_going_below_a_floor_takes_named_people(pack: Pack) -> None:
    red, amber = floor_of(pack, ["R-NAI"]), floor_of(pack, ["R-MISSING-72H"])
    assert lowering(pack, red, outcome="early_help") == Lowering(people=2, authorised_by="manager")
    assert lowering(pack, amber, rating="green") == Lowering(people=1, authorised_by="manager")
    assert lowering(pack, red, outcome="information_on_open_case") is not None
    assert lowering(pack, amber, outcome="s47_strategy_discussion", rating=red.rating) is None


def test_rating_again_keeps_the_higher_and_both_reasons(pack: Pack) -> None:
    before = rate(pack, BRUISED_BABY)
    after = raise_only(pack, before, rate(pack, replace(BRUISED_BABY, bruise_or_mark=Answer.NO, open_case=Answer.YES)))
    assert (after.rating, after.routes) == (before.rating, before.routes)
    assert {"R-BRUISE-NM", "R-UNALLOCATED"} <= {*after.rules}
    both = raise_only(pack, before, rate(pack, Facts(abuse_suspected=Answer.YES)))
    assert both.routes == ("red-bruised-baby", "red-abuse")


@pytest.mark.parametrize(
    ("outcome", "given", "missing"),
    [
        ("s47_strategy_discussion", {}, {"rationale", "held_at", "inquiry", *NOBODY}),
        ("s47_strategy_discussion", {"provided": HELD, "attended": {"police", "childrens_services"}}, {NO_HEALTH}),
        ("early_help", {"provided": {"rationale", "lead"}, "level": 4}, {"level"}),
        ("early_help", {"provided": {"rationale", "lead"}, "level": 3}, set()),
        ("signpost", {"provided": {"rationale"}}, {"services"}),
        ("information_on_open_case", {"provided": {"rationale"}}, {"allocated_team"}),
        ("s17_assessment", {"provided": {"rationale"}, "route": "amber"}, {"consent"}),
        ("s17_assessment", {"provided": {"rationale", "consent"}, "route": "amber"}, set()),
        ("s17_assessment", {"provided": {"rationale"}, "route": "amber", "consent": "given"}, set()),
    ],
)
def test_what_a_decision_still_lacks(pack: Pack, outcome: str, given: dict[str, object], missing: set[str]) -> None:
    asked = {"route": "red-abuse", "consent": "refused", "provided": (), **given}
    assert {*missing_for(pack, outcome=outcome, **asked)} == missing  # pyright: ignore[reportArgumentType]


def test_only_a_route_that_requires_consent_waits_for_it_or_a_reason(pack: Pack) -> None:
    assert consent_before_sharing(pack, "amber", "not_known")
    assert not consent_before_sharing(pack, "amber", "given")
    assert not consent_before_sharing(pack, "red-immediate", "refused")


def test_rating_one_subject_is_quick(pack: Pack) -> None:
    rounds = 500
    best = min(_seconds(pack, rounds) for _ in range(5)) / rounds
    assert best < 500e-6  # the target is 50 microseconds; ten times that only fails when something is broken


def _seconds(pack: Pack, rounds: int) -> float:
    started = perf_counter()
    for _ in range(rounds):
        rate(pack, BRUISED_BABY)
    return perf_counter() - started
