"""The keys that sign intake's tokens: made here, wrapped by the master key at rest, two live while rotating."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey

from shared.security.encryption import MasterKeys
from shared.security.tokens import TOKEN_LIFETIME, TOKEN_TYPE, Kind

ALGORITHM: Final = "ES256"
# Verifiers keep a set for five minutes: a new key is published first and signs when every one of them has it.
PUBLISHED_BEFORE_USE: Final = timedelta(minutes=6)
_PUBLIC_PARTS: Final = ("kty", "crv", "x", "y", "kid")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One private key, its id (the RFC 7638 thumbprint) and when it was made."""

    kid: str
    created_at: datetime
    key: ECKey


def generate_signing_key(now: datetime) -> SigningKey:
    """A new P-256 key."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    return SigningKey(str(key.kid), now, key)


def wrap_signing_key(signing_key: SigningKey, masters: MasterKeys, *, service: str = "intake") -> bytes:
    """The key sealed by the master key, for the table `signing_keys`."""
    private = json.dumps(dict(signing_key.key.as_dict(private=True))).encode()
    return masters.wrap(private, service=service, owner=f"signing:{signing_key.kid}")


def unwrap_signing_key(
    kid: str, created_at: datetime, wrapped: bytes, masters: MasterKeys, *, service: str = "intake"
) -> SigningKey:
    """Open what `wrap_signing_key` sealed; raises the failures of `MasterKeys.unwrap`."""
    private = masters.unwrap(wrapped, service=service, owner=f"signing:{kid}")
    return SigningKey(kid, created_at, ECKey.import_key(json.loads(private)))


class SigningKeys:
    """The live keys: all are published, one signs."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        """The live keys in any order; raises ValueError for none."""
        if not keys:
            raise ValueError("at least one signing key is needed")
        self._keys = sorted(keys, key=lambda key: key.created_at)

    def current(self, now: datetime) -> SigningKey:
        """The newest key that everybody has had time to fetch; where there is none, the oldest."""
        known = [key for key in self._keys if key.created_at <= now - PUBLISHED_BEFORE_USE]
        return known[-1] if known else self._keys[0]

    def jwks(self) -> dict[str, Any]:
        """The public set, newest first; safe to serve to anybody."""
        return {"keys": [_public(key) for key in reversed(self._keys)]}

    def issue(
        self,
        *,
        issuer: str,
        audience: str,
        subject: str,
        organisation: str | None,
        roles: Collection[str],
        kind: Kind,
        now: datetime,
        token_id: str,
        lifetime: timedelta = TOKEN_LIFETIME,
    ) -> str:
        """A signed access token (RFC 9068). `now` is real time, never business time."""
        key = self.current(now)
        claims: dict[str, Any] = {
            "iss": issuer,
            "sub": subject,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": token_id,
            "roles": sorted(roles),
            "kind": kind,
        }
        if organisation is not None:
            claims["org"] = organisation
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": TOKEN_TYPE}
        return jwt.encode(header, claims, key.key, algorithms=[ALGORITHM])


def _public(signing_key: SigningKey) -> dict[str, Any]:
    # named parts only: whatever a library adds to its private form, it cannot slip out here
    parts = dict(signing_key.key.as_dict(private=False))
    public = {name: parts[name] for name in _PUBLIC_PARTS if name in parts}
    return {**public, "kid": signing_key.kid, "use": "sig", "alg": ALGORITHM}
