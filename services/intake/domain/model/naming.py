"""Names in one form: case, accents, spellings, particles and hyphens do not tell two people apart."""

from __future__ import annotations

import unicodedata

from rapidfuzz.distance import OSA

from .given_names import BEFORE_ANOTHER, LONG_FORMS, SPELLING

_LETTERS = str.maketrans(
    {
        "æ": "ae",
        "ø": "o",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
        "ħ": "h",
        "ŋ": "n",
        "ə": "a",
    }
)
_APOSTROPHES = str.maketrans(dict.fromkeys("'`\u00b4\u02bc\u02bb\u2018\u2019", ""))
_PARTICLES = frozenset({
    "al", "el", "ul", "ur", "de", "da", "do", "dos", "di", "du", "la", "le", "van", "von", "der", "den", "bin", "bint",
    "ibn", "ben", "y", "e", "the",
})  # fmt: skip
_JOINED = frozenset({"mc", "mac", "o", "st"})
"""Written apart or together: Mc Donald, O'Brien, St John."""
_NO_NAMES = frozenset({
    "unknown", "nk", "na", "tbc", "none", "not", "known", "baby", "child", "unborn", "infant", "twin", "boy", "girl",
    "male", "female", "mr", "mrs", "ms", "miss", "master", "dr", "unnamed", "surname", "n", "k",
})  # fmt: skip
_SHORTEST, _LONG = 3, 7
"""From how many letters on one letter may be wrong, and two."""


def fold(text: str) -> str:
    """Lower case, no accents, letters of other Latin alphabets written out, anything but letters and digits a space."""
    one = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS).translate(_APOSTROPHES)
    plain = (letter for letter in unicodedata.normalize("NFKD", one) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in one spelling each, without particles and without what only says that it is not known."""
    joined: list[str] = []
    pending = ""
    for word in fold(name).split():
        if word in _JOINED and not pending:
            pending = word
        else:
            joined.append(pending + word)
            pending = ""
    said = [word for word in (*joined, pending) if word and word not in _NO_NAMES]
    kept = [word for word in said if word not in _PARTICLES] or said
    return tuple(SPELLING.get(word, word) for word in kept)


def telling(given: tuple[str, ...]) -> tuple[str, ...]:
    """The given names that tell one brother from another: Muhammad Ali and Muhammad Omar share the first."""
    rest = tuple(word for word in given if word not in BEFORE_ANOTHER)
    return rest or given


def close(one: str, other: str) -> bool:
    """True where a slip of the pen explains the difference: one letter, in long names two, never the first.

    (Twins are called Jayden and Hayden, Ella and Bella, Tom and Tim: in short names no letter may stand for another.)
    """
    if not one or not other or one[0] != other[0]:
        return False
    longest, shortest = max(len(one), len(other)), min(len(one), len(other))
    if shortest < _SHORTEST:
        return False
    allowed = 2 if longest >= _LONG else 1
    if OSA.distance(one, other, score_cutoff=allowed) > allowed:
        return False
    return longest > _SHORTEST or sorted(one) == sorted(other)


def same_person_may_have(one: str, other: str) -> bool:
    """True where both may be forms of one name: Alex and Alexander, Bill and William."""
    return bool(({one} | LONG_FORMS.get(one, frozenset())) & ({other} | LONG_FORMS.get(other, frozenset())))


def forms_of(word: str) -> tuple[str, ...]:
    """The word and the names it may be short for, in a fixed order."""
    return (word, *sorted(LONG_FORMS.get(word, frozenset())))
