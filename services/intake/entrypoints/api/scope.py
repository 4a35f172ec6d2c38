"""Whose contacts a caller may see, and the row that says what was shown to whom."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request

from services.intake.adapters import queries
from services.intake.bootstrap import Intake
from shared.web import Caller, Problem, not_found, note_look


def own(caller: Caller) -> str | None:
    """The organisation a caller is confined to; None for staff. Raises Problem 403 for a partner without one."""
    if caller.kind != "partner":
        return None
    if caller.organisation is None:
        raise Problem(403, "no_organisation", detail="The token names no organisation.")
    return caller.organisation


async def read_one(
    intake: Intake, contact_id: UUID, request: Request, caller: Caller, action: str
) -> queries.KeptContact:
    """One contact that the caller may read, audited. Raises Problem 404, audited too, for a foreign or unknown one."""
    async with intake.work() as work:
        masters = intake.platform.database.master_keys
        found = await queries.read_contacts(work.connection, [contact_id], organisation=own(caller), masters=masters)
        shown = bool(found) and found[0].told is not None
        await note_look(
            work, request, caller, action=action, contact_ids=[contact_id], outcome="shown" if shown else "refused"
        )
        await work.commit()
    if not shown:
        raise not_found()
    return found[0]
