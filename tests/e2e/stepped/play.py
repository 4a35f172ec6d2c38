"""What a contact of the run is: who tells it, what is done about it and when, and what must come of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mash.demo.examples import Sender, Step

from .calendar import at

TOLD_AT = at(2, 11, 10)
"""Thursday 11 February 2027, ten o'clock: Good Friday, Easter and the change to summer time lie ahead."""
NARRATIVE = "marmalade on the seventh staircase"
RATIONALE = "weighed against the blue ledger"
CHILDREN = {
    "baby": ("Zephyrine", "Quadling", "2026-12-17"),
    "baby-late": ("Ignatius", "Brackenwell", "2026-11-30"),
    "danger": ("Wilhelmina", "Oxtoby", "2019-08-21"),
    "danger-late": ("Thaddeus", "Marchmont", "2014-01-09"),
    "worry": ("Perpetua", "Vandeleur", "2016-06-13"),
    "worry-late": ("Barnaby", "Ellerslie", "2012-10-27"),
    "green": ("Clementine", "Hathersage", "2015-03-18"),
    "green-late": ("Leopold", "Jessamy", "2018-12-02"),
    "club": ("Rosalind", "Kittiwake", "2013-07-25"),
    "club-late": ("Augustin", "Fothergill", "2011-02-14"),
    "plan": ("Henrietta", "Yarborough", "2020-05-06"),
    "plan-late": ("Montague", "Pemberley", "2010-09-30"),
    "neighbour": ("Seraphina", "Dunstable", "2021-11-11"),
    "neighbour-late": ("Cornelius", "Ashbourne", "2009-04-22"),
    "nameless": ("Beatrix", "Lindqvist", "2022-01-28"),
    "unreachable": ("Octavian", "Wetherby", "2017-10-16"),
}
"""Each contact's child, like no other one: nothing is to be found again."""
REFERRER = "Ottoline Quillfeather"
PERSONAL = (NARRATIVE, RATIONALE, *REFERRER.split(), *(one for child in CHILDREN.values() for one in child))
"""Nothing of this may stand in a letter."""
ATTEST = "attest"
"""A step of staff, at notify: they have told the referrer themselves."""

_CLIENT = Sender(client="stepped-partner", organisation="stepped-partner", name="A partner (test)")
_STAFF = Sender(staff="duty.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A step, and the moment of business time at which it is taken."""

    at: datetime
    step: Step


def act(moment: datetime, do: str, *, by: str | None = None, subject: int | None = None, **fields: Any) -> Act:
    """A step of staff or of the sender, as the example contacts have them."""
    return Act(at=moment, step=Step(do=do, by=by, subject=subject, after=None, fields=fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to the referrer: the pack's rule that asks for it, and when it must have gone out."""

    purpose: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One contact. ``met`` and ``missed``: due moments by kind of clock. ``rest``: kinds that end without either."""

    name: str
    sender: Sender
    contact: Mapping[str, Any]
    acts: tuple[Act, ...]
    met: Mapping[str, tuple[datetime, ...]]
    missed: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict[str, tuple[datetime, ...]])
    letters: tuple[Letter, ...] = ()
    attested: tuple[str, ...] = ()
    """Letters that nobody could deliver, and staff attested: purposes."""
    rest: frozenset[str] = frozenset()

    @property
    def address(self) -> str:
        """The referrer's address: letters are told apart by it."""
        return f"{self.name}@example.org"


def contact_of(
    name: str, referrer_kind: str, *, facts: Mapping[str, str], indicators: Mapping[str, str], email: str | None = None
) -> tuple[Sender, dict[str, Any]]:
    """Who posts it, and what: one child, whose name, birth date and story must not come back in any letter."""
    by_partner = referrer_kind in {"involved_professional", "professional"}
    referrer: dict[str, Any] = {"kind": referrer_kind, "name": REFERRER}
    if referrer_kind != "anonymous":
        referrer["email"] = email or f"{name}@example.org"
    if by_partner:
        referrer |= {"source_code": "3B", "role": "Health visitor"}
    given_name, family_name, birth_date = CHILDREN[name]
    child = {
        "kind": "child",
        "given_name": given_name,
        "family_name": family_name,
        "birth_date": birth_date,
        "sex": "F",
        "facts": dict(facts),
        "indicators": dict(indicators),
    }
    told = {
        "channel": "api" if by_partner else "phone",
        "referrer": referrer,
        "subjects": [child],
        "consent": {"state": "given", "by": "mother"},
        "narrative": f"Told of {NARRATIVE}.",
    }
    return (_CLIENT if by_partner else _STAFF), told
