"""Why a breach came about, as staff say it. The ledger's entry stays what it is, whatever is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class CauseCode(StrEnum):
    """What made it late. A closed list: only what has a code can be counted."""

    DEMAND = "demand"  # more came in than the people on shift could work
    STAFFING = "staffing"  # people who should have been there were not
    WAITING_FOR_AGENCY = "waiting_for_agency"  # an agency asked had not answered, or could not attend
    WAITING_FOR_FAMILY = "waiting_for_family"  # the family could not be reached, or consent was being sought
    WAITING_FOR_REFERRER = "waiting_for_referrer"  # the referrer could not be reached, or had more to tell
    LATE_BEFORE_ARRIVAL = "late_before_arrival"  # most of the time had gone when it reached the hub
    RECORDED_LATE = "recorded_late"  # done in time and written down afterwards
    WRONG_ROUTE = "wrong_route"  # it was rated, or given to a team, that it should not have been
    OVERSIGHT = "oversight"  # nobody saw that it was due
    SYSTEM_FAULT = "system_fault"  # this system, or one it needs, was away or wrong
    OTHER = "other"  # said in the note


class ExplanationRefused(Exception):
    """It cannot be kept so. ``field`` is what is wrong, ``code`` why, ``detail`` what to do instead."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(code)
        self.field, self.code, self.detail = field, code, detail


class ExcuseIsForManagers(ExplanationRefused):
    """Whether a breach is excused is a manager's word, not that of whoever had the clock."""

    def __init__(self) -> None:
        super().__init__("excused", "only_a_manager", "Leave it out: a manager says whether it is excused.")


class WordsNeeded(ExplanationRefused):
    """The code "other" tells nobody anything by itself."""

    def __init__(self) -> None:
        super().__init__("note", "words_needed", "Say in a note what the other cause was.")


class ContactForgotten(ExplanationRefused):
    """The contact has been erased: no words about it are kept any more, a code may still be."""

    def __init__(self) -> None:
        super().__init__("note", "contact_erased", "The contact has been erased: give a cause without a note.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One thing said of one breach. ``excused`` None says nothing about that; ``note`` is sealed."""

    id: UUID
    breach_id: UUID
    contact_id: UUID
    cause: CauseCode
    excused: bool | None
    explained_at: datetime
    explained_by: str
    note: bytes | None


def refuse_unfit(cause: CauseCode, *, excused: bool | None, with_note: bool, by_manager: bool, erased: bool) -> None:
    """Raises ExcuseIsForManagers, WordsNeeded or ContactForgotten."""
    if excused is not None and not by_manager:
        raise ExcuseIsForManagers
    if erased and (with_note or cause is CauseCode.OTHER):
        raise ContactForgotten
    if cause is CauseCode.OTHER and not with_note:
        raise WordsNeeded
