"""What triage does when a person has said that two contacts belong together, or do not."""

from __future__ import annotations

from services.triage.application.handlers import announce_rating, mirroring, reading, say_reopened, signed_by
from services.triage.application.ports import TriageWork
from services.triage.domain.model import linking
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import ContactErased, ContactsLinked, ContactsUnlinked


async def hear_link(event: Event[ContactsLinked], work: TriageWork) -> None:
    """The primary takes in its duplicate and always says its rating anew, which is the echo that intake waits for; the
    duplicate takes over what is decided there.
    """
    await work.lock([event.data.other_contact_id])
    case = work.cases.get_or_new(event.contact_id)
    case.known_as(event.data.contact.reference)
    told, signed = reading.link(event.data, case), signed_by(event, work)
    linking.hear_link(case, told.link, signed)
    if told.leads:
        linking.rate_as_primary(case, told.contact, told.paired, work.pack, signed)
        announce_rating(case, work, Cause.of(event), because="linked")
    mirroring.let_follow(case, work, Cause.of(event), signed)


async def hear_unlinked(event: Event[ContactsUnlinked], work: TriageWork) -> None:
    """They do not belong together: what was the duplicate is worked on by itself again."""
    case = work.cases.get_or_new(event.contact_id)
    data = event.data
    linking.hear_unlinked(
        case, data.link_id, at=data.unlinked_at, reason_code=data.reason_code, signed=signed_by(event, work)
    )
    say_reopened(case, work, Cause.of(event))


async def forget_contact(event: Event[ContactErased], work: TriageWork) -> None:
    """The contact is to be forgotten: facts, decisions, keys and copies of events go; a tombstone stays. What was its
    duplicate has nowhere else to be worked on, and is with staff again.
    """
    await work.lock_duplicates(event.contact_id)
    signed, at = signed_by(event, work), event.time
    for duplicate in work.cases.duplicates_of(event.contact_id):
        linking.hear_erased(duplicate, event.contact_id, at=at, signed=signed)
        say_reopened(duplicate, work, Cause.of(event))
    await work.forget(event.contact_id)
