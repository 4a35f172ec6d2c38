"""What intake says of a contact after its announcement, for triage's tests. Everything is synthetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.envelope import Event, EventData
from shared.contracts.intake import (
    ContactsLinked,
    ContactsUnlinked,
    DecisionChallenged,
    HistoryCounts,
    HistoryFound,
    InformationAdded,
    LinkedSubject,
    Relative,
    SubjectHistory,
    SubjectTold,
    WithdrawalRequested,
)
from shared.contracts.parts import ContactKept
from tests.support.builders_triage import kept, subject_id
from tests.support.deliveries import NOON, event_of

NOTHING_KNOWN: Mapping[str, int] = dict.fromkeys(HistoryCounts.model_fields, 0)


def information(
    contact_id: UUID,
    *subjects: SubjectTold,
    sequence: int,
    in_words: bool = False,
    contact: ContactKept | None = None,
    answers_request: UUID | None = None,
) -> Event[EventData]:
    """Somebody told more: all that is known of every subject now."""
    data = InformationAdded(
        contact=contact or kept(),
        information_id=uuid5(contact_id, f"information {sequence}"),
        added_at=NOON,
        given_by="referrer",
        in_words=in_words,
        subjects=subjects,
        answers_request=answers_request,
    )
    return event_of(data, contact_id=contact_id, sequence=sequence)


def history_data(
    contact_id: UUID,
    *,
    confirmed: Mapping[str, int] | None = None,
    probable: Mapping[str, int] | None = None,
    version: int = 1,
    position: int = 1,
    related: Sequence[Relative] = (),
) -> HistoryFound:
    """What was known already of one subject; where no proposals are named, what is confirmed is all of it."""
    sure = {**NOTHING_KNOWN, **(confirmed or {})}
    subject = SubjectHistory(
        subject_id=subject_id(contact_id, position),
        child_id=None,
        confirmed=HistoryCounts(**sure),
        probable=HistoryCounts(**{**sure, **(probable or {})}),
        related=tuple(related),
    )
    return HistoryFound(contact=kept(), history_version=version, found_at=NOON, subjects=(subject,))


def history(contact_id: UUID, *, sequence: int, **counts: Any) -> Event[EventData]:
    """The event that says so."""
    return event_of(history_data(contact_id, **counts), contact_id=contact_id, sequence=sequence)


def withdrawal_data(contact_id: UUID) -> WithdrawalRequested:
    """The referrer would take it back."""
    return WithdrawalRequested(
        contact=kept(),
        withdrawal_id=uuid5(contact_id, "withdrawal"),
        requested_at=NOON,
        reason_code="under_pressure",
    )


def withdrawn(contact_id: UUID, *, sequence: int) -> Event[EventData]:
    """The event that says so."""
    return event_of(withdrawal_data(contact_id), contact_id=contact_id, sequence=sequence)


def challenge_id(contact_id: UUID) -> UUID:
    """The id our builders give a contact's challenge."""
    return uuid5(contact_id, "challenge")


def challenge_data(contact_id: UUID, *positions: int) -> DecisionChallenged:
    """The referrer disagrees, about these subjects or about all."""
    return DecisionChallenged(
        contact=kept(),
        challenge_id=challenge_id(contact_id),
        challenged_at=NOON,
        reason_code="threshold",
        subject_ids=tuple(subject_id(contact_id, position) for position in positions),
    )


def challenged(contact_id: UUID, *positions: int, sequence: int) -> Event[EventData]:
    """The event that says so."""
    return event_of(challenge_data(contact_id, *positions), contact_id=contact_id, sequence=sequence)


def link_id(primary: UUID, duplicate: UUID) -> UUID:
    """The id our builders give a link."""
    return uuid5(primary, f"link {duplicate}")


def link_data(
    primary: UUID,
    duplicate: UUID,
    *told: SubjectTold,
    role: str,
    version: int = 1,
    relation: str = "duplicate",
    pairs: Mapping[int, int | None] | None = None,
    routes: Sequence[str] = (),
    received_at: datetime = NOON - timedelta(hours=1),
) -> ContactsLinked:
    """Two contacts belong together. ``pairs``: positions in the duplicate, and whom each is in the primary; one that
    it does not name is the primary's of the same position.
    """
    others = {one.position: (pairs or {}).get(one.position, one.position) for one in told}
    ids = {position: subject_id(primary, other) if other else None for position, other in others.items()}
    return ContactsLinked(
        contact=kept(),
        link_id=link_id(primary, duplicate),
        link_version=version,
        relation=relation,
        role=role,
        other_contact_id=duplicate if role == "primary" else primary,
        linked_at=NOON,
        reason_code="same_incident",
        received_at=received_at,
        subjects=tuple(
            LinkedSubject(subject_id=ids[one.position], told=one, rating=None, routes=tuple(routes)) for one in told
        ),
        pairs={one.subject_id: found for one in told if (found := ids[one.position]) is not None},
    )


def linked(
    primary: UUID, duplicate: UUID, *told: SubjectTold, role: str, sequence: int, **changes: Any
) -> Event[EventData]:
    """The event that says so, on the contact that has this role."""
    data = link_data(primary, duplicate, *told, role=role, **changes)
    return event_of(data, contact_id=duplicate if role == "duplicate" else primary, sequence=sequence)


def unlinked(primary: UUID, duplicate: UUID, *, role: str, sequence: int) -> Event[EventData]:
    """They do not belong together."""
    data = ContactsUnlinked(
        contact=kept(),
        link_id=link_id(primary, duplicate),
        role=role,
        other_contact_id=duplicate if role == "primary" else primary,
        unlinked_at=NOON,
        reason_code="different_child",
    )
    return event_of(data, contact_id=duplicate if role == "duplicate" else primary, sequence=sequence)
