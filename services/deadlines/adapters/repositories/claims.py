"""How contacts are claimed, by what is to be done with them; what somebody else holds just now waits for the next look.

Whoever changes a contact holds its contact_stream row; each of these takes that row or leads to those who will.
"""

from __future__ import annotations

import sqlalchemy as sa

from shared.messaging.streams import STREAM_COLUMNS

CLAIM = sa.text(
    "SELECT due.* FROM generate_series(CAST(:most_urgent AS int), 0, -1) AS of(urgency),"
    f" LATERAL (SELECT {STREAM_COLUMNS} FROM contacts c JOIN contact_stream s USING (contact_id)"
    " LEFT JOIN contact_keys k USING (contact_id) WHERE c.urgency = of.urgency AND c.next_fire_at <= mash_now()"
    # Who counts by a calendar that is no longer in force is counted anew first: the due time may have moved.
    " AND NOT EXISTS (SELECT FROM calendars v WHERE v.calendar = split_part(c.calendar, '@', 1)"
    " AND v.version > NULLIF(split_part(c.calendar, '@', 2), '')::int"
    " AND v.state = 'approved' AND v.effective_from <= mash_now())"
    " ORDER BY c.next_fire_at LIMIT :most FOR UPDATE OF s SKIP LOCKED) AS due LIMIT :most"
)
OUTDATED = sa.text(
    "SELECT c.contact_id FROM contacts c JOIN contact_stream s USING (contact_id)"
    " WHERE c.calendar = ANY(CAST(:outdated AS text[])) AND c.live_clocks > 0"
    " ORDER BY c.contact_id LIMIT :most FOR UPDATE OF s SKIP LOCKED"
)
GIVEN_UP = sa.text(
    # From the few dropped rows to their contacts: an index leads from there to what was heard.
    "SELECT DISTINCT p.contact_id, p.event_id FROM parked p JOIN occurrences o USING (contact_id)"
    " WHERE p.state = 'dropped' AND p.event_id IS NOT NULL AND o.event = :parked AND o.voided_at IS NULL"
    " ORDER BY p.contact_id, p.event_id"
)
_WATCHED_OTHERWISE = (
    "(d.state = 'running' AND d.watched AND concat(c.policy, '|', d.kind) = ANY(CAST(:unwatched AS text[]))"
    # What was not watched when it was due stays so: nobody could have seen it met in time.
    " OR d.state = 'not_watched' AND d.due_at >= :now"
    " AND concat(c.policy, '|', d.kind) = ANY(CAST(:watched AS text[])))"
)
SWITCHED = sa.text(
    "SELECT DISTINCT d.contact_id FROM deadlines d JOIN contacts c USING (contact_id)"
    f" WHERE d.kind = ANY(CAST(:kinds AS text[])) AND {_WATCHED_OTHERWISE} LIMIT :most"
)
STILL_SWITCHED = sa.text(
    "SELECT c.contact_id FROM contacts c JOIN contact_stream s USING (contact_id)"
    " WHERE c.contact_id = ANY(CAST(:ids AS uuid[])) AND EXISTS"
    f" (SELECT FROM deadlines d WHERE d.contact_id = c.contact_id AND {_WATCHED_OTHERWISE})"
    " ORDER BY c.contact_id FOR UPDATE OF s SKIP LOCKED"
)
MOST_URGENT = 9
"""The greatest urgency there is (see Rulebook.urgency)."""
