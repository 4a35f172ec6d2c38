"""Secrets of partner systems and of our own services: random, shown once, kept only as SHA-256.

They have 32 random bytes, so no slow hash is needed; the fixed beginning lets secret scanners find a leaked one.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_ID_LENGTH = 8
_SHAPE = re.compile(r"mash_[a-z0-9]{1,16}_([a-z0-9]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
_ENVIRONMENT = re.compile(r"[a-z0-9]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret just made. `text` is for the client alone; keep `secret_id` and `digest`."""

    secret_id: str
    digest: bytes
    text: str = field(repr=False)


def new_client_secret(environment: str) -> ClientSecret:
    """A secret `mash_<environment>_<8 characters>_<43 characters>`; raises ValueError for an odd environment name."""
    if not _ENVIRONMENT.fullmatch(environment):
        raise ValueError("the environment's name must be 1 to 16 small letters or digits")
    secret_id = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
    text = f"mash_{environment}_{secret_id}_{secrets.token_urlsafe(32)}"
    return ClientSecret(secret_id=secret_id, digest=digest_of(text), text=text)


def secret_id_of(text: str) -> str | None:
    """The id inside a secret, to find its row by; None where it has not the shape of one."""
    shape = _SHAPE.fullmatch(text)
    return shape.group(1) if shape else None


def digest_of(text: str) -> bytes:
    """What is stored of a secret: 32 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def matches(text: str, digests: Iterable[bytes]) -> bool:
    """Whether a secret is one of those live (two while rotating); takes the same time whichever it is."""
    presented = digest_of(text)
    found = False
    for digest in digests:
        found |= hmac.compare_digest(presented, digest)
    return found
