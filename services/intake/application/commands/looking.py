"""What intake does of itself after a contact's commit: who is this about, and did we know them already?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID, uuid5

from services.intake.application.ports import Look, MatchingWork, Seen
from services.intake.domain.model.history import Counts, Earlier, Moments, PackWords, counts_of
from services.intake.domain.model.matching import Relation, Verdict
from services.intake.domain.model.pairing import Pair
from shared.contracts.envelope import Cause
from shared.contracts.intake import HistoryCounts, HistoryFound, Relative, SubjectHistory

MOST_RELATED = 40
"""Of one subject in one announcement, the newest first; the counts are of all."""


async def look_for_earlier(work: MatchingWork, words: PackWords) -> bool:
    """Takes one contact whose look is due; False where none is. Says its history where that says something new."""
    look = await work.looks.claim()
    if look is None:
        return False
    if look.looks:
        subjects = histories(look, await work.looks.see(look), words)
        if _says_something_new(subjects, look):
            await _announce(work, look, subjects)
    if look.spreads:
        await work.looks.spread(look)
    return True


def histories(look: Look, seen: Seen, words: PackWords) -> tuple[SubjectHistory, ...]:
    """The history of each subject, as far as it is earlier than the contact itself."""
    return tuple(_history(look, seen, words, subject_id) for subject_id in look.subject_ids)


def _history(look: Look, seen: Seen, words: PackWords, subject_id: UUID) -> SubjectHistory:
    this = look.moments
    if this is None:
        raise ValueError("nothing is known of the contact")
    related = [(pair, what) for pair, what in seen.related if pair.mine.subject_id == subject_id]
    at_home = [seen.moments[pair.theirs.contact_id] for pair, _ in related if _same_home(pair)]
    earlier = seen.earlier[subject_id]

    def counted(known: Iterable[Earlier]) -> HistoryCounts:
        return HistoryCounts(**asdict(counts_of(this, look.organisation, known, at_home, words)))

    return SubjectHistory(
        subject_id=subject_id,
        child_id=seen.child_ids.get(subject_id),
        confirmed=counted(one for one in earlier if one.confirmed),
        probable=counted(earlier),
        related=_relatives(this, earlier, related, seen),
    )


def _same_home(pair: Pair) -> bool:
    return pair.comparison.verdicts["home"] is Verdict.AGREES


def _relatives(
    this: Moments, earlier: Iterable[Earlier], related: Iterable[tuple[Pair, Relation]], seen: Seen
) -> tuple[Relative, ...]:
    """The same child first by whatever way it was found; then siblings and household, who are never certain."""
    found: dict[UUID, tuple[tuple[datetime, datetime, UUID], Relative]] = {}
    for one in earlier:
        certainty = "confirmed" if one.confirmed else "probable"
        found[one.subject_id] = (one.place, _relative(one.contact_id, one.subject_id, Relation.SAME_CHILD, certainty))
    for pair, what in related:
        moments = seen.moments[pair.theirs.contact_id]
        certainty = "confirmed" if what is Relation.SAME_HOME else "probable"
        other = _relative(moments.contact_id, pair.theirs.subject_id, what, certainty)
        if what is not Relation.SAME_CHILD:
            found.setdefault(pair.theirs.subject_id, (moments.place, other))
    newest_first = sorted((one for one in found.values() if one[0] < this.place), key=lambda one: one[0], reverse=True)
    return tuple(relative for _, relative in newest_first[:MOST_RELATED])


def _relative(contact_id: UUID, subject_id: UUID, relation: Relation, certainty: str) -> Relative:
    return Relative(contact_id=contact_id, subject_id=subject_id, relation=relation.value, certainty=certainty)


def _says_something_new(subjects: tuple[SubjectHistory, ...], look: Look) -> bool:
    """An empty history is not said, unless an earlier one was: then it takes that back."""
    if look.version == 0:
        return any(_says_something(one) for one in subjects)
    return subjects != look.before


def _says_something(one: SubjectHistory) -> bool:
    return bool(one.related) or Counts(**one.probable.model_dump()).says_something


async def _announce(work: MatchingWork, look: Look, subjects: tuple[SubjectHistory, ...]) -> None:
    if look.kept is None or look.correlation_id is None:
        return
    version = look.version + 1
    data = HistoryFound(contact=look.kept, history_version=version, found_at=work.now, subjects=subjects)
    cause = Cause(id=uuid5(look.contact_id, f"history|{version}"), correlation_id=look.correlation_id)
    work.announce(data, contact_id=look.contact_id, cause=cause)
    await work.looks.said(look.contact_id, data)
