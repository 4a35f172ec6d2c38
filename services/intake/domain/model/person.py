"""The people a contact is about, in the form in which two contacts can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from .homes import home_of, postcode_of
from .identifiers import is_synthetic, nhs_number_holds, plain, upn_form_holds
from .naming import fold, words_of

Document = Mapping[str, Any]
MOST_SUBJECTS = 100
MOST_PARENTS = 6
_PARENTS = frozenset({
    "mother", "father", "mum", "mam", "mummy", "dad", "daddy", "parent", "parents", "carer", "guardian", "stepmother",
    "stepfather", "stepmum", "stepdad",
})  # fmt: skip
_NHS_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One subject as far as it tells who it is. ``born`` is the expected date while ``unborn``.

    ``nhs_number`` is kept where it has ten digits; ``nhs_trusted`` where its check digit holds and it is of the range
    in use. ``parents`` are (given, family) of those named as parents or carers.
    """

    kind: str = "unknown"
    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    born: date | None = None
    unborn: bool = False
    sex: str | None = None
    nhs_number: str | None = None
    nhs_trusted: bool = False
    upn: str | None = None
    home: str | None = None
    postcode: str | None = None
    parents: tuple[tuple[str, str], ...] = ()

    @property
    def is_named(self) -> bool:
        """True where anything is known that could find them again."""
        return any((self.given, self.family, self.born, self.nhs_number, self.upn, self.home))


def people_of(documents: Sequence[Document], *, kinds: Sequence[str], production: bool) -> tuple[Person, ...]:
    """The subjects of a contact in their order, of all that was told of it: the contact first, additions after it.

    A later document's words for a subject stand over an earlier one's, member by member; its ``subjects`` are matched
    by their ``position``, else by their place; the contact's own are by their place, whatever else it says of them.
    ``kinds`` are the subjects' kinds as accepted, one each. Whatever has another form than expected is passed over: the
    documents are as they were sent.
    """
    merged: list[dict[str, Any]] = [{} for _ in kinds]
    adults: list[Document] = []
    for number, document in enumerate(documents):
        adults += _objects(document.get("adults"))
        for place, subject in enumerate(_listed(document.get("subjects"))):
            position = _position(subject, place) if number else place
            if position < len(merged):
                merged[position] |= {name: value for name, value in subject.items() if value not in (None, "", [], {})}
    return tuple(_person(one, kind, adults, production=production) for one, kind in zip(merged, kinds, strict=True))


def placed(addition: Document, *, ids: Sequence[str], known: int) -> tuple[Document, int]:
    """What was added, with every subject at its position, and how many subjects there are after it.

    It names a subject by ``subject_id`` (of ``ids``, in order) or by ``position``; whom it names by neither, or by
    none of these, was not named before and comes after the ``known`` ones. The order is domain.model.standing's.
    """
    subjects: list[Document] = []
    for subject in _listed(addition.get("subjects")):
        position = position_named(subject, {one: at for at, one in enumerate(ids, start=1)})
        if position is None or position > known:
            known += 1
            position = known
        subjects.append({**subject, "position": position})
    return {**addition, "subjects": subjects}, known


def position_named(subject: Document, positions: Mapping[str, int]) -> int | None:
    """The position of whom an addition names, however the id or the number was typed; None for somebody not named
    before. An id that is not among ``positions`` names nobody, whatever else is said.
    """
    try:
        return positions.get(str(UUID(str(subject.get("subject_id")))))
    except ValueError:
        said = subject.get("position")
    try:
        whole = isinstance(said, int | str) or (isinstance(said, float) and said.is_integer())
        number = int(cast("int | float | str", said)) if whole else 0
    except (ValueError, OverflowError):
        return None
    return number if 1 <= number <= MOST_SUBJECTS else None


def _position(subject: Document, place: int) -> int:
    said = subject.get("position")
    return said - 1 if isinstance(said, int) and not isinstance(said, bool) and said >= 1 else place


def _person(sent: Document, kind: str, adults: Sequence[Document], *, production: bool) -> Person:
    born, expected = _day(sent.get("birth_date")), _day(sent.get("expected_date"))
    digits = plain(_text(sent.get("nhs_number")))
    looks_right = len(digits) == _NHS_DIGITS and digits.isascii() and digits.isdecimal()
    upn = _text(sent.get("upn"))
    lines, postcode = _address(sent.get("address"))
    sex = _text(sent.get("sex"))
    return Person(
        kind=kind,
        given=words_of(_text(sent.get("given_name"))),
        family=words_of(_text(sent.get("family_name"))),
        born=born or expected,
        unborn=born is None and expected is not None,
        sex=sex if sex in ("F", "M") else None,
        nhs_number=digits if looks_right else None,
        nhs_trusted=looks_right and nhs_number_holds(digits) and is_synthetic(digits) != production,
        upn=plain(upn) if upn_form_holds(upn) else None,
        home=home_of(lines, postcode),
        postcode=postcode,
        parents=_parents([*_objects(sent.get("relationships")), *adults]),
    )


def _parents(people: Iterable[Document]) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for one in people:
        is_parent = one.get("parental_responsibility") == "yes"
        if is_parent or _PARENTS & set(fold(_text(one.get("relationship"))).split()):
            given, family = words_of(_text(one.get("given_name"))), words_of(_text(one.get("family_name")))
            if given and family:
                found[given[0], "".join(family)] = None
    return tuple(found)[:MOST_PARENTS]


def _address(sent: object) -> tuple[list[str], str | None]:
    if not isinstance(sent, dict):
        return [], None
    address = cast("Document", sent)
    listed = address.get("lines")
    lines = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    return lines, postcode_of(_text(address.get("postcode")))


def _listed(sent: object) -> list[Document]:
    """The subjects as accepted: one alone counts as a list of one, and what is no object keeps its place."""
    if isinstance(sent, dict):
        return [cast("Document", sent)]
    every = cast("list[object]", sent[:MOST_SUBJECTS]) if isinstance(sent, list) else []
    return [cast("Document", one) if isinstance(one, dict) else {} for one in every]


def _objects(sent: object) -> list[Document]:
    return [one for one in _listed(sent) if one]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
