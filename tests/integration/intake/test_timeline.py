"""A partner's timeline holds what it may know, in the words of Shown, and no more; its stage follows what is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from services.intake.bootstrap import Intake
from services.intake.domain.model.stages import Shown
from services.intake.entrypoints.schemas.examples import EXAMPLE
from shared.contracts.notify import ReferrerAcknowledged, ReferrerInformed
from shared.contracts.triage import (
    CaseRestated,
    ChallengeAnswered,
    CheckAnswered,
    ChecksRequested,
    CheckStanding,
    ContactAssigned,
    ContactClosed,
    ContactOpened,
    ContactRated,
    ContactReopened,
    DecisionRevised,
    DiscussionHeld,
    InformationRequested,
    MilestoneRecorded,
)
from tests.integration.intake.steps import NOON, POLICY, Others, Token, send


@pytest.fixture
async def told(api: httpx2.AsyncClient, token: Token) -> dict[str, Any]:
    return (await send(api, await token(), "/v1/contacts", EXAMPLE)).json()


async def timeline(api: httpx2.AsyncClient, token: Token, told: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    headers = await token()
    shown = (await api.get(told["links"]["timeline"], headers=headers)).json()["entries"]
    return shown, (await api.get(told["links"]["self"], headers=headers)).json()["stage"]


def whole_story(others: Others) -> list[Any]:
    """Everything triage and notify can say of a contact, in a fair order."""
    contact, one = others.contact, UUID(int=1)

    def at(minutes: int) -> Any:
        return NOON + timedelta(minutes=minutes)

    asked = InformationRequested(
        contact=contact, request_id=UUID(int=7), requested_at=at(3), question_codes=("what_was_seen", "unheard_of")
    )
    checks = [
        ChecksRequested(
            contact=contact, check_id=uuid4(), agency=agency, requested_at=at(4 + n), rating="amber", subject_ids=(one,)
        )
        for n, agency in enumerate(("police", "health"))
    ]
    return [
        ContactRated(
            contact=contact, rating_version=1, policy=POLICY, rating="amber", pages=True, unrated=False,
            cause="received", subjects=(),
        ),
        others.told(ReferrerAcknowledged, minutes=1),
        ContactOpened(contact=contact, opened_at=at(2)),
        ContactAssigned(
            contact=contact, assignment_id=uuid4(), assigned_at=at(2), team="mash", to_worker=True, hand_over=None
        ),
        asked,
        *checks,
        CheckAnswered(
            contact=contact, check_id=checks[0].check_id, agency="police", answered_at=at(6), answer="information"
        ),
        DiscussionHeld(
            contact=contact, discussion_id=uuid4(), kind="strategy", held_at=at(7), attended=("police",),
            subject_ids=(one,),
        ),
        others.decision(minutes=8),
        others.told(ReferrerInformed, minutes=9),
        ChallengeAnswered(
            contact=contact, challenge_id=UUID(int=9), answered_at=at(10), result="upheld", reason_codes=("threshold",)
        ),
        MilestoneRecorded(contact=contact, subject_id=one, code="child_seen", occurred_at=at(11)),
        ContactClosed(contact=contact, closed_at=at(12), reason_code="completed"),
        ContactReopened(contact=contact, reopened_at=at(13), reason_code="information"),
        others.decision(minutes=14, version=2, kind=DecisionRevised, revises_version=1),
    ]  # fmt: skip


async def test_it_shows_what_a_partner_may_know_and_nothing_else(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    others = Others(intake, told["id"])
    await others.say(*whole_story(others))
    shown, stage = await timeline(api, token, told)
    assert [entry["what"] for entry in sorted(shown[1:], key=lambda entry: entry["at"])] == [
        "acknowledged", "opened", "information_requested", "checks_under_way", "decided", "informed",
        "challenge_answered", "closed", "reopened", "decided",
    ]  # fmt: skip
    assert {entry["what"] for entry in shown} == set(Shown), "every word is reached"
    assert stage == "decided"
    (asked,) = [entry for entry in shown if entry["what"] == "information_requested"]
    assert asked["questions"] == ["What was seen or heard, by whom, and when?", "unheard_of"]
    assert asked["request_id"] == str(UUID(int=7))
    assert {name for entry in shown for name in entry} <= {"at", "what", "questions", "request_id", "challenge_id"}
    said = str(shown)
    for secret in ("amber", "police", "health", "mash", "upheld", "strategy", "early_help", "child_seen", "completed"):
        assert secret not in said


async def test_a_restatement_tells_the_same_once(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    others = Others(intake, told["id"])
    story = whole_story(others)
    await others.say(*story)
    before = await timeline(api, token, told)

    def find(kind: type[Any]) -> Any:
        return next(one for one in story if type(one) is kind)

    restated = CaseRestated(
        contact=others.contact, rating_version=1, policy=POLICY, rating="amber", pages=True, unrated=False,
        stage="decided", opened_at=find(ContactOpened).opened_at, closed_at=None, subjects=(),
        checks=(CheckStanding(asked=find(ChecksRequested)),), challenges_answered=(find(ChallengeAnswered),),
        requests=(find(InformationRequested),), reopened=find(ContactReopened),
    )  # fmt: skip
    await others.say(restated)
    assert await timeline(api, token, told) == before
    another = (await send(api, await token(), "/v1/contacts", EXAMPLE)).json()
    silent = Others(intake, another["id"])
    await silent.say(restated)
    shown, stage = await timeline(api, token, another)
    assert [entry["what"] for entry in shown[1:]] == [
        "opened", "information_requested", "checks_under_way", "challenge_answered", "reopened",
    ]  # fmt: skip
    assert stage == "opened"


async def test_what_was_told_before_a_reopening_does_not_settle_it_again(
    api: httpx2.AsyncClient, intake: Intake, token: Token, told: dict[str, Any]
) -> None:
    others = Others(intake, told["id"])
    await others.say(
        others.decision(minutes=1),
        ContactClosed(contact=others.contact, closed_at=NOON + timedelta(minutes=3), reason_code="completed"),
        ContactReopened(contact=others.contact, reopened_at=NOON + timedelta(minutes=5), reason_code="information"),
    )
    await others.say(others.told(ReferrerInformed, minutes=2))
    assert (await timeline(api, token, told))[1] == "opened"
    await others.say(others.told(ReferrerInformed, minutes=6))
    assert (await timeline(api, token, told))[1] == "informed"
