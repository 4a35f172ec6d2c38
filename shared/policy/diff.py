"""What is different between two packs, by section and code, in words. Pure; comments and layout are no difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, Final

from shared.policy.model import Pack
from shared.policy.spelling import spell

_NO_SECTIONS: Final = frozenset({"version", "content_hash"})
_KEYS: Final = ("code", "id", "kind", "name")
"""What an entry of a list is known by: the first of these that it has; else its place."""


class What(StrEnum):
    """What became of an entry."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that reads otherwise now."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry that is new, gone or otherwise. ``words`` say what it is; ``fields`` only where it changed."""

    section: str
    code: str
    what: What
    words: str
    fields: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        head = f"{self.section}: {self.code} {self.what.value}"
        if self.what is not What.CHANGED:
            return f"{head}: {self.words}"
        return "\n".join([head, *(f"  {each.field}: {each.old} -> {each.new}" for each in self.fields)])


def difference(old: Pack, new: Pack) -> tuple[Change, ...]:
    """Every entry that differs, section by section in the order of the model; within one, removed entries first."""
    names = [each.name for each in fields(Pack) if each.init and each.name not in _NO_SECTIONS]
    return tuple(change for name in names for change in _section(name, getattr(old, name), getattr(new, name)))


def _section(name: str, old: object, new: object) -> Iterator[Change]:
    before, after = _entries(name, old), _entries(name, new)
    for code in before.keys() - after.keys():
        yield Change(section=name, code=code, what=What.REMOVED, words=_words(before[code]))
    for code, entry in after.items():
        if code not in before:
            yield Change(section=name, code=code, what=What.ADDED, words=_words(entry))
        elif before[code] != entry and (changed := tuple(_fields(before[code], entry))):
            yield Change(section=name, code=code, what=What.CHANGED, words=_words(entry), fields=changed)


def _entries(name: str, section: object) -> dict[str, Any]:
    if isinstance(section, Mapping):
        return {spell(code): entry for code, entry in section.items()}
    if isinstance(section, tuple):
        return {_key(entry, place): entry for place, entry in enumerate(section, start=1)}  # pyright: ignore[reportUnknownArgumentType]
    if is_dataclass(section) and not isinstance(section, type):
        return {each.name: getattr(section, each.name) for each in fields(section)}
    return {name: section}


def _key(entry: object, place: int) -> str:
    return next((str(getattr(entry, key)) for key in _KEYS if hasattr(entry, key)), str(place))


def _fields(old: Any, new: Any) -> Iterator[FieldChange]:
    if not is_dataclass(new) or type(old) is not type(new):
        yield FieldChange(field="words", old=spell(old), new=spell(new))
        return
    for each in fields(new):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if before != after and each.name != "line":  # where a golden case stands is no difference
            yield FieldChange(field=each.name, old=spell(before), new=spell(after))


def _words(entry: object) -> str:
    """What an entry is about: its own text, label or name where it has one."""
    named = next((str(getattr(entry, key)) for key in ("text", "label", "name") if getattr(entry, key, None)), None)
    return named or spell(entry)
