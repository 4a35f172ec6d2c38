"""Every pack that is shipped can be started with: it loads, proves itself, and names nothing that is not there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.policy.preview import preview
from shared.policy.clocks import cancels, clocks_for, strictest
from shared.policy.facts import ReferrerKind
from shared.policy.loader import verify
from tests.support.builders_notify import TEMPLATES
from tests.support.every_pack import POLICIES, REFS, every_pack, pack_called

if TYPE_CHECKING:
    from shared.policy.model import Pack

RECEIVED_AT = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
"""A Friday evening: closed until Monday."""
FRAMEWORKS = ("levels-of-need-guidance-2021@1", "southampton-continuum-2016@1", "spectrum-of-support@1")
every = pytest.mark.parametrize("ref", REFS)


@pytest.fixture
def pack(ref: str) -> Pack:
    return pack_called(ref)


def test_these_packs_are_shipped() -> None:
    councils = ("merton@1", "oxfordshire@1", "surrey-police@1")
    assert {*REFS} == {"southampton-pathways-2021@1", *FRAMEWORKS, *councils}


def test_every_base_is_used() -> None:
    bases = {f"{path.parents[1].name}@{path.parent.name}" for path in POLICIES.glob("bases/*/*/*.yaml")}
    assert bases == {used for pack in every_pack() for used in pack.uses}


@every
def test_it_proves_itself(pack: Pack) -> None:
    verify(pack)


@every
def test_what_it_adds_to_its_bases_is_proven(pack: Pack) -> None:
    """Rules and indicators of its own each stand in a golden case; what it shares is proven where all of it is used."""
    fired = {rule for case in pack.golden for rule in case.rules}
    ticked = {code for case in pack.golden for code in case.shows}
    shared_prefixes = ("E-", "D-")
    assert {rule.id for rule in pack.rules if not rule.id.startswith(shared_prefixes)} <= fired
    assert {code for code in pack.indicators if not code.startswith("N")} <= ticked


@every
def test_clocks_can_be_computed_for_each_of_its_routes(pack: Pack) -> None:
    rulebook = Rulebooks(pack, POLICIES).active
    for route in pack.routes:
        for kind in ReferrerKind:
            found = preview(rulebook, route=route, received_at=RECEIVED_AT, referrer_kind=kind.value)
            assert found, f"{route}: a contact without a clock is watched by nobody"
            assert all(clock.due_at > RECEIVED_AT for clock in found)


@every
def test_what_could_not_be_rated_has_a_clock_and_pages(pack: Pack) -> None:
    assert strictest(pack)
    assert pack.rating_of(pack.fallbacks.unrated.route).pages


@every
def test_a_link_ends_a_duplicates_clocks_but_the_referrers_and_those_after_hand_over(pack: Pack) -> None:
    ended = cancels(pack, "ContactsLinked", {"role": "duplicate", "relation": "duplicate"})
    stay = {kind for kind, rule in pack.clocks.items() if rule.towards_referrer or rule.outlives_closure}
    assert ended == pack.clocks.keys() - stay
    assert not cancels(pack, "ContactsLinked", {"role": "primary", "relation": "duplicate"})


@every
def test_what_is_reopened_is_decided_again(pack: Pack) -> None:
    assert clocks_for(pack, "ContactReopened", {"reason": "new_information"})


@every
def test_every_letter_it_names_is_written(pack: Pack) -> None:
    named = {rule.template for rule in (*pack.messages, *pack.alerts)}
    assert named <= {path.stem for path in TEMPLATES.glob("*.txt")}


@every
def test_it_says_what_each_level_means_and_who_helps(pack: Pack) -> None:
    assert [*pack.levels] == [1, 2, 3, 4]
    assert all(level.means and level.responses for level in pack.levels.values())
    assert all(level.coordinator for number, level in pack.levels.items() if number > 1)
    assert pack.guidance
    assert {"police", "mash", "edt"} <= pack.calls.keys()


@every
def test_its_words_for_staff_are_there(pack: Pack) -> None:
    assert all((pack.outcomes, pack.reasons, pack.services, pack.agencies, pack.teams, pack.leads, pack.withdrawals))
    assert any(outcome.counts_as_referral for outcome in pack.outcomes.values())


def test_the_eight_questions_of_the_levels_of_need_guidance() -> None:
    pack = pack_called("levels-of-need-guidance-2021@1")
    codes = [question.code for question in pack.guidance_questions]
    assert codes == [
        "needs",
        "child_voice",
        "parent_view",
        "own_help",
        "allies",
        "involved",
        "serious_harm",
        "child_in_need",
    ]
    assert [question.answers for question in pack.guidance_questions[-2:]] == ["significant_harm", "G4-IN-NEED"]


def test_the_continuum_says_who_leads_where_safety_is_in_question() -> None:
    branches = pack_called("southampton-continuum-2016@1").levels[4].branches
    assert [branch.lead for branch in branches] == [
        "Children's social care",
        "Police",
        "Youth offending service",
        "SEND service",
    ]


def test_a_worry_may_not_need_a_contact() -> None:
    pack = pack_called("spectrum-of-support@1")
    assert pack.guidance["not_always"].startswith("Your worry may not need a contact")
