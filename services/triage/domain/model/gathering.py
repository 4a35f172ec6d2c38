"""Gathering: what agencies are asked and answer, and what the referrer is asked. Each is a decision of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.triage.domain import policy
from shared.policy.guards import may_ask_agencies
from shared.policy.model import Pack

from .case import Case
from .items import Answer, Chase, Check, CheckAnswer, InformationRequest, NotThere
from .records import Attention, Signed
from .stages import SETTLED, Lacking, Move, NotAllowed

_CARRIES: Mapping[Answer, tuple[str, ...]] = {
    Answer.INFORMATION: ("what", "answered_by", "why"),
    Answer.NOTHING_KNOWN: ("answered_by",),
    Answer.REFUSED: ("what", "answered_by"),
    Answer.NO_LONGER_NEEDED: ("what",),
}
"""What each kind of answer must say; of free text only its presence is known here."""
KEPT_TO_OURSELVES = "What is rated so is shared with no agency. Rate it again, with a reason, where they must be asked."
NO_ADDRESS = "There is no address to write to: phone the referrer, where a number is known, and record what was said."


def ask_agencies(
    case: Case, checks: Sequence[Check], pack: Pack, signed: Signed, *, consent_reason: bool
) -> Sequence[Check]:
    """Asks agencies what they know, one item for each.

    On a route that the pack wants consent for, consent must be given or not apply; else a reason for doing without
    must be recorded. Raises NotAllowed (also on a route that shares nothing), or Lacking naming what is unknown or
    missing.
    """
    case.move(Move.ASK_AGENCIES)
    if any(check.agency not in pack.agencies for check in checks):
        raise Lacking(("agencies", "unknown_agency"))
    asked_about = [case.subject(subject_id) for check in checks for subject_id in check.subject_ids]
    if not all(may_ask_agencies(pack, one.standing.routes) for one in asked_about):
        raise NotAllowed("not_shared", case.stage, say=KEPT_TO_OURSELVES)
    gated = any(policy.route_gated(pack, one.standing, one.consent) for one in asked_about)
    if gated and not consent_reason:
        raise Lacking(("consent_reason", "missing_consent"))
    for check in checks:
        case.checks.append(check)
        subjects = [str(one) for one in check.subject_ids]
        codes = {"check_id": str(check.id), "agency": check.agency, "subject_ids": subjects}
        case.record(signed, "check_asked", codes=codes | ({"without_consent": True} if gated else {}))
    return checks


def answer_check(case: Case, check_id: UUID, answer: CheckAnswer, signed: Signed, *, given: Collection[str]) -> Check:
    """An agency answers. A further answer amends: it is kept beside the first, which settled the check.

    Raises NotAllowed, NotThere, or Lacking for a time before it was asked and for what an answer must carry.
    """
    case.move(Move.ANSWER_CHECK)
    check = find_check(case, check_id)
    missing = [(name, f"missing_{name}") for name in _CARRIES[answer.answer] if name not in given]
    if answer.answered_at < check.requested_at:
        missing.append(("answered_at", "before_asked"))
    if missing:
        raise Lacking(*missing)
    check.answers.append(answer)
    check.changed = True
    if case.stage in SETTLED and answer.answer is Answer.INFORMATION:
        case.ask_for_attention(Attention.ANSWERED_LATE)
    what = "check_answered" if len(check.answers) == 1 else "check_answer_amended"
    codes = {"check_id": str(check.id), "agency": check.agency, "answer": answer.answer.value}
    case.record(signed, what, codes=codes)
    return check


def chase_check(case: Case, check_id: UUID, chase: Chase, signed: Signed) -> Check:
    """The agency is reminded of an open check. Raises NotAllowed, NotThere, or Lacking (a time before it was asked)."""
    case.move(Move.CHASE_CHECK)
    check = find_check(case, check_id)
    if not check.open:
        raise NotAllowed("answered_already", case.stage)
    if chase.chased_at < check.requested_at:
        raise Lacking(("chased_at", "before_asked"))
    check.chases.append(chase)
    check.changed = True
    codes = {"check_id": str(check.id), "agency": check.agency, "how": chase.how, "chases": len(check.chases)}
    case.record(signed, "check_chased", codes=codes)
    return check


def find_check(case: Case, check_id: UUID) -> Check:
    """One check. Raises NotThere."""
    for check in case.checks:
        if check.id == check_id:
            return check
    raise NotThere


def open_checks(case: Case, subject_id: UUID) -> list[Check]:
    """What agencies have not answered yet about a subject."""
    return [check for check in case.checks if check.open and subject_id in check.subject_ids]


def hear_due(case: Case, check_id: UUID, due_at: datetime) -> None:
    """Deadlines says by when a check is to be answered. A challenge's clock comes this way too: none of ours."""
    for check in case.checks:
        if check.id == check_id and check.due_at != due_at:
            check.due_at, check.changed, case.changed = due_at, True, True


def ask_referrer(case: Case, request: InformationRequest, pack: Pack, signed: Signed) -> None:
    """Asks the referrer for more, in the pack's own words.

    Raises NotAllowed (also where there is nobody to write to), or Lacking for a question that the pack has not.
    """
    case.move(Move.ASK_REFERRER)
    if set(request.question_codes) - pack.questions.keys():
        raise Lacking(("question_codes", "unknown_question"))
    if case.contact is None or not case.contact.has_address:
        raise NotAllowed("referrer_has_no_address", case.stage, say=NO_ADDRESS)
    case.requests.append(request)
    codes = {"request_id": str(request.id), "questions": list(request.question_codes)}
    case.record(signed, "information_asked", codes=codes)
