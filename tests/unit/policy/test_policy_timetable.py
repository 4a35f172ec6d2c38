"""The clock and message tables of the shipped pack, read as a practitioner would."""

from __future__ import annotations

import pytest

from shared.policy.clocks import cancels, clocks_for, rated_attributes, started_by, stops, strictest
from shared.policy.facts import ReferrerKind
from shared.policy.model import Pack
from shared.policy.telling import alerts_for, messages_for
from shared.policy.timetable import Basis, Within

PAGED = {"opened_by_duty", "opened_by_manager"}
CHECKS = {"check_answer_red", "check_answer_amber", "check_answer_green"}
POLICE_HEALTH = frozenset({"police", "health"})
ALL_THREE = POLICE_HEALTH | {"childrens_services"}


def kinds(pack: Pack, event: str, **attributes: str | bool) -> set[str]:
    return {rule.kind for rule in clocks_for(pack, event, attributes)}


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        (["red-immediate"], {"priority_discussion", *PAGED}),
        (["red-abuse"], {"strategy_discussion", *PAGED}),
        (["red-bruised-baby"], {"paediatric_assessment", "strategy_discussion", *PAGED}),
        (["red-immediate", "red-abuse"], {"priority_discussion", "strategy_discussion", *PAGED}),
        (["amber"], {"amber_decision"}),
        (["green"], {"green_decision"}),
        (["unrated"], {"priority_discussion", *PAGED}),
    ],
)
def test_clocks_of_a_rating(pack: Pack, routes: list[str], expected: set[str]) -> None:
    assert {rule.kind for rule in clocks_for(pack, "ContactRated", rated_attributes(pack, routes))} == expected


@pytest.mark.parametrize(
    ("kind", "within"),
    [
        ("priority_discussion", Within(Basis.ELAPSED, 120)),
        ("strategy_discussion", Within(Basis.ELAPSED, 360)),
        ("paediatric_assessment", Within(Basis.ELAPSED, 240)),
        ("amber_decision", Within(Basis.ELAPSED, 1440)),
        ("green_decision", Within(Basis.WORKING_DAYS, 1)),
        ("mash_decision", Within(Basis.WORKING_DAYS, 1)),
        ("acknowledgement", Within(Basis.WORKING_DAYS, 1)),
        ("referrer_told", Within(Basis.ELAPSED, 1440)),
        ("s47_conference", Within(Basis.WORKING_DAYS, 15)),
        ("s17_assessment", Within(Basis.WORKING_DAYS, 45)),
        ("s17_checkpoint", Within(Basis.WORKING_DAYS, 10)),
        ("early_help_review", Within(Basis.ELAPSED, 6 * 7 * 24 * 60)),
        ("challenge_answer", Within(Basis.WORKING_DAYS, 1)),
        ("opened_by_duty", Within(Basis.ELAPSED, 10)),
    ],
)
def test_durations(pack: Pack, kind: str, within: Within) -> None:
    assert pack.clocks[kind].within == within


def test_amber_shows_its_working_day_reading_beside_it(pack: Pack) -> None:
    assert pack.clocks["amber_decision"].beside == Within(Basis.WORKING_DAYS, 1)


@pytest.mark.parametrize(
    ("referrer", "has_address", "expected"),
    [
        ("involved_professional", True, {"acknowledgement", "referrer_told", "mash_decision"}),
        ("professional", True, {"acknowledgement", "mash_decision"}),
        ("public", True, {"acknowledgement", "mash_decision"}),
        ("public", False, {"mash_decision"}),
        ("anonymous", False, {"mash_decision"}),
    ],
)
def test_clocks_at_receipt(pack: Pack, referrer: str, has_address: bool, expected: set[str]) -> None:  # noqa: FBT001 (a table)
    assert kinds(pack, "ContactReceived", referrer_kind=referrer, has_address=has_address) == expected


@pytest.mark.parametrize(
    ("event", "attributes", "expected"),
    [
        ("ContactOpened", {}, PAGED),
        ("DiscussionHeld", {"discussion": "priority", "attended": POLICE_HEALTH}, {"priority_discussion"}),
        ("DiscussionHeld", {"discussion": "priority", "attended": ALL_THREE}, {"priority_discussion"}),
        (
            "DiscussionHeld",
            {"discussion": "strategy", "attended": ALL_THREE | {"education"}},
            {"priority_discussion", "strategy_discussion"},
        ),
        ("DiscussionHeld", {"discussion": "strategy", "attended": POLICE_HEALTH}, {"priority_discussion"}),
        ("DiscussionHeld", {"discussion": "strategy", "attended": ALL_THREE - {"health"}}, set[str]()),
        ("DiscussionHeld", {"discussion": "strategy", "attended": frozenset({"childrens_services"})}, set[str]()),
        ("DiscussionHeld", {"discussion": "priority", "attended": frozenset[str]()}, set[str]()),
        ("DiscussionHeld", {"discussion": "strategy"}, set[str]()),
        ("MilestoneRecorded", {"milestone": "paediatric_assessment"}, {"paediatric_assessment"}),
        (
            "DecisionMade",
            {"outcome": "signpost"},
            {"mash_decision", "amber_decision", "green_decision", "decision_again"},
        ),
        ("CheckAnswered", {"answer": "refused"}, CHECKS),
        ("CheckAnswered", {"answer": "no_longer_needed"}, set[str]()),
        ("ChallengeAnswered", {"result": "not_upheld"}, {"challenge_answer"}),
        ("ContactClosed", {"reason": "completed"}, {"decision_again"}),
        ("ContactClosed", {"reason": "withdrawn"}, set[str]()),
        ("ReferrerInformed", {"proof": "accepted", "complete": True}, {"referrer_told"}),
        ("ReferrerInformed", {"proof": "accepted", "complete": False}, set[str]()),
        ("ReferrerInformed", {"proof": "other", "complete": True}, set[str]()),
        ("ReferrerAcknowledged", {"proof": "accepted"}, {"acknowledgement"}),
        ("InformationAdded", {}, set[str]()),
        ("WithdrawalRequested", {}, set[str]()),
        ("ContactAssigned", {}, set[str]()),
        ("HistoryFound", {}, set[str]()),
        ("ContactsLinked", {"role": "duplicate", "relation": "duplicate"}, set[str]()),
    ],
)
def test_what_stops_which_clock(
    pack: Pack, event: str, attributes: dict[str, str | bool | int | frozenset[str] | None], expected: set[str]
) -> None:
    assert stops(pack, event, attributes) == expected


def test_closing_ends_the_front_doors_clocks_and_no_others(pack: Pack) -> None:
    ended = cancels(pack, "ContactClosed", {"reason": "withdrawn"})
    assert not any(pack.clocks[kind].outlives_closure or pack.clocks[kind].towards_referrer for kind in ended)
    assert {kind for kind, rule in pack.clocks.items() if rule.outlives_closure} >= {"s17_assessment", "s47_conference"}


@pytest.mark.parametrize("relation", ["duplicate", "follow_up"])
def test_a_link_ends_every_clock_of_a_duplicate_but_the_referrers_and_those_after_hand_over(
    pack: Pack, relation: str
) -> None:
    stay = {kind for kind, rule in pack.clocks.items() if rule.towards_referrer or rule.outlives_closure}
    assert cancels(pack, "ContactsLinked", {"role": "duplicate", "relation": relation}) == pack.clocks.keys() - stay


@pytest.mark.parametrize(("role", "relation"), [("primary", "duplicate"), ("peer", "related"), ("peer", "duplicate")])
def test_a_link_ends_nothing_on_the_other_contact(pack: Pack, role: str, relation: str) -> None:
    assert cancels(pack, "ContactsLinked", {"role": role, "relation": relation}) == set()


@pytest.mark.parametrize("rating", ["red", "unrated", "amber", "green"])
def test_a_check_has_a_clock_whatever_the_contact_is_rated(pack: Pack, rating: str) -> None:
    [kind] = kinds(pack, "ChecksRequested", rating=rating, agency="police")
    assert kind in CHECKS
    assert kind in cancels(pack, "CheckAnswered", {"answer": "no_longer_needed"})


def test_what_is_reopened_or_raised_is_decided_again(pack: Pack) -> None:
    assert kinds(pack, "ContactReopened", reason="x") == {"decision_again"}
    assert "decision_again" in kinds(pack, "ContactRated", route="amber", raised=True)
    assert "decision_again" not in kinds(pack, "ContactRated", route="amber", raised=False)


def test_clocks_after_hand_over_need_a_milestone_feed(pack: Pack) -> None:
    assert kinds(pack, "DecisionMade", outcome="s17_assessment") == {"s17_assessment", "s17_checkpoint"}
    assert all(pack.clocks[kind].watched_if for kind in ("s17_assessment", "s17_checkpoint", "s47_conference"))


def test_when_nobody_could_rate_the_strictest_clock_runs(pack: Pack) -> None:
    running = [rule.within.amount for rule in strictest(pack) if rule.kind not in PAGED]
    ratable = ["priority_discussion", "strategy_discussion", "paediatric_assessment", "amber_decision"]
    assert running == [min(pack.clocks[kind].within.amount for kind in ratable)]


def test_re_rating_compares_these_kinds(pack: Pack) -> None:
    assert "amber_decision" in started_by(pack, "ContactRated")
    assert "mash_decision" not in started_by(pack, "ContactRated")


def test_who_is_told_the_outcome(pack: Pack) -> None:
    decided = {"all_decided": True}
    told = {
        kind.value: [
            rule.template for rule in messages_for(pack, "DecisionMade", referrer_kind=kind, attributes=decided)
        ]
        for kind in ReferrerKind
    }
    assert told == {
        "involved_professional": ["professional-outcome"],
        "professional": ["professional-outcome"],
        "family": ["family-outcome"],
        "public": [],
        "anonymous": [],
    }
    assert not messages_for(pack, "DecisionMade", referrer_kind="professional", attributes={"all_decided": False})


def test_no_event_tells_the_public_an_outcome_or_an_anonymous_referrer_anything(pack: Pack) -> None:
    assert not [rule for rule in pack.messages if "anonymous" in rule.referrer_kinds]
    assert [rule.template for rule in pack.messages if "public" in rule.referrer_kinds] == ["public-receipt"]
    assert not [rule for rule in pack.messages if rule.tells_outcome and rule.template == "public-receipt"]


def test_at_24_hours_what_is_known_is_sent(pack: Pack) -> None:
    [rule] = messages_for(
        pack, "DeadlineBreached", referrer_kind="involved_professional", attributes={"kind": "referrer_told"}
    )
    assert rule.template == "professional-not-yet-decided"


def test_the_ladder_is_climbed_rung_by_rung(pack: Pack) -> None:
    rungs = [
        alerts_for(pack, "ContactRated", {"pages": True})[0].rung,
        alerts_for(pack, "DeadlineBreached", {"kind": "opened_by_duty"})[0].rung,
        alerts_for(pack, "DeadlineBreached", {"kind": "opened_by_manager"})[0].rung,
    ]
    assert [pack.ladder[rung].role for rung in rungs if rung is not None] == [
        "duty_worker",
        "manager",
        "head_of_service",
    ]
    assert not alerts_for(pack, "ContactRated", {"pages": False})
