"""Encryption of every identifying or free-text column, and the look-ups that still work on it.

A contact has a data key of its own; a master key wraps it, so that deleting one row erases the contact for good and a
new master key costs a re-wrap, not a rewrite. Each value is bound to its table, column and row: it cannot be moved.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
CHILD_ID_LENGTH = 20  # the census allows at most 20 alphanumeric characters for a child's local id
_VERSION = 1


class EncryptionError(Exception):
    """A value cannot be sealed or opened. Waiting does not help: never retried. The message never holds the value."""


class WrongKey(EncryptionError):
    """Sealed with another key, for another place, or altered since."""


class UnknownMasterKey(EncryptionError):
    """Wrapped with a master key that this process was not given."""


class MalformedEnvelope(EncryptionError):
    """Too short, or of a version that this code does not know."""


def new_data_key() -> bytes:
    """A fresh random key of 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def decode_key(text: str, *, what: str) -> bytes:
    """A key of 32 bytes from its base64 text (either alphabet); raises ValueError that names `what` and not the key."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{what} is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{what} must have {KEY_BYTES} bytes")
    return key


def _place(*parts: str) -> bytes:
    """Names joined so that no two different lists give the same bytes."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


class _Seal:
    """AES-256-GCM with one key; envelope = header | nonce | ciphertext and tag. The header is authenticated too."""

    __slots__ = ("_aes",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key must have {KEY_BYTES} bytes")
        self._aes = AESGCM(key)

    def close(self, plain: bytes, *, header: bytes, place: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._aes.encrypt(nonce, plain, header + place)

    def open(self, sealed: bytes, *, header: bytes, place: bytes) -> bytes:
        body = sealed[len(header) :]
        if len(body) < NONCE_BYTES + TAG_BYTES:
            raise MalformedEnvelope("the envelope is too short")
        try:
            return self._aes.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], header + place)
        except InvalidTag:
            raise WrongKey("sealed with another key, for another place, or altered") from None


class MasterKeys:
    """The keys that wrap keys. The first wraps; all can unwrap, so that one can be retired without haste."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Keys by id, the current one first; raises ValueError for none, a long id or a wrong length."""
        if not keys:
            raise ValueError("at least one master key is needed")
        for key_id in keys:
            if not key_id or not key_id.isascii() or len(key_id) > 64:  # noqa: PLR2004 -- one length byte, kept readable
                raise ValueError("a master key's id must be 1 to 64 ASCII characters")
        self._seals = {key_id: _Seal(key) for key_id, key in keys.items()}
        self.current_id = next(iter(keys))

    @classmethod
    def from_setting(cls, text: str) -> "MasterKeys":
        """Read `id1:base64,id2:base64`; the first is current. Raises ValueError without repeating the setting."""
        keys: dict[str, bytes] = {}
        for position, part in enumerate(filter(None, (piece.strip() for piece in text.split(","))), start=1):
            key_id, colon, encoded = part.partition(":")
            if not colon:
                raise ValueError(f"master key {position} must be written id:base64")
            if key_id in keys:
                raise ValueError(f"master key {position} repeats an id")
            keys[key_id] = decode_key(encoded, what=f"master key {position}")
        return cls(keys)

    def wrap(self, data_key: bytes, *, service: str, owner: UUID | str) -> bytes:
        """Seal a data key for its owner (a contact's id, or the name of a table) in this service."""
        encoded_id = self.current_id.encode()
        header = bytes((_VERSION, len(encoded_id))) + encoded_id
        return self._seals[self.current_id].close(data_key, header=header, place=_place("key", service, str(owner)))

    def unwrap(self, wrapped: bytes, *, service: str, owner: UUID | str) -> bytes:
        """Open a wrapped data key; raises UnknownMasterKey, WrongKey or MalformedEnvelope."""
        header, key_id = _read_header(wrapped)
        seal = self._seals.get(key_id)
        if seal is None:
            raise UnknownMasterKey("wrapped with a master key that is not configured")
        return seal.open(wrapped, header=header, place=_place("key", service, str(owner)))

    def needs_rewrap(self, wrapped: bytes) -> bool:
        """Whether another than the current master key wrapped it."""
        return _read_header(wrapped)[1] != self.current_id


def _read_header(wrapped: bytes) -> tuple[bytes, str]:
    if len(wrapped) < 2 or wrapped[0] != _VERSION or len(wrapped) < 2 + wrapped[1]:  # noqa: PLR2004 -- version, length
        raise MalformedEnvelope("not a wrapped key of a known version")
    header = wrapped[: 2 + wrapped[1]]
    try:
        return header, header[2:].decode("ascii")
    except UnicodeDecodeError:
        raise MalformedEnvelope("not a wrapped key of a known version") from None


class _Cipher:
    """Seals texts with one data key; the key needs no id, because its owner's row holds exactly one."""

    __slots__ = ("_seal",)
    _HEADER = bytes((_VERSION,))

    def __init__(self, data_key: bytes) -> None:
        self._seal = _Seal(data_key)

    def _close(self, text: str, place: bytes) -> bytes:
        # surrogatepass: a lone surrogate is legal in JSON, and nobody is turned away over form
        return self._seal.close(text.encode("utf-8", "surrogatepass"), header=self._HEADER, place=place)

    def _open(self, sealed: bytes, place: bytes) -> str:
        if sealed[:1] != self._HEADER:
            raise MalformedEnvelope("not a sealed value of a known version")
        return self._seal.open(sealed, header=self._HEADER, place=place).decode("utf-8", "surrogatepass")


class ContactCipher(_Cipher):
    """Seals the columns that belong to one contact."""

    __slots__ = ()

    def encrypt(self, text: str, *, table: str, column: str, row_id: UUID | str) -> bytes:
        """Seal a text for one table, column and row."""
        return self._close(text, _place(table, column, str(row_id)))

    def decrypt(self, sealed: bytes, *, table: str, column: str, row_id: UUID | str) -> str:
        """Open what `encrypt` sealed for the same place; raises WrongKey or MalformedEnvelope."""
        return self._open(sealed, _place(table, column, str(row_id)))


class TableCipher(_Cipher):
    """Seals the columns of a table whose rows belong to no contact (rota, webhook secrets, stored answers)."""

    __slots__ = ("_fingerprint_key", "_table")

    def __init__(self, data_key: bytes, *, table: str) -> None:
        """One key for each table."""
        super().__init__(data_key)
        self._table = table
        # a key of its own, derived: one key never serves two algorithms
        self._fingerprint_key = hmac.digest(data_key, _place("fingerprint", table), hashlib.sha256)

    def encrypt(self, text: str, *, column: str, row_id: UUID | str) -> bytes:
        """Seal a text for one column and row."""
        return self._close(text, _place(self._table, column, str(row_id)))

    def decrypt(self, sealed: bytes, *, column: str, row_id: UUID | str) -> str:
        """Open what `encrypt` sealed for the same place; raises WrongKey or MalformedEnvelope."""
        return self._open(sealed, _place(self._table, column, str(row_id)))

    def fingerprint(self, data: bytes, *, purpose: str) -> bytes:
        """32 bytes that tell whether two values are equal, and nothing else to whoever lacks the key."""
        return hmac.digest(self._fingerprint_key, _place(purpose) + data, hashlib.sha256)


class BlindIndex:
    """Finds equal values in encrypted columns by a keyed hash. Its key never rotates: the hashes could not follow."""

    __slots__ = ("_key",)

    def __init__(self, index_key: bytes) -> None:
        """A key of 32 bytes; raises ValueError for another length."""
        if len(index_key) != KEY_BYTES:
            raise ValueError(f"the index key must have {KEY_BYTES} bytes")
        self._key = index_key

    @classmethod
    def from_setting(cls, text: str) -> "BlindIndex":
        """Read the key from base64; raises ValueError without repeating it."""
        return cls(decode_key(text, what="the index key"))

    def of(self, kind: str, value: str) -> bytes:
        """32 bytes, equal for values that differ only in case, spaces or width; `kind` keeps fields apart."""
        return hmac.digest(self._key, _place("index", kind, _normalised(value)), hashlib.sha256)

    def child_id(self, nhs_number: str, birth_date: date) -> str:
        """The same 20 characters for the same child in every contact; both facts must have been found valid before."""
        digits = "".join(character for character in _normalised(nhs_number) if character.isdecimal())
        place = _place("child", digits, birth_date.isoformat())
        return child_id_from(hmac.digest(self._key, place, hashlib.sha256))


def child_id_from(octets: bytes) -> str:
    """A child id (20 characters of base32) from at least 13 octets; raises ValueError for fewer."""
    if len(octets) * 8 < CHILD_ID_LENGTH * 5:
        raise ValueError("a child id needs at least 13 octets")
    return base64.b32encode(octets).decode("ascii")[:CHILD_ID_LENGTH]


def _normalised(value: str) -> str:
    folded = unicodedata.normalize("NFKC", value).casefold()
    return "".join(character for character in unicodedata.normalize("NFKC", folded) if not character.isspace())
