"""What intake's events say, in the words that the pack's table of clocks may ask about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from services.deadlines.domain.model.occurrence import LINKED, RECEIVED_WITH, UNLINKED, Occurrence, occurrence
from shared.contracts.intake import ContactRestated, ContactsLinked, DecisionChallenged

PRIMARY, DUPLICATE = "primary", "duplicate"
"""ContactsLinked.role: what a contact is in a link."""


def challenged(contact_id: UUID, said: DecisionChallenged) -> Occurrence:
    """The referrer disagrees with a decision."""
    return occurrence(
        contact_id, DecisionChallenged.__name__, item_id=said.challenge_id, occurred_at=said.challenged_at
    )


def linked(contact_id: UUID, said: ContactsLinked) -> Iterator[Occurrence]:
    """The link; of a duplicate the rating that it tells for each of its subjects, of a primary the earlier receipt."""
    role = {"role": said.role, "relation": said.relation}
    made = partial(occurrence, contact_id, item_id=said.link_id, version=said.link_version)
    yield made(LINKED, occurred_at=said.linked_at, attributes=role)
    if said.role == PRIMARY:
        yield made(RECEIVED_WITH, occurred_at=said.received_at)
    for subject in said.subjects if said.role == DUPLICATE else ():
        told = {**role, "rating": subject.rating}
        yield made(LINKED, subject_id=subject.told.subject_id, occurred_at=said.linked_at, attributes=told)


def unlinked(contact_id: UUID, link_id: UUID, at: datetime) -> Occurrence:
    """The link was taken back."""
    return occurrence(contact_id, UNLINKED, item_id=link_id, key=at.isoformat(), occurred_at=at)


def restated(
    contact_id: UUID, said: ContactRestated, known: Iterable[Occurrence], at: datetime
) -> Iterator[Occurrence]:
    """Challenges and links as they stand; a link that is known here and stands no more was taken back unheard."""
    for challenge in said.challenges:
        yield challenged(contact_id, challenge)
    for link in said.links:
        yield from linked(contact_id, link)
    standing = {link.link_id for link in said.links}
    gone = {one.item_id for one in known if one.event == LINKED and one.item_id is not None} - standing
    for link_id in sorted(gone):
        yield unlinked(contact_id, link_id, at)
