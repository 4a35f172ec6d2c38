"""What holds for every pack that is shipped, whatever the place: safety is the mechanism's, not the author's luck."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.triage.application.handlers.told import contact_told
from services.triage.domain.model import Age, Case, Signed, ToldSubject, rating
from shared.contracts.intake import ContactReceived
from shared.policy.evaluate import SubjectRating, floor_of, raise_only, rate
from shared.policy.facts import ANSWERS, NUMBERS, PROTECTIVE, Answer, DomesticAbuseRisk, ExploitationScore, Facts, Kind
from shared.policy.model import Pack
from tests.support.builders_triage import received
from tests.support.deliveries import NOON
from tests.support.every_pack import every_pack

PACKS = every_pack()
CONTACT = UUID(int=9)
ANSWER = st.sampled_from(Answer)
WORRYING = sorted({*ANSWERS} - PROTECTIVE - {"parent_asks_for_help"})
COUNTED = sorted(name for name in NUMBERS if name.endswith(("_months", "_days")))
QUIET = dict.fromkeys(("immediate_danger", "abuse_suspected", "significant_harm", "injury"), Answer.NO)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Pack, Facts]:
    """A pack, and what is known of somebody: now anything, now the little on which green is proposed."""
    pack = draw(st.sampled_from(PACKS))
    quiet = draw(st.booleans())
    answered = {**QUIET, "parent_asks_for_help": Answer.YES} if quiet else draw(_answers())
    return pack, Facts(
        kind=draw(st.sampled_from(Kind)),
        age_months=draw(st.none() | st.integers(0, 250)),
        indicators=draw(st.dictionaries(st.sampled_from(sorted(pack.indicators)), ANSWER, max_size=4)),
        exploitation_score=draw(st.sampled_from(ExploitationScore)),
        domestic_abuse_risk=draw(st.sampled_from(DomesticAbuseRisk)),
        unrecognised=draw(st.sampled_from([0, 0, 0, 1])),
        **answered,
        **draw(_counts()),
    )


def _answers() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(ANSWERS), ANSWER, max_size=6)


def _counts() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(COUNTED), st.integers(0, 4), max_size=3)


def height(pack: Pack, rated: SubjectRating) -> tuple[int, int, int]:
    """Rank of the rating, of the outcome floor, and (lowest of all) of a proposal still open."""
    floor = pack.outcomes[rated.outcome_floor].rank if rated.outcome_floor else 0
    return pack.ratings[rated.rating].rank, floor, -1 if rated.proposed_route else 0


def never_lower(pack: Pack, before: Facts, after: Facts) -> None:
    both = zip(height(pack, rate(pack, before)), height(pack, rate(pack, after)), strict=True)
    assert all(new >= old for old, new in both)


@given(situations(), st.sampled_from(WORRYING))
def test_adding_a_yes_never_lowers(situation: tuple[Pack, Facts], name: str) -> None:
    pack, facts = situation
    never_lower(pack, facts, replace(facts, **{name: Answer.YES}))


@given(situations(), st.data())
def test_ticking_an_indicator_never_lowers(situation: tuple[Pack, Facts], data: st.DataObject) -> None:
    pack, facts = situation
    code = data.draw(st.sampled_from(sorted(pack.indicators)))
    ticked = replace(facts, indicators={**facts.indicators, code: Answer.YES})
    if pack.indicators[code].level > 2:
        never_lower(pack, facts, ticked)
    else:  # a tick of level 1 or 2 may be what green is proposed on: what is in force is not lowered
        assert height(pack, rate(pack, ticked))[:2] >= height(pack, rate(pack, facts))[:2]


@given(situations(), st.sampled_from(sorted(ANSWERS)))
def test_not_known_never_lowers(situation: tuple[Pack, Facts], name: str) -> None:
    pack, facts = situation
    reassuring = Answer.YES if name in PROTECTIVE else Answer.NO
    never_lower(pack, replace(facts, **{name: reassuring}), replace(facts, **{name: Answer.NOT_KNOWN}))


@given(situations(), st.sampled_from(COUNTED), st.integers(0, 12))
def test_more_history_never_lowers(situation: tuple[Pack, Facts], name: str, more: int) -> None:
    pack, facts = situation
    never_lower(pack, facts, replace(facts, **{name: (getattr(facts, name) or 0) + more}))


@given(situations())
def test_history_that_is_only_probable_never_lowers(situation: tuple[Pack, Facts]) -> None:
    pack, facts = situation
    probable = replace(facts, history_probable=Answer.YES)
    never_lower(pack, facts, probable)
    assert "history_probable" in rate(pack, probable).flags


@given(situations())
def test_nothing_is_below_no_match_nor_below_its_floor(situation: tuple[Pack, Facts]) -> None:
    pack, facts = situation
    rated = rate(pack, facts)
    rank = pack.ratings[rated.rating].rank
    assert rank >= pack.rating_of(pack.fallbacks.unmatched.route).rank
    floor = floor_of(pack, rated.rules)
    assert floor.rating is None or rank >= pack.ratings[floor.rating].rank
    ranked = [pack.outcomes[code].rank if code else 0 for code in (rated.outcome, rated.outcome_floor, floor.outcome)]
    assert ranked[0] >= ranked[1] == ranked[2]


@given(st.sampled_from(PACKS), st.data())
def test_level_four_ticks_without_a_rule_of_their_own_are_a_same_day_look(pack: Pack, data: st.DataObject) -> None:
    paged = {
        name
        for rule in pack.rules
        if rule.route and pack.rating_of(rule.route).pages
        for name in repr(rule.when).split("'")
    }
    fourth = sorted(code for code, each in pack.indicators.items() if each.level == 4 and code not in paged)
    codes = data.draw(st.sets(st.sampled_from(fourth), min_size=1))
    rated = rate(pack, Facts(kind=Kind.CHILD, indicators=dict.fromkeys(codes, Answer.YES)))
    assert not pack.ratings[rated.rating].pages
    assert "same_day_look" in rated.flags


def rated_together(pack: Pack, *facts: Facts) -> Case:
    """A contact of triage about these, in this order."""
    told = [
        ToldSubject(
            subject_id=UUID(int=number),
            position=number,
            kind=each.kind.value,
            child_id=None,
            age=Age("unknown", None, estimated=False),
            facts=each,
        )
        for number, each in enumerate(facts, 1)
    ]
    data = received(CONTACT).data
    assert isinstance(data, ContactReceived)
    case = Case(contact_id=CONTACT)
    rating.hear_what_was_told(case, contact_told(data), told, pack, Signed(id=CONTACT, at=NOON))
    return case


@given(situations(), situations())
def test_siblings_are_rated_each_for_themselves(one: tuple[Pack, Facts], other: tuple[Pack, Facts]) -> None:
    pack, facts = one
    sibling = replace(other[1], indicators={})
    together, alone = rated_together(pack, facts, sibling), rated_together(pack, facts)
    assert together.subjects[0].standing == alone.subjects[0].standing
    assert together.subjects[1].standing == rated_together(pack, sibling).subjects[0].standing
    assert together.rank == max(pack.ratings[subject.standing.rating].rank for subject in together.subjects)


@given(situations(), situations())
def test_rating_again_only_ever_raises(one: tuple[Pack, Facts], other: tuple[Pack, Facts]) -> None:
    pack, facts = one
    before, new = rate(pack, facts), rate(pack, replace(other[1], indicators={}))
    after = raise_only(pack, before, new)
    assert height(pack, after)[:2] >= max(height(pack, before)[:1], height(pack, new)[:1])
    assert {*before.rules, *new.rules} == {*after.rules}
