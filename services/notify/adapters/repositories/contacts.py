"""Contacts as notify knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.adapters.tables import CONTACT
from services.notify.domain.model import ClockStep, Contact, Decision, Episode, Paging, Subject
from shared.database.unit_of_work import UnitOfWork

from .kept import Kept, Row, plain


class ContactRepository(Kept[Contact]):
    """The locked contacts."""

    def __init__(self, work: UnitOfWork) -> None:
        super().__init__(work, CONTACT)

    def of(self, contact_id: UUID) -> Contact:
        """What is known of a locked contact; empty where nothing is."""
        objects = self._objects[contact_id]
        return objects.setdefault((contact_id,), Contact(contact_id=contact_id))

    def known(self, contact_id: UUID) -> bool:
        """Whether anything is known of a locked contact."""
        return bool(self._objects[contact_id])

    def to_row(self, kept: Contact) -> Row:
        """The row of a contact."""
        row = {name: getattr(kept, name) for name in _PLAIN}
        row["subjects"] = plain({str(key): asdict(subject) for key, subject in kept.subjects.items()})
        row["decisions"] = plain({str(key): asdict(decision) for key, decision in kept.decisions.items()})
        row["flags"] = sorted(kept.flags)
        row["paging"] = plain([asdict(episode) for episode in kept.paging.episodes])
        row["steps"] = plain([asdict(step) for step in kept.steps])
        return row

    def from_row(self, row: Row) -> Contact:
        """The contact of a row."""
        return Contact(
            **{name: row[name] for name in _PLAIN},
            subjects={UUID(key): Subject(**subject) for key, subject in row["subjects"].items()},
            decisions={UUID(key): _decision(decision) for key, decision in row["decisions"].items()},
            flags=frozenset(row["flags"]),
            paging=Paging([_episode(kept) for kept in row["paging"]]),
            steps=_steps(row["steps"]),
        )


_JSON = {"subjects", "decisions", "flags", "paging", "steps"}
_PLAIN = tuple(column.name for column in CONTACT.columns if column.name not in _JSON)


def _decision(kept: dict[str, Any]) -> Decision:
    typed: dict[str, Any] = {name: tuple(kept[name]) for name in ("reason_codes", "service_codes")}
    heard_at = kept.get("heard_at")
    typed["heard_at"] = datetime.fromisoformat(heard_at) if heard_at else None
    return Decision(**{**kept, **typed})


def _steps(kept: Sequence[dict[str, Any]]) -> list[ClockStep]:
    return [ClockStep(**{**step, **_typed(step)}) for step in kept]


def _typed(step: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(step[name]) for name in ("starts_at", "due_at")}
    return {"deadline_id": UUID(step["deadline_id"]), **times}


def _episode(kept: dict[str, Any]) -> Episode:
    return Episode(
        began_at=datetime.fromisoformat(kept["began_at"]),
        ended_at=datetime.fromisoformat(kept["ended_at"]) if kept["ended_at"] else None,
        unread=UUID(kept["unread"]) if kept["unread"] else None,
    )
