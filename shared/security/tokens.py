"""Who is calling: bearer tokens (signed JWTs) checked against the rules of the one issuer they name.

The issuer decides what a token may say: intake speaks for partners and services, the staff issuer for staff, and
neither for the other. Keys are looked up only for an issuer that is configured, by its exact name.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, Protocol, cast

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from shared.clock import Clock

Kind = Literal["partner", "service", "staff"]
PublicKey = RSAKey | ECKey | OctKey | OKPKey

STAFF_ROLES: Final = frozenset({"practitioner", "manager", "ops", "admin"})
INTAKE_ROLES: Final = frozenset({"partner", "service"})
TOKEN_LIFETIME: Final = timedelta(minutes=10)
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 -- RFC 9068's media type, so that no other kind of JWT passes for an access token
MAX_TOKEN_CHARACTERS: Final = 8192
LEEWAY_SECONDS: Final = 30  # clocks of two machines differ


class InvalidToken(Exception):
    """The token proves nothing. `reason` is a fixed word for logs; the token's content is never in it."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


class KeysUnavailable(Exception):
    """The issuer's keys have never been seen and cannot be fetched now: nobody can be told right from wrong."""


class UnknownKeyId(Exception):
    """The issuer's set, as fresh as we may fetch it, has no key of this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as proven by a token."""

    subject: str
    organisation: str | None
    roles: frozenset[str]
    kind: Kind
    seconds_left: float = field(default=0.0, compare=False)
    """How long the token holds from when it was verified: a connection that stays open must not outlive it."""

    @property
    def key(self) -> str:
        """The scope of idempotency keys and rate limits: one client or person."""
        return f"{self.kind}:{self.organisation or ''}:{self.subject}"


class KeySource(Protocol):
    """Where one issuer's public keys come from."""

    async def key(self, kid: str) -> PublicKey:
        """The key of this id; raises UnknownKeyId or KeysUnavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerRule:
    """What one issuer's tokens may look like and say."""

    issuer: str
    audience: str
    allowed_roles: frozenset[str]
    role_claim: str = "roles"
    organisation_claim: str = "org"
    subject_claim: str = "sub"
    algorithms: tuple[str, ...] = ("ES256",)
    types: tuple[str, ...] = (TOKEN_TYPE,)


def intake_rule(issuer: str, audience: str) -> IssuerRule:
    """The rule for tokens that our intake signs for partner systems and for our own services."""
    return IssuerRule(issuer=issuer, audience=audience, allowed_roles=INTAKE_ROLES)


def staff_rule(issuer: str, audience: str, *, role_claim: str = "roles", development: bool = False) -> IssuerRule:
    """The rule for staff: an OpenID provider, which signs with RSA or P-256, or our own development issuer."""
    if development:
        return IssuerRule(issuer=issuer, audience=audience, allowed_roles=STAFF_ROLES, role_claim=role_claim)
    return IssuerRule(
        issuer=issuer,
        audience=audience,
        allowed_roles=STAFF_ROLES,
        role_claim=role_claim,
        algorithms=("RS256", "PS256", "ES256"),
        types=(
            TOKEN_TYPE,
            "jwt",
        ),  # most providers write plain JWT; audience and roles tell an access token from others
    )


class TokenVerifier:
    """Turns a bearer token into a caller, or refuses it."""

    def __init__(self, rules: Iterable[IssuerRule], keys: Mapping[str, KeySource], clock: Clock) -> None:
        """One rule and one source of keys for each issuer; raises ValueError where a rule has no source."""
        self._rules = {rule.issuer: rule for rule in rules}
        self._keys = keys
        self._clock = clock
        without = self._rules.keys() - keys.keys()
        if without:
            raise ValueError(f"no source of keys for {len(without)} issuer(s)")

    async def verify(self, token: str) -> Caller:
        """The caller that the token proves; raises InvalidToken, or KeysUnavailable where nobody can tell."""
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise InvalidToken("too_long")
        header, claimed_issuer = _peek(token)
        rule = self._rules.get(claimed_issuer)
        if rule is None:
            raise InvalidToken("unknown_issuer")
        if header.get("alg") not in rule.algorithms:
            raise InvalidToken("algorithm")
        if str(header.get("typ", "jwt")).lower().removeprefix("application/") not in rule.types:
            raise InvalidToken("type")
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise InvalidToken("no_key_id")
        try:
            key = await self._keys[rule.issuer].key(kid)
        except UnknownKeyId:
            raise InvalidToken("unknown_key_id") from None
        now = int(self._clock.now().timestamp())
        return _caller(_checked_claims(token, key, rule, now), rule, now)


def _peek(token: str) -> tuple[dict[str, Any], str]:
    """The header and the issuer named, nothing of it proven yet: enough to choose the rule."""
    try:
        unproven = jws.extract_compact(token.encode("ascii"))
        claims = json.loads(unproven.payload)
    except (JoseError, ValueError, UnicodeError, RecursionError, KeyError, TypeError):
        raise InvalidToken("malformed") from None
    issuer: object = cast("dict[str, Any]", claims).get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str):
        raise InvalidToken("malformed")
    return dict(unproven.headers()), issuer


def _checked_claims(token: str, key: PublicKey, rule: IssuerRule, now: int) -> dict[str, Any]:
    registry = jws.JWSRegistry(algorithms=list(rule.algorithms), strict_check_header=False)
    try:
        decoded = jwt.decode(token, key, registry=registry)
        jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": rule.issuer},
            aud={"essential": True, "value": rule.audience},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(decoded.claims)
    except JoseError as error:
        # the error's own text may quote a claim; its class name never does
        raise InvalidToken(type(error).__name__) from None
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise InvalidToken("malformed") from None
    return decoded.claims


def _caller(claims: dict[str, Any], rule: IssuerRule, now: int) -> Caller:
    subject = claims.get(rule.subject_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= 200:  # noqa: PLR2004 -- goes into columns and logs
        raise InvalidToken("subject")
    roles = _roles(claims.get(rule.role_claim))
    if not roles or not roles <= rule.allowed_roles:
        raise InvalidToken("roles")
    kind = _kind(roles)
    if claims.get("kind", kind) != kind:
        raise InvalidToken("kind")
    organisation = claims.get(rule.organisation_claim)
    if organisation is not None and (not isinstance(organisation, str) or not 0 < len(organisation) <= 200):  # noqa: PLR2004
        raise InvalidToken("organisation")
    if kind == "partner" and organisation is None:
        raise InvalidToken("organisation")
    left = max(0.0, float(claims["exp"]) - now)
    return Caller(subject=subject, organisation=organisation, roles=roles, kind=kind, seconds_left=left)


def _roles(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, list):
        items = cast("list[object]", value)
        if all(isinstance(item, str) for item in items):
            return frozenset(cast("list[str]", items))
    raise InvalidToken("roles")


def _kind(roles: frozenset[str]) -> Kind:
    """One kind for a token: a partner is never also a service."""
    if roles == frozenset({"partner"}):
        return "partner"
    if roles == frozenset({"service"}):
        return "service"
    if roles <= STAFF_ROLES:
        return "staff"
    raise InvalidToken("roles")
