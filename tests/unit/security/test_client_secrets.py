from __future__ import annotations

import pytest

from shared.security.client_secrets import matches, new_client_secret, secret_id_of


def test_a_new_secret_is_recognised_by_its_digest_alone() -> None:
    secret, other = new_client_secret("dev"), new_client_secret("dev")
    assert secret.text.startswith(f"mash_dev_{secret.secret_id}_")
    assert secret_id_of(secret.text) == secret.secret_id
    assert matches(secret.text, [other.digest, secret.digest])
    assert not matches(secret.text, [other.digest])
    assert not matches(secret.text, [])
    assert secret.text not in repr(secret)


@pytest.mark.parametrize("text", ["", "mash_dev_short_x", "x" * 5000, "mash_dev_abcdefgh_" + "é" * 43])
def test_what_has_not_the_shape_of_a_secret_has_no_id(text: str) -> None:
    assert secret_id_of(text) is None


def test_an_odd_environment_is_refused() -> None:
    with pytest.raises(ValueError, match="environment"):
        new_client_secret("Dev_1")
