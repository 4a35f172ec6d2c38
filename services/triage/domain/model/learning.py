"""More becomes known of a case: told later, found in its history, taken back. It is only ever rated upwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.policy.evaluate import rate
from shared.policy.facts import Facts
from shared.policy.model import Pack

from .case import Case
from .heard import History, ReopeningReason, Withdrawal, with_history
from .rating import rate_known, settle, take_in
from .records import Attention, Signed
from .stages import Move, Stage
from .told import Contact, ToldSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """What somebody told later: of every subject all that is known now."""

    id: UUID
    added_at: datetime
    given_by: str
    in_words: bool
    """A person must read what was written; the words are intake's."""
    contact: Contact
    subjects: tuple[ToldSubject, ...]
    answers_request: UUID | None = None


def hear_information(case: Case, information: Information, pack: Pack, signed: Signed) -> bool:
    """Somebody told more. True where there is a new rating to announce.

    What is written asks for a person at any stage; whatever is told of a closed contact reopens it.
    """
    codes = {"information_id": str(information.id), "given_by": information.given_by}
    case.record(signed, "information_added", codes=codes, quiet=True)
    if information.in_words:
        case.ask_for_attention(Attention.NEW_INFORMATION)
    if case.stage is Stage.CLOSED:
        case.back_to_staff(Move.REOPEN, signed, ReopeningReason.NEW_INFORMATION)
        case.ask_for_attention(Attention.NEW_INFORMATION)
    if information.answers_request is not None:
        case.information_request_answered(information.answers_request, information.added_at)
    risen = take_in(case, information.contact, information.subjects, pack, signed)
    if risen:
        settle(case, pack, signed, because="information", news=True)
    return risen


def hear_history(case: Case, found: Mapping[UUID, History], pack: Pack, signed: Signed) -> bool:
    """What was known already of the subjects. True where there is a new rating to announce."""
    risen = take_history(case, found, pack, signed)
    if risen:
        settle(case, pack, signed, because="history", news=True)
    return risen


def take_history(case: Case, found: Mapping[UUID, History], pack: Pack, signed: Signed) -> bool:
    """Takes in history, without the next version of the rating: True where one must follow."""
    risen = [_take_history(case, subject_id, history, pack, signed) for subject_id, history in found.items()]
    return any(risen)


def _take_history(case: Case, subject_id: UUID, history: History, pack: Pack, signed: Signed) -> bool:
    subject = next((one for one in case.subjects if one.subject_id == subject_id), None)
    if subject is None or (subject.history is not None and subject.history.version >= history.version):
        return False
    subject.history = history
    subject.changed = case.changed = True
    if subject.facts is None or subject.machine is None:
        return False  # what could not be rated is rated when it is told again, with its history
    subject.facts = with_history(subject.facts or Facts(), history)
    return rate_known(case, subject, rate(pack, subject.facts), pack, signed)


def hear_withdrawal(case: Case, withdrawal: Withdrawal, signed: Signed) -> None:
    """The referrer would take it back. That is information: it changes no rating, clock or stage."""
    if withdrawal.id in case.heard.withdrawals:
        return
    case.move(Move.WITHDRAW)
    case.heard.withdrawals[withdrawal.id] = withdrawal
    case.ask_for_attention(Attention.WITHDRAWAL_REQUESTED)
    codes = {"withdrawal_id": str(withdrawal.id), "reason": withdrawal.reason_code}
    case.record(signed, "withdrawal_requested", codes=codes, quiet=True)
