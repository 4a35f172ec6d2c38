"""What must hold for every set of facts, not only for the golden ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from shared.policy.evaluate import SubjectRating, raise_only, rate
from shared.policy.facts import (
    ANSWERS,
    NUMBERS,
    PROTECTIVE,
    SCALES,
    Answer,
    Consent,
    DomesticAbuseRisk,
    ExploitationScore,
    Facts,
    Kind,
    ReferrerKind,
    facts_from,
    plain,
)
from shared.policy.loader import load_pack

PACK = load_pack(Path(__file__).parents[3] / "policies")
WORRYING = sorted({*ANSWERS} - PROTECTIVE)
CODES = sorted(PACK.indicators)
ANSWER = st.sampled_from(Answer)
FLOOR_RANK = PACK.rating_of(PACK.fallbacks.unmatched.route).rank
RATED_BY_NAME = {
    name
    for rule in PACK.rules
    if rule.route and PACK.rating_of(rule.route).pages
    for name in repr(rule.when).split("'")
}

FACTS = st.builds(
    Facts,
    kind=st.sampled_from(Kind),
    age_months=st.none() | st.integers(0, 250),
    age_weeks=st.none() | st.integers(0, 60),
    indicators=st.dictionaries(st.sampled_from(CODES), ANSWER, max_size=6),
    **dict.fromkeys(ANSWERS, ANSWER),  # pyright: ignore[reportArgumentType]
    exploitation_score=st.sampled_from(ExploitationScore),
    domestic_abuse_risk=st.sampled_from(DomesticAbuseRisk),
    consent=st.sampled_from(Consent),
    referrer_kind=st.none() | st.sampled_from(ReferrerKind),
    missing_episodes_90_days=st.none() | st.integers(0, 9),
    missing_hours=st.none() | st.integers(0, 100),
    disability_band=st.none() | st.integers(1, 4),
    attendance_percent=st.none() | st.integers(0, 100),
    repeat_contacts_12_months=st.integers(0, 5),
    greens_3_months=st.integers(0, 4),
    agencies_7_days=st.integers(0, 3),
    unrecognised=st.integers(0, 2),
)


def height(rated: SubjectRating) -> tuple[int, int, int]:
    """Rank of the rating, of the outcome floor, and (lowest of all) of a proposal still open."""
    return (
        PACK.ratings[rated.rating].rank,
        PACK.outcomes[rated.outcome_floor].rank if rated.outcome_floor else 0,
        -1 if rated.proposed_route else 0,
    )


def never_lower(before: SubjectRating, after: SubjectRating) -> None:
    assert all(new >= old for old, new in zip(height(before), height(after), strict=True))


QUIET = Facts(
    kind=Kind.CHILD,
    immediate_danger=Answer.NO,
    abuse_suspected=Answer.NO,
    significant_harm=Answer.NO,
    injury=Answer.NO,
    parent_asks_for_help=Answer.YES,
)
"""Facts on which green is proposed: the ones most easily raised."""
SITUATIONS = FACTS | st.builds(
    lambda age, codes: replace(QUIET, age_months=age, indicators=codes),
    st.none() | st.integers(0, 250),
    st.dictionaries(st.sampled_from(CODES), ANSWER, max_size=2),
)


@given(SITUATIONS, st.sampled_from([name for name in WORRYING if name != "parent_asks_for_help"]))
def test_adding_a_worrying_yes_never_lowers(facts: Facts, name: str) -> None:
    never_lower(rate(PACK, facts), rate(PACK, replace(facts, **{name: Answer.YES})))


@given(SITUATIONS, st.sampled_from([code for code in CODES if PACK.indicators[code].level > 2]))
def test_ticking_an_indicator_never_lowers(facts: Facts, code: str) -> None:
    never_lower(rate(PACK, facts), rate(PACK, replace(facts, indicators={**facts.indicators, code: Answer.YES})))


@given(SITUATIONS, st.sampled_from(CODES))
def test_ticking_any_indicator_never_lowers_what_is_in_force(facts: Facts, code: str) -> None:
    after = rate(PACK, replace(facts, indicators={**facts.indicators, code: Answer.YES}))
    assert height(after)[:2] >= height(rate(PACK, facts))[:2]


@given(SITUATIONS, st.sampled_from(sorted(ANSWERS)))
def test_not_known_never_lowers_against_a_reassuring_answer(facts: Facts, name: str) -> None:
    reassuring = Answer.YES if name in PROTECTIVE else Answer.NO
    never_lower(
        rate(PACK, replace(facts, **{name: reassuring})), rate(PACK, replace(facts, **{name: Answer.NOT_KNOWN}))
    )


@given(SITUATIONS, st.sampled_from(CODES))
def test_an_indicator_not_known_never_lowers_against_a_no(facts: Facts, code: str) -> None:
    said_no = rate(PACK, replace(facts, indicators={**facts.indicators, code: Answer.NO}))
    not_known = rate(PACK, replace(facts, indicators={**facts.indicators, code: Answer.NOT_KNOWN}))
    never_lower(said_no, not_known)


def says_no_age(facts: Facts) -> bool:
    """Neither the kind of subject nor a bullet that names an age band says how old."""
    banded = {"L2-HLT-SEX-U16", "L3-EMB-SEX-13-14"}
    return facts.kind not in {Kind.ADULT, Kind.UNBORN} and banded.isdisjoint(facts.indicators)


@given(SITUATIONS.filter(says_no_age))
def test_an_age_not_known_never_lowers(facts: Facts) -> None:
    unknown = rate(PACK, replace(facts, age_months=None, age_weeks=None))
    assert height(unknown)[:2] >= height(rate(PACK, facts))[:2]


@given(SITUATIONS)
def test_nothing_is_in_force_below_the_rank_of_no_match(facts: Facts) -> None:
    rated = rate(PACK, facts)
    assert PACK.ratings[rated.rating].rank >= FLOOR_RANK
    assert rated.reasons


@given(SITUATIONS)
def test_unrecognised_asks_for_a_person_and_proposes_nothing(facts: Facts) -> None:
    rated = rate(PACK, replace(facts, unrecognised=facts.unrecognised + 1))
    assert rated.needs_person
    assert rated.proposed_route is None
    never_lower(rate(PACK, facts), rated)


@given(
    st.sets(st.sampled_from([c for c in CODES if PACK.indicators[c].level == 4 and c not in RATED_BY_NAME]), min_size=1)
)
def test_level_four_ticks_without_a_rule_of_their_own_never_page(codes: set[str]) -> None:
    rated = rate(PACK, Facts(kind=Kind.CHILD, indicators=dict.fromkeys(codes, Answer.YES)))
    assert not PACK.ratings[rated.rating].pages
    assert "same_day_look" in rated.flags


@given(FACTS, FACTS)
def test_rating_again_only_ever_raises(first: Facts, second: Facts) -> None:
    before, new = rate(PACK, first), rate(PACK, second)
    after = raise_only(PACK, before, new)
    assert height(after)[:2] >= max(height(before)[:1], height(new)[:1])
    assert {*before.rules, *new.rules} == {*after.rules}
    assert raise_only(PACK, after, new).routes == after.routes


@given(FACTS)
def test_facts_survive_the_journey_in_an_event(facts: Facts) -> None:
    assert facts_from(plain(facts)) == facts


@given(
    st.dictionaries(
        st.text(max_size=12) | st.sampled_from([*ANSWERS, *SCALES, *NUMBERS, "indicators"]),
        st.none()
        | st.text()
        | st.integers()
        | st.floats()
        | st.booleans()
        | st.lists(st.text())
        | st.dictionaries(st.text(), st.text()),
    )
)
def test_reading_facts_never_fails(values: dict[str, object]) -> None:
    assert rate(PACK, facts_from(values)).reasons
