"""What goes over the wire: a thin body of ids and words of state, signed as Standard Webhooks says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notify.domain.model.webhook_delivery import PartnerEvent

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 -- what every secret begins with, and no secret
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A fresh signing secret in the form that the standard's libraries read."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def body_of(event: PartnerEvent) -> bytes:
    """The same bytes on every attempt. Whoever wants to know more asks intake, with a token, where it always does."""
    data: dict[str, str | int] = dict(event.about)
    if event.contact_id is not None and event.reference is not None:
        data |= {
            "contact_id": str(event.contact_id),
            "reference": event.reference,
            "timeline": f"/v1/contacts/{event.contact_id}/timeline",
        }
    if event.sequence:
        data["sequence"] = event.sequence
    content = {"type": event.kind, "timestamp": event.occurred_at.isoformat(), "data": data}
    return json.dumps(content, separators=(",", ":")).encode()


def headers_of(
    message_id: UUID,
    body: bytes,
    *,
    now: datetime,
    secrets: Iterable[str],
    correlation_id: UUID | None = None,
    traceparent: str | None = None,
) -> dict[str, str]:
    """The headers of one attempt at ``now`` (real time): one signature for each secret that is live."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((str(message_id).encode(), timestamp.encode(), body))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": str(message_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }
    trace = {"X-Correlation-ID": correlation_id and str(correlation_id), "traceparent": traceparent}
    return headers | {name: value for name, value in trace.items() if value}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
