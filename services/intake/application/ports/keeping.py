"""What intake keeps of a contact: what others say of it, and what is told of it later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from services.intake.domain.model.stages import Move
from services.intake.domain.model.telling import NamedSubject

if TYPE_CHECKING:
    from services.intake.application.commands.telling import Challenge, Information, Withdrawal


class Contacts(Protocol):
    """The contacts locked by this unit of work."""

    def heard(
        self,
        contact_id: UUID,
        *,
        event_id: UUID,
        what: str,
        at: datetime,
        move: Move | None = None,
        about: UUID | None = None,
        codes: Sequence[str] = (),
    ) -> None:
        """Notes once, under ``event_id``, what another service said of a contact, and moves its stage by ``move``.

        ``about`` is the request or challenge it speaks of, ``codes`` the pack's words for it.
        """
        ...

    def rated(self, contact_id: UUID, at: datetime) -> None:
        """The echo of our announcement: triage has rated the contact."""
        ...


class OutcomesPort(Protocol):
    """What triage says of the locked contacts' subjects, kept for the history of later contacts."""

    def rated(self, contact_id: UUID, subject_id: UUID, rating: str, routes: tuple[str, ...]) -> None:
        """The subject's rating and routes, the last one heard."""
        ...

    def decided(self, contact_id: UUID, subject_id: UUID, outcome: str, *, referral: bool, at: datetime) -> None:
        """The subject's decision in force."""
        ...

    def assessed(self, contact_id: UUID, subject_id: UUID, at: datetime) -> None:
        """Its assessment was completed."""
        ...

    def closed(self, contact_id: UUID, at: datetime | None, reason: str | None) -> None:
        """The contact is closed; None: it is open again."""
        ...

    def took_in(self, contact_id: UUID, link_ids: Sequence[UUID], versions: Mapping[UUID, int]) -> None:
        """The contact's rating has taken in the duplicates of these links, as of these versions of the link."""
        ...


class Tellings(Protocol):
    """What was told of the locked contacts after their first telling."""

    def keep_information(
        self, contact_id: UUID, information: Information, *, named: Sequence[NamedSubject], at: datetime
    ) -> None:
        """Keeps an addition, sealed, and the subjects as they are named after it."""
        ...

    def keep_withdrawal(self, contact_id: UUID, withdrawal: Withdrawal, *, at: datetime) -> None:
        """Keeps a withdrawal, its words sealed."""
        ...

    def keep_challenge(self, contact_id: UUID, challenge: Challenge, *, at: datetime) -> None:
        """Keeps a challenge, its words sealed."""
        ...
