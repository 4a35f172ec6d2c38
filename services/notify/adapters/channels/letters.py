"""Letters from templates: plain text, subject on the first line, in a sandbox that knows what it is given.

The templates are files; staff may have replaced their words by newer versions, which `use` takes without a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notify.domain.policy.wording import CannotWrite
from shared.logging import get_logger

HASH_CHARACTERS: Final = 12
SANDBOX: Final = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)
log = get_logger()


@dataclass(frozen=True, slots=True)
class Written:
    """A letter's words, and which version of its template they come from."""

    subject: str
    body: str
    template_hash: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text that can be rendered."""

    subject: Template
    body: Template
    content_hash: str

    def render(self, values: Mapping[str, object]) -> tuple[str, str]:
        """Subject and body. Raises what Jinja does where a value is missing or of the wrong kind."""
        return " ".join(self.subject.render(values).split()), self.body.render(values).strip() + "\n"


def hash_of(text: str) -> str:
    """What an attempt keeps of the text that went out."""
    return sha256(text.encode()).hexdigest()[:HASH_CHARACTERS]


def compiled(text: str) -> Compiled:
    """The text, ready to render. Raises TemplateError for one that cannot be read."""
    subject, _, body = text.partition("\n")
    return Compiled(SANDBOX.from_string(subject), SANDBOX.from_string(body), hash_of(text))


class LetterTemplates:
    """All templates: the folder's, read once at the start, and the newer words that staff have given some of them."""

    def __init__(self, folder: Path) -> None:
        """Raises TemplateError for one that cannot be read."""
        self.shipped = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))}
        self._shipped = {name: compiled(text) for name, text in self.shipped.items()}
        self._newer: dict[str, Compiled] = {}

    @property
    def names(self) -> frozenset[str]:
        """The templates there are."""
        return frozenset(self.shipped)

    def use(self, texts: Mapping[str, str]) -> None:
        """Takes these words instead of the files'. One that cannot be read any more is left at the file's, loudly."""
        newer: dict[str, Compiled] = {}
        for name, text in texts.items():
            known = self._newer.get(name)
            try:
                newer[name] = known if known and known.content_hash == hash_of(text) else compiled(text)
            except TemplateError:
                log.exception("a template's newest version cannot be read", what=name)
        self._newer = newer

    def write(self, name: str, words: Mapping[str, object]) -> Written:
        """The letter; in the shipped words where the newer ones fail. Raises CannotWrite where neither can be written:
        the template is missing or asks for what it was not given.
        """
        fault: Exception | None = None
        for template in (self._newer.get(name), self._shipped.get(name)):
            if template is None:
                continue
            try:
                subject, body = template.render(words)
            except (TemplateError, TypeError, ValueError) as failure:
                log.warning("a template cannot be written", what=name, version=template.content_hash)
                fault = failure
            else:
                return Written(subject, body, template.content_hash)
        raise CannotWrite("template_fails" if fault else "no_template") from fault
