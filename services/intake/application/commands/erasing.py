"""Forgetting a contact, here and everywhere."""

from __future__ import annotations

from uuid import UUID

from services.intake.application.ports import IntakeWork
from shared.contracts.envelope import Cause
from shared.contracts.intake import ContactErased


async def erase_contact(work: IntakeWork, contact_id: UUID, *, reason_code: str, cause: Cause) -> None:
    """Forgets a locked contact here, and tells everybody to. What was said before stays said; nothing more follows."""
    await work.forget(contact_id)
    work.announce(ContactErased(reason_code=reason_code), contact_id=contact_id, cause=cause)
