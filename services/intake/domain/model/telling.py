"""What may be told of a contact later, by whom and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

MOST_TELLINGS: Final = 100
"""Of each kind and contact; whoever has more to tell sends a contact that follows this one."""
PROFESSIONALS: Final = frozenset({"involved_professional", "professional"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSubject:
    """A subject's ids as others know them; ``position`` counts from 1."""

    subject_id: UUID
    position: int
    kind: str
    child_id: str | None


class Refused(Exception):
    """Not to be told now: ``code`` says why, ``advice`` what to do instead."""

    def __init__(self, code: str, advice: str) -> None:
        super().__init__(code)
        self.code = code
        self.advice = advice


def refuse_too_many(there: int) -> None:
    """Raises Refused where as much has been told of one contact as can be read together."""
    if there >= MOST_TELLINGS:
        raise Refused(
            "told_often_enough", "This contact holds no more. Send a new contact that names its reference in follows."
        )


def refuse_challenge(*, referrer_kind: str, decided: bool) -> None:
    """Raises Refused unless the referrer is a professional and something has been decided."""
    if referrer_kind not in PROFESSIONALS:
        raise Refused(
            "not_a_professional", "Only a professional referrer's contact can be challenged; phone us, or complain."
        )
    if not decided:
        raise Refused(
            "nothing_decided", "Nothing is decided yet, so there is nothing to challenge. Send information instead."
        )


def challenged_subjects(asked: Collection[UUID], named: Collection[NamedSubject]) -> tuple[UUID, ...] | None:
    """The subjects a challenge is about, all where none is named; None where one is not the contact's."""
    known = [one.subject_id for one in named]
    if not set(asked) <= set(known):
        return None
    return tuple(one for one in known if not asked or one in asked)
