"""Which templates there are, to whom each goes, and which values it may use: nothing else reaches a reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_CHARACTERS: Final = 8000
MOST_SUBJECT: Final = 120
_CONTROL: Final = re.compile(r"[^\S \n]|[\x00-\x09\x0b-\x1f\x7f]")
_MARKUP: Final = re.compile(r"<[A-Za-z/!]")


class Audience(StrEnum):
    """Who reads it."""

    PROFESSIONAL = "professional"  # whoever refers by profession
    FAMILY = "family"  # a child or parent about themselves; others at home may read it too
    PUBLIC = "public"  # a receipt only
    STAFF = "staff"  # whoever is on duty here


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What one template is for. ``subject`` are the values that its first line may use."""

    audience: Audience
    values: frozenset[str]
    subject: frozenset[str] = frozenset({"reference"})
    must_use: frozenset[str] = frozenset({"reference"})

    @property
    def tells_outcome(self) -> bool:
        """Whether it may say what was decided."""
        return "outcomes" in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFault:
    """What is wrong with a text, and on which line. Never the text itself."""

    code: str
    detail: str
    line: int | None = None


_REFERRER: Final = frozenset({"reference", "received", "sender_reference", "phone"})
_DECIDED: Final = _REFERRER | {"outcomes", "undecided"}
_ANSWER: Final = _DECIDED | {"result", "reasons"}


def _professional(values: frozenset[str]) -> Form:
    return Form(audience=Audience.PROFESSIONAL, values=values)


def _family(values: frozenset[str]) -> Form:
    return Form(audience=Audience.FAMILY, values=values)


_ALERT: Final = Form(audience=Audience.STAFF, values=frozenset({"reference", "rating", "link"}))
_DIGEST: Final = Form(
    audience=Audience.STAFF,
    values=frozenset({"count", "alerts"}),
    subject=frozenset({"count"}),
    must_use=frozenset({"alerts"}),
)
_LETTERS: Final[dict[str, Form]] = {
    "duty-alert": _ALERT,
    "duty-reminder": _ALERT,
    "duty-alert-digest": _DIGEST,
    "duty-reminder-digest": _DIGEST,
    "family-acknowledgement": _family(_REFERRER),
    "family-challenge-answer": _family(_ANSWER),
    "family-outcome": _family(_DECIDED),
    "family-question": _family(_REFERRER),  # an e-mail may be read by others at home: it says no question
    "professional-acknowledgement": _professional(_REFERRER),
    "professional-challenge-answer": _professional(_ANSWER),
    "professional-not-yet-decided": _professional(_DECIDED),
    "professional-opened": _professional(_REFERRER),
    "professional-outcome": _professional(_DECIDED),
    "professional-outcome-revised": _professional(_DECIDED),
    "professional-question": _professional(_REFERRER | {"questions"}),
    "public-receipt": Form(audience=Audience.PUBLIC, values=_REFERRER),
}
TEXT: Final = "text-"
FORMS: Final[dict[str, Form]] = _LETTERS | {TEXT + name: form for name, form in _LETTERS.items()}
"""Every template, each with its text message of the same values. One that is not here cannot be written, and a file
without its line here fails the tests.
"""


def template_for(name: str, *, short: bool) -> str:
    """The template that says this by the channel chosen: a telephone is sent the short form."""
    return TEXT + name if short else name


def plain_faults(text: str) -> Iterator[TemplateFault]:
    """What is wrong with a text as a text: plain, not too long, its subject on the first line."""
    if len(text) > MOST_CHARACTERS:
        yield TemplateFault(code="too_long", detail=f"At most {MOST_CHARACTERS} characters.")
    for number, line in enumerate(text.split("\n"), start=1):
        if _CONTROL.search(line) or _MARKUP.search(line):
            yield TemplateFault(
                code="not_plain_text", detail="Plain text only: no markup, tabs or control characters.", line=number
            )
    subject = text.split("\n", 1)[0].strip()
    if not subject or not text.partition("\n")[2].strip():
        yield TemplateFault(code="subject_missing", detail="The first line is the subject; the letter follows.", line=1)
    if len(subject) > MOST_SUBJECT:
        yield TemplateFault(code="subject_too_long", detail=f"At most {MOST_SUBJECT} characters.", line=1)


def told_in_words(form: Form, text: str, outcomes: Iterable[str]) -> Iterator[TemplateFault]:
    """Whether a template that may tell no outcome tells one in the pack's own words."""
    if form.tells_outcome or form.audience is Audience.STAFF:
        return
    flat = _flat(text)
    if any(_flat(words) in flat for words in outcomes if words.strip()):
        yield TemplateFault(code="tells_an_outcome", detail="This letter may not say what was decided.")


def _flat(text: str) -> str:
    return " ".join(text.lower().split())
