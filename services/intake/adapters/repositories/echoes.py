"""The reconciler: contacts whose announcement was never answered by a rating are said again.

First the same event once more, in case the transport lost it; if there is still no echo, the contact's state as a
restatement, which is applied whatever was seen last.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from shared.contracts.envelope import Cause
from shared.contracts.intake import ContactReceived, ContactRestated
from shared.logging import get_logger
from shared.messaging.outbox import republish

from .contacts import IntakeUnitOfWork
from .linking import links_standing
from .looking import history_standing

log = get_logger()

PATIENCE_SECONDS = 60
MOST = 200

# Doubling patience: 1, 2, 4 … minutes, at most an hour, so that a long outage of triage does not flood it afterwards.
_UNANSWERED = text(
    "SELECT c.contact_id, c.times_said, l.value, l.headers FROM contacts c JOIN contact_stream s USING (contact_id)"
    " LEFT JOIN event_log l ON l.contact_id = c.contact_id AND l.sequence = 1"
    " WHERE c.rated_at IS NULL AND c.body IS NOT NULL"
    " AND c.last_said_at < now() - make_interval(secs => least(3600, :patience * 2 ^ (c.times_said - 1)))"
    # Both rows without waiting: a worker locks the stream first and then the contact.
    " ORDER BY c.last_said_at LIMIT :most FOR UPDATE OF c, s SKIP LOCKED"
)
_SAID = text(
    "UPDATE contacts SET times_said = times_said + 1, last_said_at = now() WHERE contact_id = ANY(CAST(:ids AS uuid[]))"
)


async def say_again(open_work: Callable[[], IntakeUnitOfWork], *, patience_seconds: float = PATIENCE_SECONDS) -> bool:
    """One round; True where there may be more."""
    async with open_work() as work:
        parameters = {"patience": patience_seconds, "most": MOST}
        rows = (await work.connection.execute(_UNANSWERED, parameters)).all()
        if not rows:
            return False
        await work.lock(row.contact_id for row in rows)
        for row in rows:
            if row.times_said == 1:
                await republish(work.connection, row.contact_id)
            else:
                await _restate(work, row)
        await work.connection.execute(_SAID, {"ids": [row.contact_id for row in rows]})
        await work.commit()
    log.warning("contacts without a rating said again", count=len(rows))
    return len(rows) == MOST


async def _restate(work: IntakeUnitOfWork, row: Any) -> None:
    contact_id: UUID = row.contact_id
    if row.value is None:
        log.error("an unrated contact is older than the event log", contact_id=str(contact_id))
        return
    told = ContactReceived.model_validate_json(bytes(row.value), extra="ignore")
    headers = dict(json.loads(row.headers) if isinstance(row.headers, str) else row.headers)
    cause = Cause(id=uuid5(contact_id, f"restated|{row.times_said}"), correlation_id=UUID(headers["ce_correlationid"]))
    restated = ContactRestated(
        **told.model_dump(),
        history=await history_standing(work.connection, contact_id, told.contact),
        links=await links_standing(work.links, contact_id),
    )
    work.announce(restated, contact_id=contact_id, cause=cause, discriminator=str(row.times_said))
