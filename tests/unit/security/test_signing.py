from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from shared.security.encryption import MasterKeys, WrongKey
from shared.security.signing import (
    PUBLISHED_BEFORE_USE,
    SigningKeys,
    generate_signing_key,
    unwrap_signing_key,
    wrap_signing_key,
)
from tests.support.issuers import NOW


def test_a_new_key_signs_only_when_everybody_has_it() -> None:
    old, new = generate_signing_key(NOW - timedelta(days=30)), generate_signing_key(NOW)
    keys = SigningKeys([new, old])
    assert keys.current(NOW) is old
    assert keys.current(NOW + PUBLISHED_BEFORE_USE) is new
    assert [entry["kid"] for entry in keys.jwks()["keys"]] == [new.kid, old.kid]


def test_the_only_key_signs_at_once() -> None:
    key = generate_signing_key(NOW)
    assert SigningKeys([key]).current(NOW) is key
    with pytest.raises(ValueError, match="at least one"):
        SigningKeys([])


def test_the_public_set_holds_nothing_private() -> None:
    entry = SigningKeys([generate_signing_key(NOW)]).jwks()["keys"][0]
    assert set(entry) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_key_is_kept_wrapped_and_opens_as_itself_only() -> None:
    masters = MasterKeys.from_setting("m1:" + base64.b64encode(b"m" * 32).decode())
    key, other = generate_signing_key(NOW), generate_signing_key(NOW)
    wrapped = wrap_signing_key(key, masters)
    opened = unwrap_signing_key(key.kid, key.created_at, wrapped, masters)
    assert opened.key.as_dict(private=True)["d"] == key.key.as_dict(private=True)["d"]
    with pytest.raises(WrongKey):
        unwrap_signing_key(other.kid, key.created_at, wrapped, masters)
