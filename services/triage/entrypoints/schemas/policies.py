"""A policy pack as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ConfigDict

from shared.policy.model import Outcome, Pack, Rating, Route

from .parts import CodeView
from .parts import View as _View


class PolicyHead(_View):
    """Which pack, by id, version and content."""

    id: str
    version: str
    hash: str
    title: str

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "southampton-pathways-2021",
                    "version": "1",
                    "hash": "sha256:…",
                    "title": "Southampton Pathways Document",
                }
            ]
        },
    )


class PolicyListed(PolicyHead):
    """One installed pack. ``active``: contacts are rated with it."""

    active: bool

    model_config = ConfigDict(frozen=True, json_schema_extra={})


class Policies(_View):
    """The packs that are installed, each proven on its own golden cases."""

    policies: list[PolicyListed]


class RatingWords(CodeView):
    """One rating: the greater rank is more urgent."""

    rank: int
    colour: str
    pages: bool
    two_people_to_lower: bool


class RouteWords(CodeView):
    """One route and the rating it belongs to."""

    rating: str
    consent: str
    confirmed_by: str | None


class OutcomeWords(CodeView):
    """One outcome: what a decision for it must carry, and who authorises it."""

    needs: list[str]
    attendance: list[str]
    levels: list[int]
    authorised_by: str | None
    counts_as_referral: bool


class PolicyView(PolicyHead):
    """What staff choose from when they rate and decide."""

    ratings: list[RatingWords]
    routes: list[RouteWords]
    outcomes: list[OutcomeWords]
    milestones: list[CodeView]
    reasons: list[CodeView]
    services: list[CodeView]
    agencies: list[CodeView]
    teams: list[CodeView]
    questions: list[CodeView]
    discussion_results: list[CodeView]
    quorums: dict[str, list[str]]
    out_of_hours_team: str
    leads: list[CodeView]

    model_config = ConfigDict(frozen=True, json_schema_extra={})


def policy_head(pack: Pack) -> PolicyHead:
    """The pack's name and content."""
    return PolicyHead(id=pack.id, version=pack.version, hash=pack.content_hash, title=pack.title)


def policy_listed(pack: Pack, *, active: str) -> PolicyListed:
    """The pack in a list, beside the one that is in force."""
    return PolicyListed(**policy_head(pack).model_dump(), active=pack.ref == active)


def policy_view(pack: Pack) -> PolicyView:
    """The pack's codes with their words."""
    return PolicyView(
        **policy_head(pack).model_dump(),
        ratings=[_rating_words(one) for one in pack.ratings.values()],
        routes=[_route_words(one) for one in pack.routes.values()],
        outcomes=[_outcome_words(one) for one in pack.outcomes.values()],
        milestones=_words(pack.milestones),
        reasons=_words(pack.reasons),
        services=_words(pack.services),
        agencies=_words(pack.agencies),
        teams=_words(pack.teams),
        questions=_words(pack.questions),
        leads=_words(pack.leads),
        discussion_results=_words(pack.discussion_results),
        quorums={kind: list(parties) for kind, parties in pack.quorums.items()},
        out_of_hours_team=pack.out_of_hours_team,
    )


def _words(section: Mapping[str, str]) -> list[CodeView]:
    return [CodeView(code=code, words=words) for code, words in section.items()]


def _rating_words(one: Rating) -> RatingWords:
    return RatingWords(
        code=one.code,
        words=one.name,
        rank=one.rank,
        colour=one.colour,
        pages=one.pages,
        two_people_to_lower=one.two_people_to_lower,
    )


def _route_words(one: Route) -> RouteWords:
    return RouteWords(
        code=one.code,
        words=one.name,
        rating=one.rating,
        consent=one.consent.value,
        confirmed_by=one.confirmed_by,
    )


def _outcome_words(one: Outcome) -> OutcomeWords:
    return OutcomeWords(
        code=one.code,
        words=one.name,
        needs=[need.value for need in one.needs],
        attendance=list(one.attendance),
        levels=list(one.levels),
        authorised_by=one.authorised_by,
        counts_as_referral=one.counts_as_referral,
    )
