"""The statements of webhook deliveries. Which states a statement takes comes from the model's moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from services.notify.domain.model.webhook import WebhookState
from services.notify.domain.model.webhook_delivery import DELIVERY_MOVES, DeliveryMove, DeliveryState


def _states(states: Mapping[DeliveryState, DeliveryState]) -> str:
    return "(" + ", ".join(f"'{state.value}'" for state in states) + ")"


_UNTRIED: Final = f"('{DeliveryState.WAITING}', '{DeliveryState.LEASED}')"

DUE = sa.text(
    f"""
    SELECT w.id FROM webhooks w
    JOIN LATERAL (
        SELECT d.due_at FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.due_at <= :now
        ORDER BY d.due_at LIMIT 1
    ) AS first ON true
    WHERE w.state = '{WebhookState.ACTIVE}' AND NOT w.id = ANY(CAST(:besides AS uuid[]))
    ORDER BY first.due_at LIMIT :most
    """
)

TAKE = sa.text(
    f"""
    SELECT d.*, e.kind, e.occurred_at, e.reference, e.about, e.correlation_id, e.traceparent
    FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id
    WHERE d.webhook_id = :webhook_id AND d.due_at <= :now AND d.state IN {_states(DELIVERY_MOVES[DeliveryMove.LEASE])}
    AND NOT EXISTS (
        SELECT 1 FROM webhook_deliveries earlier
        WHERE earlier.contact_id = d.contact_id AND earlier.webhook_id = d.webhook_id
        AND earlier.sequence < d.sequence AND earlier.state IN {_UNTRIED}
    )
    ORDER BY d.due_at, d.sequence LIMIT :most FOR UPDATE OF d SKIP LOCKED
    """
)
"""Of one contact an event goes out when those before it were accepted, given up, or tried and are to be tried again:
in order where the receiver answers, and one that it does not take holds up no other.
"""

DELAY = sa.text(
    "UPDATE webhook_deliveries SET due_at = :until WHERE webhook_id = :webhook_id AND due_at <= :now"
    f" AND state IN {_states(DELIVERY_MOVES[DeliveryMove.DELAY])}"
)

END_ATTEMPT = sa.text(
    "UPDATE webhook_attempts SET ended_at = :at, outcome = :outcome, code = :code"
    " WHERE event_id = :event_id AND webhook_id = :webhook_id AND number = :number"
)

ADD = (
    sa.text(
        "INSERT INTO webhook_events (id, organisation, kind, sequence, occurred_at, made_at, about)"
        " VALUES (:id, :organisation, :kind, 0, :at, :now, CAST(:about AS jsonb)) ON CONFLICT DO NOTHING"
    ),
    sa.text(
        "INSERT INTO webhook_deliveries (event_id, webhook_id, sequence, state, attempts, armed_at, due_at)"
        f" VALUES (:id, :webhook_id, 0, '{DeliveryState.WAITING}', 0, :now, :now) ON CONFLICT DO NOTHING"
    ),
)

REPLAY = sa.text(
    f"""
    WITH wanted AS (
        SELECT e.id, e.contact_id, e.sequence, e.made_at FROM webhook_events e
        WHERE e.organisation = :organisation AND e.made_at >= :since AND e.kind = ANY(CAST(:kinds AS text[]))
        ORDER BY e.made_at, e.id LIMIT :most + 1
    ), batch AS (
        SELECT * FROM wanted ORDER BY made_at, id LIMIT :most
    ), sent AS (
        INSERT INTO webhook_deliveries (event_id, webhook_id, contact_id, sequence, state, attempts, armed_at, due_at)
        SELECT id, :webhook_id, contact_id, sequence, '{DeliveryState.WAITING}', 0, :now, :now FROM batch
        ON CONFLICT (event_id, webhook_id) DO UPDATE
        SET state = excluded.state, armed_at = :now, due_at = :now, settled_at = NULL, reason = NULL
        WHERE webhook_deliveries.state IN {_states(DELIVERY_MOVES[DeliveryMove.REPLAY])}
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM sent) AS replayed,
        CASE WHEN (SELECT count(*) FROM wanted) > :most THEN (SELECT max(made_at) FROM wanted) END AS more
    """
)

GIVE_UP = sa.text(
    f"""
    UPDATE webhook_deliveries SET state = '{DeliveryState.GIVEN_UP}', settled_at = :now, due_at = NULL,
        lease_token = NULL, reason = coalesce(reason, 'not_accepted')
    WHERE (event_id, webhook_id) IN (
        SELECT event_id, webhook_id FROM webhook_deliveries
        WHERE armed_at <= :before AND due_at IS NOT NULL AND state IN {_states(DELIVERY_MOVES[DeliveryMove.GIVE_UP])}
        AND (state <> '{DeliveryState.LEASED}' OR due_at <= :now)
        ORDER BY armed_at LIMIT :most FOR UPDATE SKIP LOCKED
    )
    """
)

PRUNE = (
    sa.text("DELETE FROM webhook_attempts WHERE started_at <= :before"),
    sa.text(
        "DELETE FROM webhook_deliveries d USING webhook_events e"
        " WHERE e.id = d.event_id AND e.made_at <= :before AND d.due_at IS NULL"
    ),
    sa.text(
        "DELETE FROM webhook_events e WHERE e.made_at <= :before"
        " AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.event_id = e.id)"
    ),
)

WAITING = sa.text(
    f"""
    SELECT count(*) FILTER (WHERE d.due_at IS NOT NULL) AS waiting,
        min(d.armed_at) FILTER (WHERE d.due_at IS NOT NULL) AS oldest,
        count(*) FILTER (WHERE d.state = '{DeliveryState.GIVEN_UP}' AND d.contact_id IS NOT NULL) AS given_up
    FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
    WHERE d.due_at IS NOT NULL OR d.state = '{DeliveryState.GIVEN_UP}'
    """
)
