"""What a sender posts: the contact of a story as JSON, made up and synthetic."""

from datetime import timedelta
from random import Random
from typing import Any

from mash.simulation.acts import spoken
from mash.simulation.hours import Hours
from mash.simulation.mix import Flow
from mash.simulation.people import Family, Person
from mash.simulation.stories import About, Story
from mash.simulation.worries import NO_DANGER

UNKNOWN_NUMBER_WRONG = 0.01
ROLES = {"6": "Officer", "2A": "Safeguarding lead", "2B": "Manager", "3A": "GP", "3B": "Health visitor"}
GRADES = ("high", "medium", "standard")


def contact_of(story: Story, hours: Hours, chance: Random, *, label: str) -> dict[str, Any]:
    """The body of POST /v1/contacts."""
    source = story.arrival.source
    posted_by_staff = source.organisation is None
    body: dict[str, Any] = {
        "sender_reference": sender_reference(label, story.number),
        "channel": "phone" if posted_by_staff else "api",
        "referrer": _referrer(story),
        "subjects": _subjects(story, hours, chance),
        "consent": _consent(story, chance),
        "narrative": story.worry.words,
    }
    if source.flow is Flow.NIGHT:
        body["sender_grade"] = chance.choice(GRADES)
        body["incident_at"] = spoken(story.received - timedelta(minutes=chance.randint(20, 400)))
    if story.about is not About.NOBODY:
        body["adults"] = [
            {
                "given_name": story.family.mother.given_name,
                "family_name": story.family.mother.family_name,
                "relationship_code": "mother",
                "parental_responsibility": "yes",
            }
        ]
    if story.received != story.arrival.at:
        body["first_attempted_at"] = spoken(story.received)
    return {name: value for name, value in body.items() if value not in ([], None)}


def sender_reference(label: str, number: int) -> str:
    """By which a contact of a simulation is known again."""
    return f"SIM-{label}-{number:05}"


def _referrer(story: Story) -> dict[str, Any]:
    source = story.arrival.source
    if source.kind == "anonymous":
        return {"kind": source.kind, "source_code": source.code}
    where = source.organisation or "town"
    return {
        "kind": source.kind,
        "source_code": source.code,
        "name": "Alex Example",
        "role": ROLES.get(source.code, "Duty worker") if source.organisation else None,
        "email": f"{where}.{story.number}@example.org",
    }


def _subjects(story: Story, hours: Hours, chance: Random) -> list[dict[str, Any]]:
    answers: dict[str, Any] = {"facts": dict(story.worry.facts)}
    if story.worry.indicators:
        answers["indicators"] = dict.fromkeys(story.worry.indicators, "yes")
    match story.about:
        case About.NOBODY:
            return []
        case About.UNBORN:
            expected = hours.local(story.arrival.at).date() + timedelta(weeks=chance.randint(6, 24))
            return [{"kind": "unborn", "expected_date": expected.isoformat(), "sex": "U", **answers}]
        case About.ADULT:
            return [{"kind": "adult", **_person(story.family.mother, story.family, chance), **answers}]
        case About.CHILDREN:
            rest = {"facts": dict(NO_DANGER)}
            return [
                {"kind": "child", **_person(child, story.family, chance), **(rest if at else answers)}
                for at, child in enumerate(story.children)
            ]


def _person(person: Person, family: Family, chance: Random) -> dict[str, Any]:
    told: dict[str, Any] = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
        "address": {"lines": [family.street, "Sampleton"], "postcode": "ZZ99 3VZ"},
        "household": f"H-{family.number}",
    }
    if person.nhs_number is not None:
        wrong = chance.random() < UNKNOWN_NUMBER_WRONG
        told["nhs_number"] = _slip(person.nhs_number) if wrong else person.nhs_number
    return told


def _slip(number: str) -> str:
    """The number with a slip of the pen in its last digit: its check digit does not hold."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def _consent(story: Story, chance: Random) -> dict[str, Any]:
    if story.about is About.NOBODY or story.arrival.source.kind == "anonymous":
        return {"state": "not_sought", "why": "nobody could be asked"}
    if story.worry.urgent or chance.random() < 0.3:  # noqa: PLR2004
        return {"state": "not_sought", "why": "asking first could raise the risk"}
    return {"state": "given", "by": "mother"}
