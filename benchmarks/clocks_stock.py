"""A stock of pending clocks in the real tables, made by a handful of statements, and the moments at which they are due.

Everything is due relative to one moment of business time. Each window below has its own clocks; the others are due
over the 45 days that follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from shared.policy.loader import load_pack
from shared.service import ROOT

BEGINS_IN = timedelta(hours=2)
APART = timedelta(hours=1)
LEAD = timedelta(seconds=2)
REST_OF_THE_MONTH = timedelta(days=45)
LONGEST_FILL_SECONDS = 900
# One clock a contact: the contact is what is claimed, so that nothing is cheaper by being claimed together. Ids are
# spread over the whole range, as random ones are; two warnings have gone out, the breach is what is waited for.
_DUE = """
CREATE UNLOGGED TABLE pending AS
SELECT md5('contact ' || n)::uuid AS contact_id, md5('clock ' || n)::uuid AS id, md5('subject ' || n)::uuid AS subject,
       ($6::text[])[1 + n % cardinality($6::text[])] AS rating, (1 + n % cardinality($6::text[]))::smallint AS urgency,
       CASE WHEN n < $2::int * $3::int
            THEN $4::timestamptz + (n / $3::int) * $5::interval
                 + make_interval(secs => (n % $3::int)::float8 / $7::int)
            ELSE $4::timestamptz + $2::int * $5::interval + random() * $8::interval END AS due_at
FROM generate_series(0, $1::int - 1) AS n
"""
_STREAMS = "INSERT INTO contact_stream (contact_id) SELECT contact_id FROM pending"
_CONTACTS = """
INSERT INTO contacts (contact_id, reference, received_at, accepted_at, referrer_kind, has_address, by_owner,
 subject_ids, subjects, policy, rating, rating_version, stage, to_be_informed, live_clocks, urgency,
 next_due_at, next_fire_at, changed_at)
SELECT contact_id, left(contact_id::text, 8), due_at - $1::interval, due_at - $1::interval, 'professional', true, true,
 jsonb_build_array(subject), 1, $2::text, rating, 1, 'rated', true, 1, urgency, due_at,
 due_at + interval '1 microsecond', due_at - $1::interval
FROM pending
"""
_CLOCKS = """
INSERT INTO deadlines (id, contact_id, subject_id, kind, epoch, state, starts_at, due_at, steps, warned, basis,
 calendar, policy, rating, urgency, pages, watched, because, reason, set_at, correlation_id)
SELECT id, contact_id, subject, 'mash_decision', 1, 'running', due_at - $1::interval, due_at,
 jsonb_build_array(jsonb_build_array(0.5, to_char((due_at - $1::interval / 2) AT TIME ZONE 'UTC', $3::text)),
                   jsonb_build_array(0.8, to_char((due_at - $1::interval / 5) AT TIME ZONE 'UTC', $3::text))),
 2, 'working_days', 'england-and-wales@1', $2::text, rating, urgency, false, true, 'ContactReceived', 'set',
 due_at - $1::interval, id
FROM pending
"""
_ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'
_RAN_FOR = timedelta(days=400)
_LATENESS = """
SELECT extract(epoch FROM b.due_at - $1)::float8 AS due,
       extract(epoch FROM pg_xact_commit_timestamp(b.xmin) - (b.due_at - $3::interval))::float8 AS late
FROM breaches b WHERE b.due_at >= $1 AND b.due_at < $2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What was filled: ``windows`` of ``due`` clocks each, the first from ``begins`` on (business time)."""

    pending: int
    windows: int
    due: int
    begins: datetime

    def window(self, number: int) -> tuple[datetime, datetime]:
        """From when to when its clocks are due."""
        begins = self.begins + number * APART
        return begins, begins + APART


async def fill(database: asyncpg.Connection, *, pending: int, windows: int, rate: int, seconds: int) -> Stock:
    """Fills the empty tables. Of ``pending`` clocks ``rate`` a second are due in each window, for ``seconds``."""
    pack = load_pack(ROOT / "policies")
    ratings = [one.code for one in sorted(pack.ratings.values(), key=lambda one: one.rank)]
    begins = await database.fetchval("SELECT mash_now()") + BEGINS_IN
    due = rate * seconds
    if pending < windows * due:
        raise ValueError(f"{windows} windows of {due} clocks do not fit into {pending} pending ones")
    for statement, values in (
        (_DUE, (pending, windows, due, begins, APART, ratings, rate, REST_OF_THE_MONTH)),
        (_STREAMS, ()),
        (_CONTACTS, (_RAN_FOR, pack.ref)),
        (_CLOCKS, (_RAN_FOR, pack.ref, _ISO)),
    ):
        await database.execute(statement, *values, timeout=LONGEST_FILL_SECONDS)
    await database.execute("DROP TABLE pending")
    await database.execute("VACUUM ANALYZE", timeout=LONGEST_FILL_SECONDS)
    return Stock(pending=pending, windows=windows, due=due, begins=begins)


async def jump_to(database: asyncpg.Connection, moment: datetime) -> timedelta:
    """Sets business time to ``moment``, which runs on at the speed of real time; returns how far it now is ahead."""
    real = await database.fetchval(
        "UPDATE clock SET anchor_business = $1, anchor_real = clock_timestamp(), speed = 1 RETURNING anchor_real",
        moment,
    )
    return moment - real


async def lateness(
    database: asyncpg.Connection, stock: Stock, number: int, ahead: timedelta
) -> list[tuple[float, float]]:
    """For each clock of a window: seconds from its beginning to the due moment, and from there to the commit of the
    breach: nobody could hear of it before.
    """
    rows = await database.fetch(_LATENESS, *stock.window(number), ahead)
    return [(row["due"], row["late"]) for row in rows]
