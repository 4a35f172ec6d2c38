"""What intake says: the referrer is acknowledged, and what is known of the contact grows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.notify.application.commands.announcing import keep
from services.notify.application.commands.duty import alert_anew, end_all
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

from .common import know, occasion_of, pack_of

DUPLICATE, ONE_WORK = "duplicate", frozenset({"duplicate", "follow_up"})
"""ContactsLinked: the role of the contact whose work is done on the other, and the relations in which it is."""


async def acknowledge_contact(event: Event[ContactReceived], work: Work) -> None:
    """The referrer is sent our reference; what waited for knowing who they are is decided now."""
    contact = know(event, event.data.contact, work)
    _know_subjects(contact, event.data.subjects)
    contact.received = True
    if isinstance(event.data, ContactRestated):
        _take_links(event, contact, work, event.data.links)
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
    """It is worked on by itself again: where it pages and nobody has opened it, duty is alerted anew."""
    contact = know(event, event.data.contact, work)
    if event.data.role == DUPLICATE:
        _unlink(event, contact, work, at=event.data.unlinked_at)


async def forget_contact(event: Event[ContactErased], work: Work) -> None:
    """Nothing of the contact stays here but the mark that it was erased."""
    await work.forget(event.contact_id)


def _know_subjects(contact: Contact, subjects: Iterable[SubjectTold]) -> None:
    for subject in subjects:
        contact.know_subject(subject.subject_id, position=subject.position, kind=subject.kind.value, named=True)


def _take_link(contact: Contact, said: ContactsLinked) -> None:
    if _is_duplicate(said):
        contact.linked_at = said.linked_at


def _is_duplicate(said: ContactsLinked) -> bool:
    return said.role == DUPLICATE and said.relation in ONE_WORK


def _take_links(event: Event[Any], contact: Contact, work: Work, links: Iterable[ContactsLinked]) -> None:
    """All links as they stand. One that is known here and stands no more was taken back unheard."""
    standing = [link for link in links if _is_duplicate(link)]
    for link in standing:
        _take_link(contact, link)
    if not standing:
        _unlink(event, contact, work, at=event.time)


def _unlink(event: Event[Any], contact: Contact, work: Work, *, at: datetime) -> None:
    if contact.unlink(at):
        alert_anew(work, contact, occasion_of(event, work), pack=pack_of(contact, work))
