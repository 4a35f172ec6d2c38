"""Intake says all of it anew: what was missed is taken in, what is there already changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.policy.model import Pack

from .case import Case
from .challenging import hear_challenge
from .heard import Challenge, History, Link, Role, Withdrawal
from .learning import hear_withdrawal, take_history
from .linking import Paired, hear_link, hear_unlinked, take_in_duplicate
from .rating import settle, take_in
from .records import Signed
from .told import Contact, ToldSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTold:
    """A link as intake tells of it. ``contact`` is this one's, with the earlier of both receipts."""

    link: Link
    contact: Contact
    paired: tuple[Paired, ...]

    @property
    def leads(self) -> bool:
        """Is this contact the one that is worked on?"""
        return self.link.role == Role.PRIMARY


@dataclass(frozen=True, slots=True, kw_only=True)
class AllTold:
    """Everything that intake knows of a contact."""

    contact: Contact
    subjects: tuple[ToldSubject, ...]
    history: Mapping[UUID, History]
    withdrawals: tuple[Withdrawal, ...]
    challenges: tuple[Challenge, ...]
    links: tuple[LinkTold, ...]
    at: datetime

    @property
    def leads(self) -> bool:
        """Is it the primary of any link? Then its rating is the echo that intake waits for."""
        return any(one.leads for one in self.links)


def hear_all_anew(case: Case, told: AllTold, pack: Pack, signed: Signed) -> bool:
    """Takes in all of it by its own ids. True where there is a rating to announce."""
    risen = take_in(case, told.contact, told.subjects, pack, signed)
    risen = take_history(case, told.history, pack, signed) or risen
    for withdrawal in told.withdrawals:
        hear_withdrawal(case, withdrawal, signed)
    for challenge in told.challenges:
        hear_challenge(case, challenge, signed)
    risen = _take_in_links(case, told, pack, signed) or risen
    if risen or told.leads:
        settle(case, pack, signed, because="linked" if told.leads else "told", news=risen)
    return risen or told.leads


def _take_in_links(case: Case, told: AllTold, pack: Pack, signed: Signed) -> bool:
    risen = False
    for one in told.links:
        hear_link(case, one.link, signed)
        if one.leads:
            risen = take_in_duplicate(case, one.contact, one.paired, pack, signed) or risen
    named = {one.link.link_id for one in told.links}
    for link_id in [link_id for link_id in case.heard.links if link_id not in named]:
        # It is all that holds: what it no longer names was unlinked, and we missed that.
        hear_unlinked(case, link_id, at=told.at, reason_code="restated", signed=signed)
    return risen
