"""What staff and senders do after a contact was posted: where each step goes, and what it says there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mash.demo.examples import Step

STAFF_PATHS = {
    "discussion": "discussions",
    "milestone": "milestones",
    "assignment": "assignments",
    "check": "checks",
    "check_answer": "checks/{check_id}/answer",
    "question": "information-requests",
    "challenge_answer": "challenges/{challenge_id}/answer",
}
"""Steps of staff, at triage, where a step's name is not already the last part of its address."""
TOLD = frozenset({"information", "withdrawal", "challenge"})
"""Steps of whoever sent the contact, at intake."""
LINK = "link"
"""A step of staff, at intake: this contact is a duplicate of an earlier example."""
BY_MANAGER = frozenset({"authorisation", "challenge_answer"})


class NotThereYet(Exception):
    """What a step is about has not reached triage yet: try again."""


def path_of(step: Step, case: Mapping[str, Any]) -> str:
    """The last part of the address of a step of staff.

    Raises:
        NotThereYet: the check or challenge that it answers is not known yet.
    """
    path = STAFF_PATHS.get(step.do, step.do)
    if step.do == "check_answer":
        wanted = [one for one in case["checks"] if one["agency"] == step.fields["agency"]]
        return path.format(check_id=_last(wanted)["check_id"])
    if step.do == "challenge_answer":
        return path.format(challenge_id=_last(case["challenges"])["challenge_id"])
    return path


def body_of(step: Step, case: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return a step as triage's API wants it: ids instead of positions, business time for what takes place now."""
    by_position = {subject["position"]: subject["subject_id"] for subject in case["subjects"]}
    subject = {} if step.subject is None else {"subject_id": by_position[step.subject]}
    body = {**subject, **step.fields}
    match step.do:
        case "discussion":
            body |= {"held_at": now.isoformat(), "subject_ids": list(by_position.values())}
        case "milestone":
            body |= {"occurred_at": now.isoformat()}
        case "authorisation":
            body |= {"agreed": True}
        case "check":
            about = {**subject, "why": body.pop("why")}
            body = {name: value for name, value in body.items() if name != "subject_id"} | {"subjects": [about]}
        case "check_answer":
            body = {name: value for name, value in body.items() if name != "agency"} | {"answered_at": now.isoformat()}
        case "decision":
            strategies = [held["discussion_id"] for held in case["discussions"] if held["kind"] == "strategy"]
            body |= {"discussion_id": strategies[-1]} if strategies else {}
        case _:
            pass
    return body


def _last(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if not found:
        raise NotThereYet
    return found[-1]
