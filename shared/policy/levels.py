"""Levels of need, and what a professional is asked before a contact, as frozen data. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One of several ways a level is answered: in which case, who leads, what is done."""

    when: str
    lead: str
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of need. It is not the rating."""

    level: int
    name: str
    means: str  # who is at this level
    responses: tuple[str, ...]  # what is done at it
    descriptors: tuple[str, ...] = ()  # what is seen at it, where the document has no indicators with codes
    coordinator: str = ""  # who coordinates the help
    branches: tuple[Branch, ...] = ()
    call: str | None = None  # whom to call at this level: a code of Pack.calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question a professional answers for themselves before making contact."""

    code: str
    asks: str
    if_yes: str | None = None  # what a yes means for what to do next
    answers: str | None = None  # the fact or indicator that a yes says, so that the same rules rate it
