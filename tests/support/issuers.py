"""The two issuers of tokens, for tests that need real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from shared.clock import FixedClock
from shared.security.signing import SigningKey, SigningKeys, generate_signing_key
from shared.security.tokens import PublicKey, TokenVerifier, UnknownKeyId, intake_rule, staff_rule

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
INTAKE = "https://intake.example.org"
STAFF = "https://login.example.org"
AUDIENCE = "mash"


class KnownKeys:
    """A source with a fixed set of keys."""

    def __init__(self, *keys: SigningKey) -> None:
        self._keys: dict[str, PublicKey] = {key.kid: key.key for key in keys}

    async def key(self, kid: str) -> PublicKey:
        if kid not in self._keys:
            raise UnknownKeyId
        return self._keys[kid]


class Issuers:
    """Intake and the staff issuer, each with one key, and a verifier that trusts both."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.intake_key = generate_signing_key(NOW)
        self.staff_key = generate_signing_key(NOW)
        self.verifier = TokenVerifier(
            [intake_rule(INTAKE, AUDIENCE), staff_rule(STAFF, AUDIENCE, development=True)],
            {INTAKE: KnownKeys(self.intake_key), STAFF: KnownKeys(self.staff_key)},
            self.clock,
        )

    def partner(self, organisation: str = "school-1", **changes: Any) -> str:
        """A token of a partner's system."""
        partner = {"roles": ["partner"], "kind": "partner", "organisation": organisation}
        return self._issue(self.intake_key, INTAKE, {**partner, **changes})

    def service(self, **changes: Any) -> str:
        """A token of one of our own services."""
        return self._issue(self.intake_key, INTAKE, {"roles": ["service"], "kind": "service", **changes})

    def staff(self, *roles: str, **changes: Any) -> str:
        """A token of a person with these roles."""
        return self._issue(self.staff_key, STAFF, {"roles": list(roles), "kind": "staff", **changes})

    def _issue(self, key: SigningKey, issuer: str, changes: dict[str, Any]) -> str:
        arguments: dict[str, Any] = {"issuer": issuer, "audience": AUDIENCE, "subject": "somebody"}
        arguments |= {"organisation": None, "now": self.clock.now(), "token_id": "t1"}
        return SigningKeys([key]).issue(**{**arguments, **changes})


def signed(key: ECKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token with any header and claims, rightly signed."""
    return jwt.encode(header, claims, key, algorithms=["ES256"], default_type=None)
