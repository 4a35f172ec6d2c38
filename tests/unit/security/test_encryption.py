from __future__ import annotations

import base64
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.encryption import (
    BlindIndex,
    ContactCipher,
    MalformedEnvelope,
    MasterKeys,
    TableCipher,
    UnknownMasterKey,
    WrongKey,
    child_id_from,
    new_data_key,
)

ROW = UUID(int=1)
OTHER = UUID(int=2)


def setting(*keys: tuple[str, int]) -> str:
    return ",".join(f"{key_id}:{base64.b64encode(bytes([fill]) * 32).decode()}" for key_id, fill in keys)


@given(st.text())
def test_what_is_sealed_for_a_place_opens_there(text: str) -> None:
    cipher = ContactCipher(b"k" * 32)
    sealed = cipher.encrypt(text, table="people", column="name", row_id=ROW)
    assert cipher.decrypt(sealed, table="people", column="name", row_id=ROW) == text


def test_a_lone_surrogate_survives() -> None:
    cipher = ContactCipher(new_data_key())
    sealed = cipher.encrypt("\ud800", table="t", column="c", row_id=ROW)
    assert cipher.decrypt(sealed, table="t", column="c", row_id=ROW) == "\ud800"


@pytest.mark.parametrize(
    ("table", "column", "row"),
    [("others", "name", ROW), ("people", "address", ROW), ("people", "name", OTHER), ("peoplen", "ame", ROW)],
)
def test_a_value_moved_to_another_place_does_not_open(table: str, column: str, row: UUID) -> None:
    cipher = ContactCipher(new_data_key())
    sealed = cipher.encrypt("text", table="people", column="name", row_id=ROW)
    with pytest.raises(WrongKey):
        cipher.decrypt(sealed, table=table, column=column, row_id=row)


def test_another_key_or_a_changed_byte_does_not_open() -> None:
    sealed = ContactCipher(b"a" * 32).encrypt("text", table="t", column="c", row_id=ROW)
    with pytest.raises(WrongKey):
        ContactCipher(b"b" * 32).decrypt(sealed, table="t", column="c", row_id=ROW)
    with pytest.raises(WrongKey):
        ContactCipher(b"a" * 32).decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1]), table="t", column="c", row_id=ROW)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + b"x" * 40, b"\x01" + b"x" * 20])
def test_what_is_no_envelope_is_told_apart_from_a_wrong_key(sealed: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        ContactCipher(b"a" * 32).decrypt(sealed, table="t", column="c", row_id=ROW)


def test_the_same_text_is_never_sealed_the_same_way() -> None:
    cipher = ContactCipher(new_data_key())
    assert len({cipher.encrypt("same", table="t", column="c", row_id=ROW) for _ in range(20)}) == 20


def test_master_keys_rotate() -> None:
    data_key = new_data_key()
    wrapped = MasterKeys.from_setting(setting(("old", 1))).wrap(data_key, service="triage", owner=ROW)
    both = MasterKeys.from_setting(setting(("new", 2), ("old", 1)))
    assert both.current_id == "new"
    assert both.unwrap(wrapped, service="triage", owner=ROW) == data_key
    assert both.needs_rewrap(wrapped)
    again = both.wrap(data_key, service="triage", owner=ROW)
    assert not both.needs_rewrap(again)
    with pytest.raises(UnknownMasterKey):
        MasterKeys.from_setting(setting(("old", 1))).unwrap(again, service="triage", owner=ROW)


def test_a_wrapped_key_belongs_to_one_owner_in_one_service() -> None:
    masters = MasterKeys.from_setting(setting(("a", 1)))
    wrapped = masters.wrap(new_data_key(), service="triage", owner=ROW)
    for service, owner in (("intake", ROW), ("triage", OTHER)):
        with pytest.raises(WrongKey):
            masters.unwrap(wrapped, service=service, owner=owner)


@pytest.mark.parametrize("wrapped", [b"", b"\x01", b"\x01\x05ab", b"\x01\x01\xff" + b"x" * 60])
def test_what_is_no_wrapped_key_is_malformed(wrapped: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        MasterKeys.from_setting(setting(("a", 1))).unwrap(wrapped, service="s", owner=ROW)


@pytest.mark.parametrize("text", ["", "nocolon", "a:short", "a:!!!", f"{setting(('a', 1))},{setting(('a', 2))}"])
def test_a_bad_setting_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="master key") as refusal:
        MasterKeys.from_setting(text)
    assert "short" not in str(refusal.value)


def test_a_table_cipher_keeps_tables_and_fingerprints_apart() -> None:
    key = new_data_key()
    answers, secrets = TableCipher(key, table="idempotency"), TableCipher(key, table="webhooks")
    sealed = answers.encrypt("text", column="response", row_id=ROW)
    assert answers.decrypt(sealed, column="response", row_id=ROW) == "text"
    with pytest.raises(WrongKey):
        secrets.decrypt(sealed, column="response", row_id=ROW)
    prints = {answers.fingerprint(b"x", purpose="a"), answers.fingerprint(b"x", purpose="b")}
    prints |= {secrets.fingerprint(b"x", purpose="a"), answers.fingerprint(b"y", purpose="a")}
    assert len(prints) == 4
    assert answers.fingerprint(b"x", purpose="a") == TableCipher(key, table="idempotency").fingerprint(
        b"x", purpose="a"
    )


def test_the_blind_index_sees_through_case_spaces_and_width() -> None:
    index = BlindIndex(b"i" * 32)
    assert (
        index.of("postcode", "so14 0ab")
        == index.of("postcode", "SO140AB")
        == index.of("postcode", "\uff33\uff2f14 0AB")
    )
    assert index.of("postcode", "SO140AB") != index.of("upn", "SO140AB")
    assert index.of("postcode", "SO140AB") != BlindIndex(b"j" * 32).of("postcode", "SO140AB")


def test_a_child_has_one_id_for_ever() -> None:
    index = BlindIndex.from_setting(base64.urlsafe_b64encode(b"\xff" * 32).decode())
    child = index.child_id("999 000 0018", date(2024, 2, 29))
    assert child == index.child_id("9990000018", date(2024, 2, 29)) == index.child_id("999-000-0018", date(2024, 2, 29))
    assert len(child) == 20
    assert child.isalnum()
    assert child != index.child_id("9990000018", date(2024, 2, 28))
    assert len(child_id_from(bytes(13))) == 20
    with pytest.raises(ValueError, match="13 octets"):
        child_id_from(bytes(12))
