"""What stands before a decision, by the pack: what it must carry, consent, and who may go below a floor. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from shared.policy.evaluate import Floor
from shared.policy.facts import Consent
from shared.policy.model import ConsentRule, Need, Pack

CONSENT_NOT_IN_DOUBT = frozenset({Consent.GIVEN, Consent.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Lowering:
    """Going below a floor: how many named people it takes, and in which role the first must be."""

    people: int
    authorised_by: str


def missing_for(
    pack: Pack,
    *,
    outcome: str,
    route: str,
    consent: str,
    provided: Collection[str],
    attended: Collection[str] = (),
    level: int | None = None,
) -> tuple[str, ...]:
    """What a decision still lacks, by name: a `Need`, or "attendance:<party>". Empty: it may be made.

    `provided` names what the decision carries; "consent" in it means that a reason for doing without is recorded.
    KeyError for an outcome or route this pack does not have.
    """
    rule = pack.outcomes[outcome]
    missing: list[str] = []
    for need in rule.needs:
        match need:
            case Need.ATTENDANCE:
                missing += [f"{need}:{party}" for party in rule.attendance if party not in attended]
            case Need.LEVEL:
                missing += [need.value] if level not in rule.levels else []
            case _:
                missing += [need.value] if need not in provided else []
    gated = Need.CONSENT not in provided and Need.CONSENT.value not in missing
    if gated and consent_before_sharing(pack, route, consent):
        missing.append(Need.CONSENT.value)
    return tuple(missing)


def consent_before_sharing(pack: Pack, route: str, consent: str) -> bool:
    """Must a reason for doing without consent be recorded before agencies are asked, and before the decision?"""
    return pack.routes[route].consent is ConsentRule.REQUIRED and consent not in CONSENT_NOT_IN_DOUBT


def may_ask_agencies(pack: Pack, routes: Collection[str]) -> bool:
    """May agencies be asked for what they know? Not where every route in force keeps it where it is."""
    return any(pack.routes[route].shared for route in routes)


def lowering(pack: Pack, floor: Floor, *, rating: str | None = None, outcome: str | None = None) -> Lowering | None:
    """Who it takes to decide on this rating or outcome; None when it does not lie below the floor."""
    below_rating = (
        rating is not None and floor.rating is not None and pack.ratings[rating].rank < pack.ratings[floor.rating].rank
    )
    below_outcome = (
        outcome is not None
        and floor.outcome is not None
        and pack.outcomes[outcome].rank < pack.outcomes[floor.outcome].rank
    )
    if not (below_rating or below_outcome):
        return None
    return Lowering(people=2 if floor.two_people else 1, authorised_by=pack.lowered_by)
