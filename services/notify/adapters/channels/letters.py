"""Letters from templates: plain text files, subject on the first line, in a sandbox that knows what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notify.domain.policy.wording import CannotWrite

HASH_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True)
class Written:
    """A letter's words, and which version of its template they come from."""

    subject: str
    body: str
    template_hash: str


@dataclass(frozen=True, slots=True)
class _Loaded:
    subject: Template
    body: Template
    content_hash: str


class LetterTemplates:
    """All templates of a folder, read once at the start. Their version is the hash of their content."""

    def __init__(self, folder: Path) -> None:
        """Raises TemplateError for one that cannot be read."""
        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        self._loaded = {path.stem: _load(environment, path.read_text("utf-8")) for path in folder.glob("*.txt")}

    @property
    def names(self) -> frozenset[str]:
        """The templates there are."""
        return frozenset(self._loaded)

    def write(self, name: str, words: Mapping[str, object]) -> Written:
        """The letter. Raises CannotWrite where the template is missing or asks for what it was not given."""
        template = self._loaded.get(name)
        if template is None:
            raise CannotWrite("no_template")
        try:
            subject, body = template.subject.render(words), template.body.render(words)
        except (TemplateError, TypeError, ValueError) as fault:
            raise CannotWrite("template_fails") from fault
        return Written(" ".join(subject.split()), body.strip() + "\n", template.content_hash)


def _load(environment: ImmutableSandboxedEnvironment, source: str) -> _Loaded:
    subject, _, body = source.partition("\n")
    return _Loaded(
        environment.from_string(subject),
        environment.from_string(body),
        sha256(source.encode()).hexdigest()[:HASH_CHARACTERS],
    )
