"""What the answers say of each contact: ids that later acts need, and lines from which an outsider can count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mash.simulation.acts import Act, Do, spoken


@dataclass(slots=True, kw_only=True)
class Kept:
    """One contact as its answers left it."""

    contact_id: str
    reference: str
    received_at: str
    subjects: Mapping[int, str]
    """Ids by position."""
    undecided: int
    etag: str | None = None
    discussion_id: str | None = None
    check_id: str | None = None
    challenge_id: str | None = None
    proposed: dict[int, str] = field(default_factory=dict[int, str])
    """The outcome that was decided last for each subject, in force or not."""
    revised: set[int] = field(default_factory=set[int])


def kept_of(answer: Mapping[str, Any]) -> Kept:
    """What intake's answer to a contact says."""
    subjects = {one["position"]: one["subject_id"] for one in answer["subjects"]}
    return Kept(
        contact_id=answer["id"],
        reference=answer["reference"],
        received_at=answer["received_at"],
        subjects=subjects,
        undecided=len(subjects),
    )


def line_of(act: Act, kept: Kept, **said: Any) -> dict[str, Any]:
    """One act as it was done: its time, what it was about, what was said. No name, no words."""
    head = {"at": spoken(act.at), "do": act.do.value, "contact": kept.reference, "by": act.by}
    if act.subject is not None:
        head["subject_id"] = kept.subjects[act.subject]
    return {**head, **_own(act, kept), **said}


def _own(act: Act, kept: Kept) -> dict[str, Any]:
    match act.do:
        case Do.TELL:
            return _told(act, kept)
        case Do.MILESTONE:
            return {"code": act.fields["code"], "occurred_at": act.fields["occurred_at"]}
        case Do.DISCUSSION:
            return {"kind": act.fields["kind"], "held_at": act.fields["held_at"]}
        case Do.CLOSURE:
            return {"reason": act.fields["reason"]}
        case Do.DECISION | Do.AUTHORISATION:
            return {"outcome": kept.proposed.get(act.subject or 0)}
        case _:
            return {}


def _told(act: Act, kept: Kept) -> dict[str, Any]:
    body = act.fields
    sent: list[Mapping[str, Any]] = body.get("subjects", [])
    return {
        "contact_id": kept.contact_id,
        "received_at": kept.received_at,
        "source_code": body["referrer"]["source_code"],
        "referrer_kind": body["referrer"]["kind"],
        "first_attempted_at": body.get("first_attempted_at"),
        "subjects": [_subject(position, id_, sent) for position, id_ in sorted(kept.subjects.items())],
    }


def _subject(position: int, subject_id: str, sent: list[Mapping[str, Any]]) -> dict[str, Any]:
    nobody: Mapping[str, Any] = {"kind": "unknown"}
    said = sent[position - 1] if position <= len(sent) else nobody
    return {
        "subject_id": subject_id,
        "position": position,
        "kind": said["kind"],
        "birth_date": said.get("birth_date"),
        "nhs_number": said.get("nhs_number"),
        "exploitation_score": said.get("facts", {}).get("exploitation_score"),
    }
