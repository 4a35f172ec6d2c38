"""What every handler does first: note what the event repeats of its contact; and with which pack it was thought."""

from __future__ import annotations

from collections.abc import Collection

from services.notify.application.commands.announcing import keep
from services.notify.application.ports import Work
from services.notify.domain.model import Contact
from services.notify.domain.policy import owed, routing
from services.notify.domain.policy.owed import Occasion
from shared.contracts.envelope import Event, EventData
from shared.contracts.parts import ContactKept, PolicyVersion
from shared.policy.model import Pack


def know(event: Event[EventData], said: ContactKept, work: Work) -> Contact:
    """The contact, with what every event repeats of it; what waited for knowing the referrer is decided now."""
    contact = work.contacts.of(event.contact_id)
    _know_referrer(contact, said, work.reaches)
    for step in contact.take_steps():
        keep(work, owed.on_clock(pack_of(contact, work), contact, step, occasion_of(event, work)))
    return contact


def _know_referrer(contact: Contact, said: ContactKept, reaches: Collection[str]) -> None:
    referrer = said.referrer
    professional = referrer.kind.value in owed.PROFESSIONALS
    contact.know_referrer(
        reference=said.reference,
        received_at=said.received_at,
        kind=referrer.kind.value,
        has_address=referrer.has_address or (referrer.has_mobile and routing.SMS in reaches),
        organisation_id=referrer.organisation_id,
        source_code=referrer.source_code,
        by_webhook=professional and referrer.organisation_id is not None and routing.WEBHOOK in reaches,
    )


def occasion_of(event: Event[EventData], work: Work) -> Occasion:
    """When the event was heard, and the trace it belongs to."""
    return Occasion(at=work.now, correlation_id=event.correlation_id, traceparent=event.traceparent)


def exactly(policy: PolicyVersion, work: Work) -> Pack:
    """The version an event was made with."""
    return work.packs.exactly(policy.id, policy.version, policy.hash)


def pack_of(contact: Contact, work: Work) -> Pack:
    """The version the contact was last rated with, the active one before."""
    return work.packs.named(contact.policy) if contact.policy else work.packs.active


def ref_of(policy: PolicyVersion) -> str:
    """A policy version as settings and packs name it."""
    return f"{policy.id}@{policy.version}"
