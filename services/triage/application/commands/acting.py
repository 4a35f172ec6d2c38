"""Who acts on which case, and what every command needs: a seal for free text, a clock that has not run ahead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.triage.application.ports import TriageWork
from services.triage.domain.model import Case, Lacking, Signed
from shared.contracts.envelope import Cause

HISTORY, DECISIONS, DISCUSSIONS, CHALLENGES = "history", "decisions", "discussions", "challenges"
ASSIGNMENTS, CHECKS, CHECK_ANSWERS = "assignments", "checks", "check_answers"
"""Tables whose rows hold free text: it is bound to them."""
MANAGER = "manager"
"""The role that closes what is not complete, opens again what was not, and answers challenges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One request by a member of staff about a locked, existing case."""

    case: Case
    cause: Cause
    by: str
    roles: frozenset[str]

    def signed(self, work: TriageWork) -> Signed:
        """Who does it, and when."""
        return Signed(id=self.cause.id, at=work.now, by=self.by, roles=self.roles)


def note_of(act: Act, work: TriageWork, text: str) -> bytes:
    """A person's reason, sealed for the history."""
    return seal(act, work, text, table=HISTORY, column="note")


def seal(act: Act, work: TriageWork, text: str, *, table: str, column: str, row_id: UUID | None = None) -> bytes:
    """Free text, bound to a row: the one that this act makes, or ``row_id``."""
    row = row_id or act.cause.id
    return work.cipher(act.case.contact_id).encrypt(text, table=table, column=column, row_id=row)


def seal_words(
    act: Act, work: TriageWork, words: Mapping[str, object], *, table: str, row_id: UUID | None = None
) -> bytes:
    """Several texts by name, sealed together."""
    text = json.dumps(words, ensure_ascii=False)
    return seal(act, work, text, table=table, column="words", row_id=row_id)


def refuse_future(work: TriageWork, field: str, moment: datetime) -> None:
    """Raises Lacking for a time to come."""
    if moment > work.now:
        raise Lacking((field, "in_the_future"))
