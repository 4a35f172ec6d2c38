"""The web side that all services share: one way to answer, to refuse, to limit, to retry and to page."""

from shared.security.tokens import Caller
from shared.web.access import RouteAccess, UnguardedRoute, allow, public, routes_and_roles
from shared.web.app import create_app
from shared.web.bodies import AtUtc, Day, Id, Moment, StrictBody
from shared.web.body import MIB
from shared.web.conditional import etag, require_match
from shared.web.context import correlation_id, traceparent
from shared.web.documents import documented_problem
from shared.web.idempotency import (
    IDEMPOTENT,
    Once,
    begin_once,
    different_body,
    fingerprint,
    idempotency_key,
    is_idempotency_key,
    kept_key,
    open_answer,
    seal_answer,
    still_running,
)
from shared.web.looking import note_look
from shared.web.paging import decode_cursor, encode_cursor, next_link
from shared.web.problems import FieldError, Problem, not_found, problem_document, problem_for
from shared.web.rate import RateLimit

__all__ = [
    "IDEMPOTENT",
    "MIB",
    "AtUtc",
    "Caller",
    "Day",
    "FieldError",
    "Id",
    "Moment",
    "Once",
    "Problem",
    "RateLimit",
    "RouteAccess",
    "StrictBody",
    "UnguardedRoute",
    "allow",
    "begin_once",
    "correlation_id",
    "create_app",
    "decode_cursor",
    "different_body",
    "documented_problem",
    "encode_cursor",
    "etag",
    "fingerprint",
    "idempotency_key",
    "is_idempotency_key",
    "kept_key",
    "next_link",
    "not_found",
    "note_look",
    "open_answer",
    "problem_document",
    "problem_for",
    "public",
    "require_match",
    "routes_and_roles",
    "seal_answer",
    "still_running",
    "traceparent",
]
