"""How much one caller may ask: a bucket of tokens each, in this process's memory."""

import math
from dataclasses import dataclass
from typing import Final

from shared.clock import Clock

_MAX_BUCKETS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """So many requests a second on average, and so many at once after a rest."""

    per_second: float
    burst: int


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether this request may pass, what is left, and after how many seconds another is sure to pass."""

    allowed: bool
    remaining: int
    retry_seconds: int
    limit: RateLimit

    def headers(self) -> list[tuple[str, str]]:
        """RateLimit and RateLimit-Policy (IETF draft 11), and Retry-After for a refusal."""
        window = math.ceil(self.limit.burst / self.limit.per_second)
        headers = [
            ("RateLimit-Policy", f'"caller";q={self.limit.burst};w={window}'),
            ("RateLimit", f'"caller";r={self.remaining};t={window}'),
        ]
        return headers if self.allowed else [*headers, ("Retry-After", str(self.retry_seconds))]


class RateLimiter:
    """Keeps a bucket for each caller; a full bucket says nothing and may be forgotten."""

    def __init__(self, limit: RateLimit, clock: Clock) -> None:
        """All buckets have the same size."""
        self._limit = limit
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str) -> Verdict:
        """Take one token from the caller's bucket."""
        now = self._clock.monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _MAX_BUCKETS:
                self._forget(now)
            bucket = self._buckets[key] = _Bucket(float(self._limit.burst), now)
        bucket.tokens = self._tokens(bucket, now)
        bucket.at = now
        allowed = bucket.tokens >= 1
        if allowed:
            bucket.tokens -= 1
        wait = math.ceil(max(0.0, 1 - bucket.tokens) / self._limit.per_second)
        return Verdict(allowed, int(bucket.tokens), max(1, wait), self._limit)

    def _tokens(self, bucket: _Bucket, now: float) -> float:
        return min(float(self._limit.burst), bucket.tokens + (now - bucket.at) * self._limit.per_second)

    def _forget(self, now: float) -> None:
        full = [key for key, bucket in self._buckets.items() if self._tokens(bucket, now) >= self._limit.burst]
        for key in full or [next(iter(self._buckets))]:
            del self._buckets[key]
