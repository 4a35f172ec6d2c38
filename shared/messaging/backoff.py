"""How long to wait before the next try."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Capped exponential delays. Part of each delay is left to chance, so that many who failed together do not return
    together.
    """

    first_seconds: float = 0.1
    factor: float = 2.0
    cap_seconds: float = 10.0
    jitter: float = 0.5
    """The share of a delay that chance may take off: 0.0 none, 1.0 all of it."""

    def __post_init__(self) -> None:
        if self.first_seconds <= 0 or self.cap_seconds < self.first_seconds:
            raise ValueError("a backoff needs 0 < first_seconds <= cap_seconds")
        if self.factor < 1 or not 0 <= self.jitter <= 1:
            raise ValueError("a backoff needs factor >= 1 and 0 <= jitter <= 1")

    def seconds(self, attempt: int, *, chance: float) -> float:
        """The delay after failed attempt number `attempt` (from 1). `chance` in [0, 1) is drawn by the caller."""
        delay = self.first_seconds
        for _ in range(attempt - 1):  # not a power: attempt may be in the thousands, and a float overflows
            if delay >= self.cap_seconds:
                break
            delay *= self.factor
        return min(delay, self.cap_seconds) * (1 - self.jitter * chance)
