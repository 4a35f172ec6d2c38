"""A person in comparable form, sealed in the subject's row: a look opens this, never the whole contact."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from services.intake.domain.model.index_keys import IndexKey
from services.intake.domain.model.person import Person
from shared.security.encryption import BlindIndex, ContactCipher

DIGEST_BYTES = 16
"""Of the 32 that the keyed hash has: no two of the world's children would meet by chance."""


def digest_of(blind: BlindIndex, key: IndexKey) -> bytes:
    """The keyed hash of one block; kinds are kept apart."""
    return blind.of(f"subject {key.kind.name}", key.value)[:DIGEST_BYTES]


def index_rows(
    blind: BlindIndex, keys: Iterable[IndexKey], *, subject_id: UUID, contact_id: UUID
) -> list[dict[str, Any]]:
    """The rows of subject_index under which a subject is found."""
    return [
        {
            "kind": int(key.kind),
            "digest": digest_of(blind, key),
            "subject_id": subject_id,
            "contact_id": contact_id,
        }
        for key in sorted(keys, key=lambda one: (one.kind, one.value))
    ]


def seal_person(cipher: ContactCipher, person: Person, subject_id: UUID) -> bytes:
    """The person, sealed for the subject's row."""
    values = {
        "kind": person.kind,
        "given": person.given,
        "family": person.family,
        "born": person.born.isoformat() if person.born else None,
        "unborn": person.unborn,
        "sex": person.sex,
        "nhs_number": person.nhs_number,
        "nhs_trusted": person.nhs_trusted,
        "upn": person.upn,
        "home": person.home,
        "postcode": person.postcode,
        "parents": person.parents,
    }
    text = json.dumps({name: value for name, value in values.items() if value}, ensure_ascii=False)
    return cipher.encrypt(text, table="subjects", column="person", row_id=subject_id)


def open_person(cipher: ContactCipher, sealed: bytes, subject_id: UUID) -> Person:
    """What ``seal_person`` sealed."""
    values = json.loads(cipher.decrypt(sealed, table="subjects", column="person", row_id=subject_id))
    values["born"] = date.fromisoformat(values["born"]) if "born" in values else None
    for name in ("given", "family"):
        values[name] = tuple(values.get(name, ()))
    values["parents"] = tuple((given, family) for given, family in values.get("parents", ()))
    return Person(**values)
