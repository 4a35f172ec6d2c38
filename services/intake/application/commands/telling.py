"""What is told of a contact after its first telling: more information, that it be taken back, that a decision is wrong.

None of them changes what was told before, nor a rating, a clock or a stage: they are said, and triage acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.application.ports import IntakeWork
from services.intake.domain.model.contact import ContactTold
from services.intake.domain.model.standing import Addition, Standing, with_addition
from services.intake.domain.model.telling import NamedSubject
from shared.contracts.envelope import Cause
from shared.contracts.intake import DecisionChallenged, InformationAdded, WithdrawalRequested
from shared.contracts.parts import ContactKept
from shared.security.encryption import BlindIndex

from .speaking import child_id_of, contact_kept, subject_told


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The locked contact that is spoken of: how it was told, and its subjects as they have been announced."""

    contact_id: UUID
    organisation: str | None
    received_at: datetime
    accepted_at: datetime
    told: ContactTold
    named: tuple[NamedSubject, ...]

    @property
    def contact(self) -> ContactKept:
        """What every event about it repeats."""
        return contact_kept(
            self.told,
            contact_id=self.contact_id,
            organisation=self.organisation,
            received_at=self.received_at,
            accepted_at=self.accepted_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """More about a contact. ``body`` is what was sent; ``in_words`` says that a person must read it."""

    information_id: UUID
    addition: Addition
    given_by: str
    in_words: bool
    answers_request: UUID | None
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The referrer would take the contact back."""

    withdrawal_id: UUID
    reason_code: str
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The referrer disagrees with what was decided about these subjects."""

    challenge_id: UUID
    ground: str
    words: str
    subject_ids: tuple[UUID, ...]


def add_information(
    work: IntakeWork,
    about: About,
    before: Standing,
    information: Information,
    *,
    index: BlindIndex,
    random_child_ids: Sequence[bytes],
    cause: Cause,
) -> tuple[NamedSubject, ...]:
    """Keeps the addition and says what is known of every subject now; returns the subjects as they are named now.

    ``random_child_ids`` has octets for every subject that may be new.
    """
    now = with_addition(before, information.addition)
    known = [one.child_id for one in about.named] + list(random_child_ids)
    named = tuple(
        NamedSubject(
            subject_id=subject.subject_id,
            position=subject.position,
            kind=subject.kind,
            child_id=child_id_of(subject, index, else_=known[subject.position - 1]),
        )
        for subject in now.subjects
    )
    work.tellings.keep_information(about.contact_id, information, named=named, at=work.now)
    work.announce(
        _information_added(about, now, named, information, at=work.now), contact_id=about.contact_id, cause=cause
    )
    return named


def _information_added(
    about: About, now: Standing, named: Sequence[NamedSubject], information: Information, *, at: datetime
) -> InformationAdded:
    incident = (about.told.incident_at or about.received_at).date()
    receipt = about.received_at.date()
    return InformationAdded(
        contact=about.contact,
        information_id=information.information_id,
        added_at=at,
        given_by=information.given_by,
        in_words=information.in_words,
        subjects=tuple(
            subject_told(subject, one.child_id, incident=incident, receipt=receipt)
            for subject, one in zip(now.subjects, named, strict=True)
        ),
        answers_request=information.answers_request,
    )


def request_withdrawal(work: IntakeWork, about: About, withdrawal: Withdrawal, *, cause: Cause) -> None:
    """Keeps and says that the referrer would take it back. It changes nothing else."""
    work.tellings.keep_withdrawal(about.contact_id, withdrawal, at=work.now)
    data = WithdrawalRequested(
        contact=about.contact,
        withdrawal_id=withdrawal.withdrawal_id,
        requested_at=work.now,
        reason_code=withdrawal.reason_code,
    )
    work.announce(data, contact_id=about.contact_id, cause=cause)


def challenge_decision(work: IntakeWork, about: About, challenge: Challenge, *, cause: Cause) -> None:
    """Keeps and says that the referrer disagrees: a manager who did not decide must answer."""
    work.tellings.keep_challenge(about.contact_id, challenge, at=work.now)
    data = DecisionChallenged(
        contact=about.contact,
        challenge_id=challenge.challenge_id,
        challenged_at=work.now,
        reason_code=challenge.ground,
        subject_ids=challenge.subject_ids,
    )
    work.announce(data, contact_id=about.contact_id, cause=cause)
