"""What intake says."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from .envelope import EventData, Moment, Part
from .parts import Age, ContactKept, SubjectRef


class SubjectTold(SubjectRef):
    """A subject as the referrer told of them.

    ``facts`` has every answered fact by its name in the policy's closed list of facts, indicators under their codes in
    ``indicators``; ``unrecognised`` counts, by field, the values nobody recognised (the values stay in intake).
    """

    child_id: str | None
    age_at_incident: Age
    age_at_receipt: Age
    facts: dict[str, str | int]
    indicators: dict[str, str]
    unrecognised: dict[str, int] = Field(default_factory=dict[str, int])
    consent: str
    open_case: str


class ContactReceived(EventData):
    """Somebody told the front door of a worry. ``received_at`` is where the clocks start; ``accepted_at`` is when this
    contact was stored.
    """

    producer: ClassVar[str] = "intake"

    contact: ContactKept
    incident_at: Moment | None
    channel: str
    sender_grade: str | None
    subjects: tuple[SubjectTold, ...]
    follows: UUID | None = None


class InformationAdded(EventData):
    """Somebody told us more about a contact. ``subjects`` is what is known of every subject now, the new included.

    ``given_by`` says who: referrer, staff or partner. ``in_words`` is true where a person must read what was written;
    the words stay in intake. ``answers_request`` names the InformationRequested that this answers.
    """

    producer: ClassVar[str] = "intake"

    contact: ContactKept
    information_id: UUID
    added_at: Moment
    given_by: str
    in_words: bool
    subjects: tuple[SubjectTold, ...]
    answers_request: UUID | None = None


class WithdrawalRequested(EventData):
    """The referrer would take it back. That is information: it changes no rating, clock or stage by itself."""

    producer: ClassVar[str] = "intake"

    contact: ContactKept
    withdrawal_id: UUID
    requested_at: Moment
    reason_code: str


class DecisionChallenged(EventData):
    """The referrer disagrees: a manager who did not decide must answer. ``subject_ids`` are those it is about."""

    producer: ClassVar[str] = "intake"

    contact: ContactKept
    challenge_id: UUID
    challenged_at: Moment
    reason_code: str
    subject_ids: tuple[UUID, ...]


class HistoryCounts(Part):
    """What is known of earlier contacts about one subject, the three measures of "again" kept apart.

    ``repeat_contacts_12_months`` counts contacts in 12 months, this one included; ``referrals_12_months`` earlier
    referrals (re-referral, DfE); ``assessments_closed_12_months`` closure assessments within a year (local M6).
    ``agencies_7_days`` counts different organisations, this contact's included; ``same_home_12_months`` other contacts
    about the same home.
    """

    repeat_contacts_12_months: int
    referrals_12_months: int
    assessments_closed_12_months: int
    no_further_action_12_months: int
    closed_6_months: int
    greens_3_months: int
    agencies_7_days: int
    same_home_12_months: int


class Relative(Part):
    """Another contact's subject, and what they are to this one: same_child, sibling, household, same_home.

    ``certainty`` is confirmed (the same identifiers, or a person said so) or probable (a proposal for a person).
    """

    contact_id: UUID
    subject_id: UUID
    relation: str
    certainty: str


class SubjectHistory(Part):
    """One subject's history. ``probable`` counts what is confirmed and what is only proposed together."""

    subject_id: UUID
    child_id: str | None
    confirmed: HistoryCounts
    probable: HistoryCounts
    related: tuple[Relative, ...]


class HistoryFound(EventData):
    """What we knew already of the contact's subjects. ``history_version`` counts from 1; each is the full state."""

    producer: ClassVar[str] = "intake"

    contact: ContactKept
    history_version: int
    found_at: Moment
    subjects: tuple[SubjectHistory, ...]


class LinkedSubject(Part):
    """A subject of the duplicate beside the one it is in the primary (None: nobody named there).

    ``rating`` and ``routes`` are what intake last heard of the duplicate's rating.
    """

    subject_id: UUID | None
    told: SubjectTold
    rating: str | None
    routes: tuple[str, ...]


class ContactsLinked(EventData):
    """A person has said that two contacts belong together; said once on each of them, first on the primary.

    ``relation``: duplicate or follow_up (one piece of work, done on the primary) or related (only shown). ``role`` is
    what this contact is in it: primary, duplicate or peer. ``link_version`` counts how often this was said: again when
    the duplicate is rated higher. ``received_at`` is the earlier of both receipts. ``pairs`` maps the duplicate's
    subjects to the primary's.
    """

    producer: ClassVar[str] = "intake"

    contact: ContactKept
    link_id: UUID
    link_version: int
    relation: str
    role: str
    other_contact_id: UUID
    linked_at: Moment
    reason_code: str
    received_at: Moment
    subjects: tuple[LinkedSubject, ...]
    pairs: dict[UUID, UUID]


class ContactsUnlinked(EventData):
    """A person has said that two contacts do not belong together: the duplicate is worked on and watched again."""

    producer: ClassVar[str] = "intake"

    contact: ContactKept
    link_id: UUID
    role: str
    other_contact_id: UUID
    unlinked_at: Moment
    reason_code: str


class ContactRestated(ContactReceived):
    """The contact's full current state said anew, because no echo of its first announcement was heard."""

    restates: ClassVar[bool] = True

    withdrawals: tuple[WithdrawalRequested, ...] = ()
    challenges: tuple[DecisionChallenged, ...] = ()
    history: HistoryFound | None = None
    links: tuple[ContactsLinked, ...] = ()


class ContactErased(EventData):
    """The contact is to be forgotten: every service deletes its key, indexes, facts and event copies.

    Applied whatever was seen last, like a restatement: what a service has missed must not keep it from forgetting.
    """

    producer: ClassVar[str] = "intake"
    restates: ClassVar[bool] = True

    reason_code: str
