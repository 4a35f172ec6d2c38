"""What a professional does next, and which number they call: frozen data. Standard library only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How somebody of `Pack.calls` is reached."""

    call: str
    number: str
    when: str  # opening hours, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One thing to do, said where every list that is given here has one of what the answers come to."""

    code: str
    words: str
    calls: tuple[str, ...] = ()  # whom to call for it: codes of Pack.calls
    now: bool = False  # call them now, before anything is written
    routes: tuple[str, ...] = ()  # the proposed route where one is proposed, else those in force
    levels: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    def fits(
        self, *, routes: Collection[str], level: int | None, flags: Collection[str], advice: Collection[str]
    ) -> bool:
        """Is it to be said?"""
        return (
            (not self.routes or any(route in routes for route in self.routes))
            and (not self.levels or level in self.levels)
            and (not self.flags or any(flag in flags for flag in self.flags))
            and (not self.advice or any(each in advice for each in self.advice))
        )
