"""Does every code that an entry names exist?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from shared.policy.faults import Fault
from shared.policy.files import Entry


def exists(entry: Entry[Any], codes: Collection[Any], *fields: str) -> Iterator[Fault]:
    """A fault for each code in these fields of the entry that is not one of ``codes``."""
    for field in fields:
        named = getattr(entry.value, field)
        for code in named if isinstance(named, tuple) else (named,):
            if code is not None and code not in codes:
                yield entry.fault(f"no {field} is called {code}", field)


def strings(values: Iterable[object]) -> Iterator[str]:
    """The values as texts."""
    return (str(value) for value in values)
