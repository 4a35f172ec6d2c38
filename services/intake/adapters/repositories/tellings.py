"""What was told of a contact after its first telling: kept sealed, in order, in tables of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.adapters import tables
from services.intake.application.commands.telling import Challenge, Information, Withdrawal
from services.intake.domain.model.stages import Shown
from services.intake.domain.model.telling import NamedSubject
from shared.database.batch import insert
from shared.database.unit_of_work import UnitOfWork
from shared.security.encryption import ContactCipher

_INFORMATION = text("SELECT * FROM information WHERE contact_id = :contact_id ORDER BY number")
_ADDITIONS = text("SELECT * FROM information WHERE contact_id = ANY(CAST(:ids AS uuid[])) ORDER BY contact_id, number")
_POSITIONS = text("SELECT subject_id, position FROM subjects WHERE contact_id = ANY(CAST(:ids AS uuid[]))")
_WITHDRAWALS = text("SELECT * FROM withdrawals WHERE contact_id = :contact_id ORDER BY requested_at, withdrawal_id")
_CHALLENGES = text("SELECT * FROM challenges WHERE contact_id = :contact_id ORDER BY challenged_at, challenge_id")
_SUBJECTS = text("SELECT * FROM subjects WHERE contact_id = :contact_id ORDER BY position")
_HEARD = text("SELECT what, about FROM progress WHERE contact_id = :contact_id AND what = ANY(CAST(:words AS text[]))")
_NAME = text(
    "INSERT INTO subjects (subject_id, contact_id, position, kind, child_id)"
    " SELECT u.subject_id, u.contact_id, u.position, u.kind, u.child_id"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:contacts AS uuid[]), CAST(:positions AS int[]), CAST(:kinds AS text[]),"
    " CAST(:children AS text[])) AS u(subject_id, contact_id, position, kind, child_id)"
    " ON CONFLICT (subject_id) DO UPDATE SET kind = excluded.kind, child_id = excluded.child_id"
)
_LOOK_AGAIN = text("UPDATE contacts SET matched_at = NULL WHERE contact_id = ANY(CAST(:ids AS uuid[]))")
_FORGET = [
    text(f"DELETE FROM {table} WHERE contact_id = :contact_id")
    for table in ("information", "withdrawals", "challenges")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTelling:
    """One thing told later, opened: ``what`` was told (the body of an addition, or words), ``code`` why."""

    id: UUID
    at: datetime
    what: str | None
    code: str | None = None
    given_by: str | None = None
    about: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTellings:
    """All of it, each kind in the order it was told; the subjects' names for others; what was heard that matters."""

    information: tuple[KeptTelling, ...]
    withdrawals: tuple[KeptTelling, ...]
    challenges: tuple[KeptTelling, ...]
    named: tuple[NamedSubject, ...]
    requests: frozenset[UUID]
    decided: bool


async def read_tellings(connection: AsyncConnection, contact_id: UUID, cipher: ContactCipher) -> KeptTellings:
    """What was told of the contact later."""

    async def rows(statement: Any, **values: Any) -> Sequence[Any]:
        return (await connection.execute(statement, {"contact_id": contact_id, **values})).all()

    heard = await rows(_HEARD, words=[Shown.INFORMATION_REQUESTED.value, Shown.DECIDED.value])
    return KeptTellings(
        information=tuple(_information(row, cipher) for row in await rows(_INFORMATION)),
        withdrawals=tuple(_withdrawal(row, cipher) for row in await rows(_WITHDRAWALS)),
        challenges=tuple(_challenge(row, cipher) for row in await rows(_CHALLENGES)),
        named=tuple(
            NamedSubject(subject_id=row.subject_id, position=row.position, kind=row.kind, child_id=row.child_id)
            for row in await rows(_SUBJECTS)
        ),
        requests=frozenset(row.about for row in heard if row.about is not None),
        decided=any(row.what == Shown.DECIDED for row in heard),
    )


async def read_additions(
    connection: AsyncConnection, ciphers: Mapping[UUID, ContactCipher]
) -> tuple[list[tuple[UUID, str]], dict[str, int]]:
    """What was added to these contacts, opened, each contact's in the order it was told; and which position each of
    their subjects' ids has.
    """
    ids = {"ids": list(ciphers)}
    added = (await connection.execute(_ADDITIONS, ids)).all()
    named = (await connection.execute(_POSITIONS, ids)).all() if added else []
    opened = [(row.contact_id, _information(row, ciphers[row.contact_id]).what or "{}") for row in added]
    return opened, {str(row.subject_id): row.position for row in named}


def _information(row: Any, cipher: ContactCipher) -> KeptTelling:
    body = cipher.decrypt(bytes(row.body), table="information", column="body", row_id=row.information_id)
    about = () if row.answers_request is None else (row.answers_request,)
    return KeptTelling(id=row.information_id, at=row.added_at, what=body, given_by=row.given_by, about=about)


def _withdrawal(row: Any, cipher: ContactCipher) -> KeptTelling:
    words = None
    if row.words is not None:
        words = cipher.decrypt(bytes(row.words), table="withdrawals", column="words", row_id=row.withdrawal_id)
    return KeptTelling(id=row.withdrawal_id, at=row.requested_at, what=words, code=row.reason_code)


def _challenge(row: Any, cipher: ContactCipher) -> KeptTelling:
    words = cipher.decrypt(bytes(row.words), table="challenges", column="words", row_id=row.challenge_id)
    about = tuple(row.subject_ids)
    return KeptTelling(id=row.challenge_id, at=row.challenged_at, what=words, code=row.ground, about=about)


class TellingRepository:
    """Collects what is told of locked contacts; writes each table once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._read: dict[UUID, KeptTellings] = {}
        self._named: dict[UUID, tuple[UUID, NamedSubject]] = {}
        self._rows: dict[str, list[dict[str, object]]] = {"information": [], "withdrawals": [], "challenges": []}

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Read only where something is told: what is heard from others needs none of it."""
        del contact_ids

    async def of(self, contact_id: UUID) -> KeptTellings:
        """What was told of a locked contact before."""
        if contact_id not in self._read:
            cipher = self._work.cipher(contact_id)
            self._read[contact_id] = await read_tellings(self._work.connection, contact_id, cipher)
        return self._read[contact_id]

    def keep_information(
        self, contact_id: UUID, information: Information, *, named: Sequence[NamedSubject], at: datetime
    ) -> None:
        """Keeps an addition, sealed, and the subjects as they are named after it. ``of`` was called before."""
        row: dict[str, object] = {
            "information_id": information.information_id,
            "contact_id": contact_id,
            "number": len(self._read[contact_id].information) + 1,
            "added_at": at,
            "given_by": information.given_by,
            "answers_request": information.answers_request,
            "body": self._seal(contact_id, information.body, "information", "body", information.information_id),
        }
        self._rows["information"].append(row)
        self._named |= {one.subject_id: (contact_id, one) for one in named}

    def keep_withdrawal(self, contact_id: UUID, withdrawal: Withdrawal, *, at: datetime) -> None:
        """Keeps a withdrawal, its words sealed."""
        row: dict[str, object] = {
            "withdrawal_id": withdrawal.withdrawal_id,
            "contact_id": contact_id,
            "requested_at": at,
            "reason_code": withdrawal.reason_code,
            "words": self._seal(contact_id, withdrawal.words, "withdrawals", "words", withdrawal.withdrawal_id),
        }
        self._rows["withdrawals"].append(row)

    def keep_challenge(self, contact_id: UUID, challenge: Challenge, *, at: datetime) -> None:
        """Keeps a challenge, its words sealed."""
        row: dict[str, object] = {
            "challenge_id": challenge.challenge_id,
            "contact_id": contact_id,
            "challenged_at": at,
            "ground": challenge.ground,
            "subject_ids": list(challenge.subject_ids),
            "words": self._seal(contact_id, challenge.words, "challenges", "words", challenge.challenge_id),
        }
        self._rows["challenges"].append(row)

    def _seal(self, contact_id: UUID, words: str | None, table: str, column: str, row_id: UUID) -> bytes | None:
        if words is None:
            return None
        return self._work.cipher(contact_id).encrypt(words, table=table, column=column, row_id=row_id)

    async def flush(self) -> None:
        """Writes it all."""
        for name, rows in self._rows.items():
            await insert(self._work.connection, tables.METADATA.tables[name], rows)
        if added := [one["contact_id"] for one in self._rows["information"]]:
            await self._work.connection.execute(_LOOK_AGAIN, {"ids": added})
        if self._named:
            named = list(self._named.values())
            parameters = {
                "ids": list(self._named),
                "contacts": [contact_id for contact_id, _ in named],
                "positions": [one.position for _, one in named],
                "kinds": [one.kind for _, one in named],
                "children": [one.child_id for _, one in named],
            }
            await self._work.connection.execute(_NAME, parameters)

    async def forget(self, contact_id: UUID) -> None:
        """Deletes all that was told later."""
        for statement in _FORGET:
            await self._work.connection.execute(statement, {"contact_id": contact_id})
