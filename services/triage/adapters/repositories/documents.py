"""Ratings, ages, lowerings and history as the JSON documents that the database keeps, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.triage.domain.model import Age, History, Lowering, Related
from shared.policy.evaluate import Reason, SubjectRating
from shared.policy.timetable import Strength


def rating_document(rating: SubjectRating) -> dict[str, object]:
    """A rating with all of its reasons."""
    return {
        "rating": rating.rating,
        "routes": rating.routes,
        "proposed_route": rating.proposed_route,
        "outcome": rating.outcome,
        "outcome_floor": rating.outcome_floor,
        "level": rating.level,
        "level_by_person": rating.level_by_person,
        "needs_person": rating.needs_person,
        "flags": rating.flags,
        "advice": rating.advice,
        "reasons": [
            {
                "rule": reason.rule,
                "route": reason.route,
                "outcome": reason.outcome,
                "facts": reason.facts,
                "place": reason.place,
                "strength": reason.strength.value,
                "text": reason.text,
                "default": reason.default,
            }
            for reason in rating.reasons
        ],
    }


def rating_from(kept: Mapping[str, Any]) -> SubjectRating:
    """The rating that rating_document wrote."""
    return SubjectRating(
        rating=kept["rating"],
        routes=tuple(kept["routes"]),
        proposed_route=kept["proposed_route"],
        outcome=kept["outcome"],
        outcome_floor=kept["outcome_floor"],
        level=kept["level"],
        level_by_person=kept["level_by_person"],
        needs_person=kept["needs_person"],
        flags=tuple(kept["flags"]),
        advice=tuple(kept["advice"]),
        reasons=tuple(_reason(reason) for reason in kept["reasons"]),
    )


def _reason(kept: Mapping[str, Any]) -> Reason:
    return Reason(
        rule=kept["rule"],
        route=kept["route"],
        outcome=kept["outcome"],
        facts=tuple((name, answer) for name, answer in kept["facts"]),
        place=kept["place"],
        strength=Strength(kept["strength"]),
        text=kept["text"],
        default=kept["default"],
    )


def age_document(age: Age) -> dict[str, object]:
    """An age in the unit it was told in."""
    return {"unit": age.unit, "value": age.value, "estimated": age.estimated}


def age_from(kept: Mapping[str, Any]) -> Age:
    """The age that age_document wrote."""
    return Age(kept["unit"], kept["value"], kept["estimated"])


def lowering_document(lowering: Lowering | None) -> dict[str, object] | None:
    """A lower route that waits for a second person."""
    if lowering is None:
        return None
    return {"route": lowering.route, "asked_by": lowering.asked_by, "asked_at": lowering.asked_at.isoformat()}


def lowering_from(kept: Mapping[str, Any] | None) -> Lowering | None:
    """The lowering that lowering_document wrote."""
    if kept is None:
        return None
    return Lowering(route=kept["route"], asked_by=kept["asked_by"], asked_at=datetime.fromisoformat(kept["asked_at"]))


def history_document(history: History | None) -> dict[str, object] | None:
    """What was known already of a subject."""
    if history is None:
        return None
    return {
        "version": history.version,
        "confirmed": history.confirmed,
        "probable": history.probable,
        "related": [[str(one.contact_id), str(one.subject_id), one.relation, one.certainty] for one in history.related],
    }


def history_from(kept: Mapping[str, Any] | None) -> History | None:
    """The history that history_document wrote."""
    if kept is None:
        return None
    related = tuple(
        Related(UUID(contact), UUID(subject), relation, certainty)
        for contact, subject, relation, certainty in kept["related"]
    )
    return History(version=kept["version"], confirmed=kept["confirmed"], probable=kept["probable"], related=related)
