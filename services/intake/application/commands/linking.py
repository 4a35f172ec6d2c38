"""Linking contacts: the primary is told first and rated again with what the duplicate adds; only when its rating is
heard is the duplicate told, so that no clock is cancelled before the other runs as strictly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from services.intake.application.ports import LinkedContact, LinkingWork
from services.intake.domain.model.linking import (
    LIVE,
    Link,
    LinkRefused,
    LinkRelation,
    LinkState,
    Step,
    pairs_of,
    refuse_wrong_link,
)
from shared.contracts.envelope import Cause
from shared.contracts.intake import ContactsLinked, ContactsUnlinked, LinkedSubject, SubjectTold

ERASED = "contact_erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A person's wish to link two contacts; ``pairs`` None: work out who is who."""

    link_id: UUID
    contact_id: UUID
    other_contact_id: UUID
    relation: LinkRelation
    reason_code: str
    sealed_reason: bytes
    by: str
    pairs: Mapping[UUID, UUID] | None


async def link_contacts(work: LinkingWork, wish: Wish, cause: Cause) -> Link:
    """Links two locked contacts and says so. Raises LinkRefused."""
    ends = (wish.contact_id, wish.other_contact_id)
    link = Link(
        link_id=wish.link_id,
        contact_id=wish.contact_id,
        other_contact_id=wish.other_contact_id,
        relation=wish.relation,
        state=LinkState.REQUESTED,
        reason_code=wish.reason_code,
        linked_at=work.now,
        linked_by=wish.by,
        correlation_id=cause.correlation_id,
    )
    refuse_wrong_link(link, await work.links.live_of(ends))
    contacts = await work.links.contacts(ends)
    if len(contacts) < len(ends):
        raise LinkRefused("not_there", "Wait a moment if it has just been sent; an erased contact cannot be linked.")
    link.pairs = await _pairs(work, wish.pairs, contacts, link)
    if link.is_one_piece:
        _tell_primary(work, link, contacts, cause)
    else:
        _tell_peers(work, link, contacts, cause)
    await work.links.add(link, reason=wish.sealed_reason)
    await work.links.look_again(ends)
    return link


async def _pairs(
    work: LinkingWork, given: Mapping[UUID, UUID] | None, contacts: Mapping[UUID, LinkedContact], link: Link
) -> dict[UUID, UUID]:
    duplicate, primary = contacts[link.other_contact_id], contacts[link.contact_id]
    theirs, ours = ([one.subject_id for one in contact.told] for contact in (duplicate, primary))
    if given is None:
        people = await work.links.people([*theirs, *ours])
        return pairs_of(
            [people[one] for one in theirs if one in people], [people[one] for one in ours if one in people]
        )
    if not (set(given) <= set(theirs) and set(given.values()) <= set(ours)) or len(set(given.values())) < len(given):
        raise LinkRefused("wrong_pairs", "Name subjects of the other contact, each beside one subject of this one.")
    return dict(given)


async def carry_on(work: LinkingWork, link_id: UUID, *, root: UUID, again: bool = False) -> bool:
    """Says what is due of a link whose ends are locked; ``again``: no echo was heard of what was said last.

    ``root`` is the contact that the primary is itself a duplicate of, locked too, or the primary. False where nothing
    could be said: it is not due any more, or an end is not in the index yet.
    """
    link = await work.links.find(link_id)
    if link is None or (link.state is LinkState.REQUESTED and not await _may_follow(work, link, root)):
        return False
    contacts = await work.links.contacts((link.contact_id, link.other_contact_id))
    if {link.contact_id, link.other_contact_id} - set(contacts):
        return False
    step = link.next_step(contacts[link.other_contact_id].ratings)
    if step is Step.NOTHING and again and link.state in LIVE and not link.heard:
        if link.times_said == 1:
            await work.links.say_same_again(link)
            return True
        step = Step.TELL_PRIMARY
    await _say(work, link, contacts, step, again=again)
    return step is not Step.NOTHING


async def _say(
    work: LinkingWork, link: Link, contacts: Mapping[UUID, LinkedContact], step: Step, *, again: bool
) -> None:
    cause = Cause(id=uuid5(link.link_id, f"{step.value}|{link.version}"), correlation_id=link.correlation_id)
    if step is Step.TELL_PRIMARY:
        if link.version == 0:
            link.pairs = await _pairs(work, None, contacts, link)
            await work.links.look_again(contacts)
        _tell_primary(work, link, contacts, cause, again=again)
    elif step is Step.TELL_DUPLICATE:
        link.tell_duplicate()
        _announce(work, link, contacts, cause, to=link.other_contact_id)
    await work.links.keep([link], told=step is not Step.NOTHING)


async def _may_follow(work: LinkingWork, link: Link, root: UUID) -> bool:
    """A follow-up of what is itself a duplicate belongs to the same primary. What cannot be linked is only proposed."""
    link.contact_id = root
    live = await work.links.live_of((link.contact_id, link.other_contact_id))
    try:
        # One that is only requested itself will come to the same primary in its turn.
        refuse_wrong_link(link, [one for one in live if one.state is not LinkState.REQUESTED])
    except LinkRefused:
        link.state = LinkState.PROPOSED
        await work.links.keep([link], told=False)
        return False
    return True


def _tell_primary(
    work: LinkingWork, link: Link, contacts: Mapping[UUID, LinkedContact], cause: Cause, *, again: bool = False
) -> None:
    link.tell_primary(contacts[link.other_contact_id].ratings, again=again)
    _announce(work, link, contacts, cause, to=link.contact_id)


def _tell_peers(work: LinkingWork, link: Link, contacts: Mapping[UUID, LinkedContact], cause: Cause) -> None:
    link.tell_peers()
    for end in (link.contact_id, link.other_contact_id):
        _announce(work, link, contacts, cause, to=end)


def _announce(work: LinkingWork, link: Link, contacts: Mapping[UUID, LinkedContact], cause: Cause, *, to: UUID) -> None:
    said = linked(link, contacts, to=to)
    work.announce(said, contact_id=to, cause=cause, discriminator=f"{said.role}|{to}")


def linked(link: Link, contacts: Mapping[UUID, LinkedContact], *, to: UUID) -> ContactsLinked:
    """What is said of a link to one of its ends, as it stands now."""
    duplicate = contacts[link.other_contact_id]
    return ContactsLinked(
        contact=contacts[to].kept,
        link_id=link.link_id,
        link_version=link.version,
        relation=link.relation.value,
        role=role_of(link, to),
        other_contact_id=link.other_of(to),
        linked_at=link.linked_at,
        reason_code=link.reason_code,
        received_at=min(contact.kept.received_at for contact in contacts.values()),
        subjects=tuple(_linked_subject(told, duplicate, link) for told in duplicate.told) if link.is_one_piece else (),
        pairs=link.pairs,
    )


def _linked_subject(told: SubjectTold, duplicate: LinkedContact, link: Link) -> LinkedSubject:
    rating, routes = duplicate.ratings[str(told.subject_id)]
    return LinkedSubject(subject_id=link.pairs.get(told.subject_id), told=told, rating=rating, routes=routes)


def role_of(link: Link, contact_id: UUID) -> str:
    """What a contact is in a link: primary, duplicate or peer."""
    if not link.is_one_piece:
        return "peer"
    return "primary" if contact_id == link.contact_id else "duplicate"


async def unlink_contacts(
    work: LinkingWork, link: Link, *, by: str, reason_code: str, sealed_reason: bytes, cause: Cause
) -> None:
    """Takes two locked contacts apart and says so to both: the duplicate is worked on and watched again."""
    ends = (link.contact_id, link.other_contact_id)
    contacts = await work.links.contacts(ends)
    await work.links.unlink(link, by=by, reason_code=reason_code, reason=sealed_reason)
    for contact_id in contacts:
        _say_unlinked(work, link, contacts[contact_id], reason_code, cause)
    await work.links.look_again(contacts)


async def release_links(work: LinkingWork, contact_id: UUID, links: list[Link], cause: Cause) -> None:
    """A locked contact is to be erased: whatever was linked to it (locked too) stands alone again."""
    contacts = await work.links.contacts(link.other_of(contact_id) for link in links)
    for link in links:
        other = contacts.get(link.other_of(contact_id))
        if other is not None and link.version:
            _say_unlinked(work, link, other, ERASED, cause)
    await work.links.release(contact_id, links)


def _say_unlinked(work: LinkingWork, link: Link, contact: LinkedContact, reason_code: str, cause: Cause) -> None:
    data = ContactsUnlinked(
        contact=contact.kept,
        link_id=link.link_id,
        role=role_of(link, contact.contact_id),
        other_contact_id=link.other_of(contact.contact_id),
        unlinked_at=work.now,
        reason_code=reason_code,
    )
    work.announce(
        data, contact_id=contact.contact_id, cause=cause, discriminator=f"{link.link_id}|{contact.contact_id}"
    )
