"""How hard a letter is to read, by a simple measure: the length of its sentences and of its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MEAN_WORDS: Final = 16
"""Words in a sentence on average, about what public bodies' style guides ask for."""
MOST_WORDS: Final = 25
"""Words in the longest sentence."""
_SENTENCE: Final = re.compile(r"[.!?:]\s+|\n+")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Of a letter's sentences: how many words on average, and in the longest."""

    mean_words: float
    longest: int

    @property
    def plain(self) -> bool:
        """Whether it is within both bounds."""
        return self.mean_words <= MEAN_WORDS and self.longest <= MOST_WORDS


def reading_of(text: str) -> Reading:
    """Measures a letter. Lines of one or two words (a label, a reference) are no sentences."""
    counts = [len(_WORD.findall(sentence)) for sentence in _SENTENCE.split(text)]
    lengths = [count for count in counts if count > 2] or [0]  # noqa: PLR2004 -- see above
    return Reading(mean_words=round(sum(lengths) / len(lengths), 1), longest=max(lengths))
