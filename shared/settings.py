"""Reads settings from the environment, typed; a bad one is named, its value never repeated (it may be a secret)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar


class SettingError(Exception):
    """A setting cannot be used; the message names it and says what is wanted."""


class SettingMissing(SettingError):
    """A required setting is absent or empty."""


class SettingInvalid(SettingError):
    """A setting is there but cannot be read as what it should be."""


class _Required:
    """Marks a setting that has no default."""


_REQUIRED: Final = _Required()
_Word = TypeVar("_Word", bound=str)
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that must not be printed by accident."""

    _value: str

    def reveal(self) -> str:
        """The value itself; call it where it is used, not earlier."""
        return self._value

    def __repr__(self) -> str:
        """Never the value."""
        return "Secret(***)"


class Environment:
    """One process's settings. Without a default a setting is required; an empty one counts as absent."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Usually `Environment(os.environ)`."""
        self._variables = variables

    def text(self, name: str, default: str | _Required = _REQUIRED) -> str:
        """A text, outer spaces removed; raises SettingMissing."""
        value = self._variables.get(name, "").strip()
        if value:
            return value
        if isinstance(default, _Required):
            raise SettingMissing(f"{name} is not set")
        return default

    def optional(self, name: str) -> str | None:
        """A text, or None where it is absent."""
        return self.text(name, "") or None

    def secret(self, name: str, default: str | _Required = _REQUIRED) -> Secret:
        """As `text`, wrapped so that it is not printed; raises SettingMissing."""
        return Secret(self.text(name, default))

    def integer(
        self, name: str, default: int | _Required = _REQUIRED, *, minimum: int | None = None, maximum: int | None = None
    ) -> int:
        """A whole number within bounds; raises SettingMissing or SettingInvalid."""
        text = self.text(name, default if isinstance(default, _Required) else str(default))
        try:
            value = int(text)
        except ValueError:
            raise SettingInvalid(f"{name} must be a whole number") from None
        _check_bounds(name, value, minimum, maximum)
        return value

    def number(
        self,
        name: str,
        default: float | _Required = _REQUIRED,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> float:
        """A number within bounds; raises SettingMissing or SettingInvalid."""
        text = self.text(name, default if isinstance(default, _Required) else repr(float(default)))
        try:
            value = float(text)
        except ValueError:
            raise SettingInvalid(f"{name} must be a number") from None
        if not math.isfinite(value):
            raise SettingInvalid(f"{name} must be a finite number")
        _check_bounds(name, value, minimum, maximum)
        return value

    def flag(self, name: str, *, default: bool | _Required = _REQUIRED) -> bool:
        """Yes or no; raises SettingMissing or SettingInvalid."""
        text = self.text(name, default if isinstance(default, _Required) else str(default)).lower()
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        raise SettingInvalid(f"{name} must be true or false")

    def choice(self, name: str, choices: tuple[_Word, ...], default: _Word | _Required = _REQUIRED) -> _Word:
        """One of the words named; raises SettingMissing or SettingInvalid."""
        text = self.text(name, default)
        for choice in choices:
            if text == choice:
                return choice
        raise SettingInvalid(f"{name} must be one of {', '.join(choices)}")


def _check_bounds(name: str, value: float, minimum: float | None, maximum: float | None) -> None:
    if minimum is not None and value < minimum:
        raise SettingInvalid(f"{name} must be at least {minimum}")
    if maximum is not None and value > maximum:
        raise SettingInvalid(f"{name} must be at most {maximum}")
