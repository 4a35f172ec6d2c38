"""The reconciler: contacts whose announcement was never answered by a rating are said again.

First the same event once more, in case the transport lost it; if there is still no echo, the contact's state as a
restatement, which is applied whatever was seen last. What we have said of the contact is its state: the restatement is
folded from the log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID, uuid5

from sqlalchemy import text

from shared.contracts.envelope import Cause, EventData, read_event
from shared.contracts.intake import (
    ContactReceived,
    ContactRestated,
    ContactsLinked,
    DecisionChallenged,
    HistoryFound,
    InformationAdded,
    WithdrawalRequested,
)
from shared.contracts.topics import EVENTS
from shared.logging import get_logger
from shared.messaging.outbox import headers_from, republish

from .contacts import IntakeUnitOfWork
from .linking import links_standing
from .looking import history_standing

log = get_logger()

PATIENCE_SECONDS = 60
MOST = 200

# Doubling patience: 1, 2, 4 … minutes, at most an hour, so that a long outage of triage does not flood it afterwards.
# The power is bounded too: one contact that nobody ever rates must not overflow it, and stop the round for all others.
_UNANSWERED = text(
    "SELECT c.contact_id, c.times_said FROM contacts c JOIN contact_stream s USING (contact_id)"
    " WHERE c.rated_at IS NULL AND c.body IS NOT NULL"
    " AND c.last_said_at < now() - make_interval(secs => least(3600, :patience * 2 ^ least(c.times_said - 1, 12)))"
    # Both rows without waiting: a worker locks the stream first and then the contact.
    " ORDER BY c.last_said_at LIMIT :most FOR UPDATE OF c, s SKIP LOCKED"
)
_LOG = text("SELECT headers, value FROM event_log WHERE contact_id = :contact_id ORDER BY sequence")
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
                await _restate(work, row.contact_id, row.times_said)
        await work.connection.execute(_SAID, {"ids": [row.contact_id for row in rows]})
        await work.commit()
    log.warning("contacts without a rating said again", count=len(rows))
    return len(rows) == MOST


async def _restate(work: IntakeUnitOfWork, contact_id: UUID, times_said: int) -> None:
    rows = (await work.connection.execute(_LOG, {"contact_id": contact_id})).all()
    said = [read_event(headers_from(row.headers), bytes(row.value), EVENTS) for row in rows]
    first = next(iter(said), None)
    if first is None or type(first.data) is not ContactReceived:
        log.error("an unrated contact is older than the event log", contact_id=str(contact_id))
        return
    cause = Cause(id=uuid5(contact_id, f"restated|{times_said}"), correlation_id=first.correlation_id)
    restated = restated_from(
        first.data,
        [event.data for event in said[1:]],
        history=await history_standing(work.connection, contact_id, first.data.contact),
        links=await links_standing(work.links, contact_id),
    )
    work.announce(restated, contact_id=contact_id, cause=cause, discriminator=str(times_said))


def restated_from(
    received: ContactReceived,
    later: Sequence[EventData],
    *,
    history: HistoryFound | None = None,
    links: tuple[ContactsLinked, ...] = (),
) -> ContactRestated:
    """The contact as it stands after all that was said of it later, oldest first."""
    added = [data for data in later if isinstance(data, InformationAdded)]
    return ContactRestated.model_validate(
        received.model_dump()
        | {
            "subjects": added[-1].subjects if added else received.subjects,
            "withdrawals": tuple(data for data in later if isinstance(data, WithdrawalRequested)),
            "challenges": tuple(data for data in later if isinstance(data, DecisionChallenged)),
            "history": history,
            "links": links,
        }
    )
