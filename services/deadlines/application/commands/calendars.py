"""A new version of the calendar: proposed with the list of what it would move, approved, and then counted by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import uuid5

from services.deadlines.application.handlers.events import settle
from services.deadlines.application.ports import CalendarWork, CountingWork
from services.deadlines.domain.model.calendar import (
    CalendarChange,
    CalendarState,
    CalendarVersion,
    changed,
    first_difference,
    in_force,
)
from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.working_time import CalendarEnds
from services.deadlines.domain.policy.counting import count
from services.deadlines.domain.policy.moving import Difference, Move, differences, fingerprint, moves
from shared.contracts.envelope import Cause


class ProposalOpen(Exception):
    """Another proposal for this calendar is open: it is settled first."""

    code = "proposal_open"


class NoSuchVersion(Exception):
    """No version of that name is here."""


class ListChanged(Exception):
    """The deadlines that would move are not those that were shown any more."""

    def __init__(self, proposal: Proposal, changes: Sequence[Difference]) -> None:
        super().__init__("the list has changed")
        self.proposal, self.changes = proposal, changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A version and what it would move, or has moved; ``seen`` is what its approval must name."""

    version: CalendarVersion
    moves: Sequence[Move]
    seen: str


async def propose_calendar(work: CalendarWork, calendar: str, change: CalendarChange, *, by: str) -> Proposal:
    """The next version. Raises NoSuchVersion, ProposalOpen, ProposalRefused."""
    versions = await work.calendars.newest(calendar, locked=True)
    approved = [one for one in versions if one.state is CalendarState.APPROVED]
    if not approved:
        raise NoSuchVersion
    if any(one.state is CalendarState.PROPOSED for one in versions):
        raise ProposalOpen
    version = changed(approved[0], change, version=versions[0].version + 1, by=by, at=work.now)
    await work.calendars.save(version)
    return await show_proposal(work, version)


async def show_proposal(work: CalendarWork, version: CalendarVersion) -> Proposal:
    """What it would move now, kept as what was shown; of a settled version what it was last shown to move."""
    if version.state is CalendarState.PROPOSED:
        listed = await would_move(work, version)
        await work.calendars.keep_list(version, listed)
    else:
        listed = await work.calendars.list_of(version)
    return Proposal(version=version, moves=listed, seen=fingerprint(version, listed))


async def approve_calendar(work: CalendarWork, calendar: str, number: int, *, by: str, seen: str) -> Proposal:
    """Approved by another person, who has seen this very list. Whatever counts by the version before is then brought
    to it by every worker's own loop.

    Raises NoSuchVersion, NotProposed, OwnProposal; ListChanged with the list as it is now, which is kept as shown.
    """
    version = await named(work, calendar, number, locked=True)
    approved = version.approved(by, work.now)
    shown = await work.calendars.list_of(version)
    proposal = await show_proposal(work, version)
    if proposal.seen != seen:
        raise ListChanged(proposal, differences(shown, proposal.moves))
    await work.calendars.save(approved)
    return Proposal(version=approved, moves=proposal.moves, seen=seen)


async def end_proposal(work: CalendarWork, calendar: str, number: int, *, by: str) -> Proposal:
    """Withdrawn by who proposed it, or rejected. Raises NoSuchVersion, NotProposed."""
    ended = (await named(work, calendar, number, locked=True)).ended(by, work.now)
    await work.calendars.save(ended)
    return await show_proposal(work, ended)


async def named(work: CalendarWork, calendar: str, number: int, *, locked: bool = False) -> CalendarVersion:
    """The version. Raises NoSuchVersion."""
    versions = await work.calendars.newest(calendar, locked=locked)
    found = next((one for one in versions if one.version == number), None)
    if found is None:
        raise NoSuchVersion
    return found


async def would_move(work: CalendarWork, version: CalendarVersion) -> list[Move]:
    """Every running deadline that the version gives another due time than it has now, next due first; none that is due
    before the version counts, for that is met or missed by then.
    """
    versions = await work.calendars.newest(version.calendar)
    before = in_force(versions, work.now) or next(one for one in versions if one.state is CalendarState.APPROVED)
    from_day = datetime.combine(first_difference(before, version), time(), UTC)
    clocks = await work.calendars.running(due_from=from_day, now=max(work.now, version.effective_from))
    holidays = version.holidays()
    rulebooks = {policy: work.rulebooks.by(policy, holidays) for policy in {clock.policy for clock in clocks}}
    return moves(clocks, {policy: rulebook for policy, rulebook in rulebooks.items() if rulebook is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many contacts were brought to the calendar, and of how many a clock lies past its end."""

    contacts: int
    past_the_end: int


async def count_anew(work: CountingWork, *, most: int) -> Counted:
    """Brings up to ``most`` contacts to the calendar in force.

    Who needs it is asked of the contacts themselves, each of which knows its version: so a crash in between, or a
    transaction that began before the approval and ended after it, leaves nobody behind.
    """
    claimed, ends = await work.claim_outdated(most), 0
    for contact in claimed:
        calendar = work.rulebooks.of(contact.policy).calendar.ref
        cause = uuid5(contact.contact_id, f"calendar|{calendar}")
        try:
            settle(work, contact, Cause(id=cause, correlation_id=cause))
            _count_tally_anew(work, contact)
        except CalendarEnds:  # its clocks and tally stay as they are; one contact must not stop everybody's
            ends += 1
    return Counted(contacts=len(claimed), past_the_end=ends)


def _count_tally_anew(work: CountingWork, contact: Contact) -> None:
    """What the measures say is due by the calendar. Raises CalendarEnds here, not when everybody's is written."""
    tally, active = work.tallies.get(contact.contact_id), work.rulebooks.active
    tally.closed, tally.linked = contact.closed_at is not None, contact.linked_at is not None
    list(count(tally, active.pack, active.calendar))
    tally.count_anew()
