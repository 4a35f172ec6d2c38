"""Invented letters' values: what a template is tried with before it is taken, and shown with when it is previewed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .templates import Form
from .wording import AlertWords, OutcomeWords

REFERENCE: Final = "MASH-7K3P-2QF9-5"
Values = Mapping[str, object]

_FIRST: Final = OutcomeWords(
    who="the first child you named",
    words="A social worker will carry out an assessment.",
    reasons=("More needs to be known before it can be decided who should help.",),
    services=("Family hub",),
)
_SECOND: Final = OutcomeWords(
    who="the second child you named",
    words="The family will be told of services that can help them.",
    reasons=(),
    services=(),
)
_BARE: Final = OutcomeWords(who="the unborn baby you told us about", words=_SECOND.words, reasons=(), services=())
_USUAL: Final[Values] = {
    "reference": REFERENCE,
    "received": "Friday 20 November 2026 at 12:00",
    "sender_reference": "SCH/2026/14",
    "phone": "01632 960000",
    "rating": "Red",
    "link": "https://hub.example.org/contacts/1",
    "questions": ("Who lives with the child?", "What has the child said?"),
    "result": "We agree with you in part.",
    "reasons": ("What you told us was weighed again.",),
    "outcomes": [_FIRST, _SECOND],
    "undecided": [],
    "count": 2,
    "alerts": [
        AlertWords(reference=REFERENCE, rating=name, link="https://hub.example.org/contacts/1") for name in "AB"
    ],
}
_CHANGES: Final[dict[str, Values]] = {
    "usual": {},
    "without_your_reference": {"sender_reference": None},
    "one_person": {"outcomes": [_BARE], "reasons": ()},
    "partly_decided": {"outcomes": [_FIRST], "undecided": ["the second child you named"]},
    "nothing_decided": {"outcomes": [], "undecided": ["the child you told us about"]},
    "one_left": {"count": 1, "alerts": [AlertWords(reference=REFERENCE, rating="not known yet", link="-")]},
}
NAMES: Final = tuple(_CHANGES)


def samples(form: Form) -> dict[str, Values]:
    """The samples that make a difference to this template, by name: only the values that it may use are in them."""
    return {
        name: {value: {**_USUAL, **changes}[value] for value in sorted(form.values)}
        for name, changes in _CHANGES.items()
        if not changes or form.values & changes.keys()
    }
