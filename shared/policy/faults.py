"""What is wrong with a policy pack, said so that its author can find it: file, line, field, what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in one place."""

    file: str
    line: int
    field: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.problem}"


class PolicyError(Exception):
    """The pack cannot be used. `faults` lists everything found, in the order of the files."""

    def __init__(self, title: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join([title, *map(str, self.faults)]))


class GoldenCaseError(PolicyError):
    """The pack rates a golden case otherwise than agreed: a service must not start with it."""
