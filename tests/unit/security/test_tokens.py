from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.signing import SigningKeys, generate_signing_key
from shared.security.tokens import Caller, InvalidToken, TokenVerifier, intake_rule
from tests.support.issuers import AUDIENCE, INTAKE, NOW, STAFF, Issuers, signed


@pytest.fixture
def issuers() -> Issuers:
    return Issuers()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    content: dict[str, Any] = {"iss": INTAKE, "sub": "client", "aud": AUDIENCE, "iat": now, "exp": now + 600}
    content |= {"roles": ["partner"], "org": "school-1", "kind": "partner"}
    content |= changes
    return {name: value for name, value in content.items() if value is not None}


async def refusal(issuers: Issuers, token: str) -> str:
    with pytest.raises(InvalidToken) as refused:
        await issuers.verifier.verify(token)
    return refused.value.reason


async def test_a_partner_a_service_and_staff_are_recognised(issuers: Issuers) -> None:
    partner = await issuers.verifier.verify(issuers.partner())
    assert partner == Caller(subject="somebody", organisation="school-1", roles=frozenset({"partner"}), kind="partner")
    assert partner.key == "partner:school-1:somebody"
    assert (await issuers.verifier.verify(issuers.service())).kind == "service"
    manager = await issuers.verifier.verify(issuers.staff("manager", "ops"))
    assert manager.roles == {"manager", "ops"}


@pytest.mark.parametrize(
    "roles", [["manager"], ["partner", "service"], ["partner", "admin"], [], ["root"], "partner x"]
)
async def test_intake_speaks_for_partners_and_services_only(issuers: Issuers, roles: Any) -> None:
    token = signed(issuers.intake_key.key, header(issuers), claims(roles=roles, kind=None))
    assert await refusal(issuers, token) == "roles"


@pytest.mark.parametrize("roles", [("service",), ("partner",), ("manager", "service"), ()])
async def test_the_staff_issuer_speaks_for_staff_only(issuers: Issuers, roles: tuple[str, ...]) -> None:
    assert await refusal(issuers, issuers.staff(*roles)) == "roles"


async def test_a_key_serves_only_the_issuer_it_belongs_to(issuers: Issuers) -> None:
    token = SigningKeys([issuers.intake_key]).issue(
        issuer=STAFF, audience=AUDIENCE, subject="x", organisation=None, roles=["manager"], kind="staff",
        now=NOW, token_id="t",
    )  # fmt: skip
    assert await refusal(issuers, token) == "unknown_key_id"


@pytest.mark.parametrize("issuer", ["https://evil.example.org", INTAKE + "/", INTAKE.upper(), ""])
async def test_the_issuer_is_matched_to_the_letter(issuers: Issuers, issuer: str) -> None:
    assert await refusal(issuers, issuers.partner(issuer=issuer)) == "unknown_issuer"


async def test_expired_early_and_foreign_tokens_are_refused(issuers: Issuers) -> None:
    token = issuers.partner()
    issuers.clock.advance(9 * 60)
    await issuers.verifier.verify(token)
    issuers.clock.advance(2 * 60)
    assert await refusal(issuers, token) == "ExpiredTokenError"
    assert await refusal(issuers, issuers.partner(now=NOW + timedelta(hours=1))) == "InvalidClaimError"
    assert await refusal(issuers, issuers.partner(audience="other")) == "InvalidClaimError"


@pytest.mark.parametrize("missing", ["aud", "exp", "iat"])
async def test_a_token_without_a_needed_claim_is_refused(issuers: Issuers, missing: str) -> None:
    token = signed(issuers.intake_key.key, header(issuers), claims(**{missing: None}))
    assert await refusal(issuers, token) == "MissingClaimError"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sub": None}, "subject"),
        ({"sub": 7}, "InvalidClaimError"),
        ({"sub": "x" * 201}, "subject"),
        ({"org": None}, "organisation"),
        ({"org": ["school-1"]}, "organisation"),
        ({"kind": "service"}, "kind"),
        ({"roles": [1]}, "roles"),
        ({"roles": {"partner": True}}, "roles"),
        ({"exp": "never"}, "InvalidClaimError"),
        ({"exp": True}, "InvalidClaimError"),
        ({"iss": ["a"]}, "malformed"),
    ],
)
async def test_odd_claims_are_refused(issuers: Issuers, changes: dict[str, Any], reason: str) -> None:
    assert await refusal(issuers, signed(issuers.intake_key.key, header(issuers), claims(**changes))) == reason


def header(issuers: Issuers, **changes: Any) -> dict[str, Any]:
    return {"alg": "ES256", "kid": issuers.intake_key.kid, "typ": "at+jwt", **changes}


async def test_an_unsigned_token_is_refused(issuers: Issuers) -> None:
    for name in ("none", "None", "NONE"):
        token = f"{encoded(header(issuers, alg=name))}.{encoded(claims())}."
        assert await refusal(issuers, token) == "algorithm"


async def test_a_public_key_used_as_a_shared_secret_is_refused(issuers: Issuers) -> None:
    content = f"{encoded(header(issuers, alg='HS256'))}.{encoded(claims())}"
    forged = hmac.digest(issuers.intake_key.key.as_pem(private=False), content.encode(), "sha256")
    token = f"{content}.{base64.urlsafe_b64encode(forged).decode().rstrip('=')}"
    assert await refusal(issuers, token) == "algorithm"


async def test_other_kinds_of_jwt_are_refused(issuers: Issuers) -> None:
    for kind in ("JWT", "id+jwt"):
        assert await refusal(issuers, signed(issuers.intake_key.key, header(issuers, typ=kind), claims())) == "type"


async def test_a_token_signed_by_another_key_or_changed_is_refused(issuers: Issuers) -> None:
    stranger = generate_signing_key(NOW)
    assert await refusal(issuers, signed(stranger.key, header(issuers), claims())) == "BadSignatureError"
    start, _, signature = issuers.partner().split(".")
    assert await refusal(issuers, f"{start}.{encoded(claims(org='other'))}.{signature}") == "BadSignatureError"


async def test_a_token_without_a_key_id_or_too_long_is_refused(issuers: Issuers) -> None:
    without = {"alg": "ES256", "typ": "at+jwt"}
    assert await refusal(issuers, signed(issuers.intake_key.key, without, claims())) == "no_key_id"
    assert await refusal(issuers, "a" * 10_000) == "too_long"


@given(st.one_of(st.text(max_size=200), st.binary(max_size=100).map(lambda raw: f"{encoded(claims())}.{raw!r}.x")))
async def test_rubbish_is_refused_and_nothing_else_happens(token: str) -> None:
    with pytest.raises(InvalidToken):
        await Issuers().verifier.verify(token)


def test_a_rule_needs_a_source_of_keys(issuers: Issuers) -> None:
    with pytest.raises(ValueError, match="source of keys"):
        TokenVerifier([intake_rule(INTAKE, AUDIENCE)], {}, issuers.clock)


def encoded(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
