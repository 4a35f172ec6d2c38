"""What intake says: the referrer is acknowledged, and what is known of the contact grows."""

from __future__ import annotations

from collections.abc import Iterable

from services.notify.application.commands.announcing import keep
from services.notify.application.commands.duty import end_all
from services.notify.application.ports import Work
from services.notify.domain.model import Contact
from services.notify.domain.policy import asking, owed
from shared.contracts.envelope import Event
from shared.contracts.intake import (
    ContactErased,
    ContactReceived,
    ContactRestated,
    ContactsLinked,
    ContactsUnlinked,
    InformationAdded,
    SubjectTold,
)

from .common import know, occasion_of

DUPLICATE, ONE_WORK = "duplicate", frozenset({"duplicate", "follow_up"})
"""ContactsLinked: the role of the contact whose work is done on the other, and the relations in which it is."""


async def acknowledge_contact(event: Event[ContactReceived], work: Work) -> None:
    """The referrer is sent our reference; what waited for knowing who they are is decided now."""
    contact = know(event, event.data.contact, work)
    _know_subjects(contact, event.data.subjects)
    contact.received = True
    for link in event.data.links if isinstance(event.data, ContactRestated) else ():
        _take_link(contact, link)
    keep(work, owed.on_receipt(work.packs.active, contact, occasion_of(event, work)))


async def note_information(event: Event[InformationAdded], work: Work) -> None:
    """More is known; a question that it answers need not be asked any more."""
    contact = know(event, event.data.contact, work)
    _know_subjects(contact, event.data.subjects)
    if event.data.answers_request is not None:
        answered = asking.answered(contact, event.data.answers_request, occasion_of(event, work))
        if not work.messages.add(answered):
            work.messages.of(contact.contact_id)[answered.id].supersede(work.now, "answered")


async def note_link(event: Event[ContactsLinked], work: Work) -> None:
    """A person has looked at a duplicate, and works on the other: nobody is alerted to look. Its referrer is told all
    the same.
    """
    contact = know(event, event.data.contact, work)
    _take_link(contact, event.data)
    if contact.linked_at is not None:
        end_all(work, contact, reason="linked")


async def note_unlinking(event: Event[ContactsUnlinked], work: Work) -> None:
    """It is worked on by itself again: whoever its clocks alert is alerted."""
    know(event, event.data.contact, work).linked_at = None


async def forget_contact(event: Event[ContactErased], work: Work) -> None:
    """Nothing of the contact stays here but the mark that it was erased."""
    await work.forget(event.contact_id)


def _know_subjects(contact: Contact, subjects: Iterable[SubjectTold]) -> None:
    for subject in subjects:
        contact.know_subject(subject.subject_id, position=subject.position, kind=subject.kind.value, named=True)


def _take_link(contact: Contact, said: ContactsLinked) -> None:
    if said.role == DUPLICATE and said.relation in ONE_WORK:
        contact.linked_at = said.linked_at
