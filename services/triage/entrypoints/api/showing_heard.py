"""What others told of a case, as its readers see it: history, links, challenges, withdrawals."""

from __future__ import annotations

from typing import Any

from services.triage.application.ports import Cipher
from services.triage.domain.model import Case, Challenge, Subject
from services.triage.entrypoints.schemas import heard_views


def heard(case: Case, cipher: Cipher) -> dict[str, Any]:
    """The fields of the case that show it."""
    links = sorted(case.heard.links.values(), key=lambda link: (link.linked_at, link.link_id))
    return {
        "reopened_at": case.reopened.at if case.reopened else None,
        "reopened_reason": case.reopened.reason_code if case.reopened else None,
        "links": [heard_views.LinkView.model_validate(link, from_attributes=True) for link in links],
        "challenges": [_challenge(one, cipher) for one in case.heard.challenges.values()],
        "withdrawals": [
            heard_views.WithdrawalView(withdrawal_id=one.id, requested_at=one.requested_at, reason_code=one.reason_code)
            for one in case.heard.withdrawals.values()
        ],
    }


def history_of(subject: Subject) -> heard_views.HistoryView | None:
    """What was known already of one subject; None where nobody has looked yet."""
    history = subject.history
    if history is None:
        return None
    return heard_views.HistoryView(
        version=history.version,
        confirmed=dict(history.confirmed),
        probable=dict(history.probable),
        related=[heard_views.RelatedView.model_validate(one, from_attributes=True) for one in history.related],
    )


def _challenge(challenge: Challenge, cipher: Cipher) -> heard_views.ChallengeView:
    answer = None
    if challenge.answer is not None:
        answer = cipher.decrypt(challenge.answer, table="challenges", column="answer", row_id=challenge.id)
    return heard_views.ChallengeView(
        challenge_id=challenge.id,
        challenged_at=challenge.challenged_at,
        reason_code=challenge.reason_code,
        subject_ids=list(challenge.subject_ids),
        result=challenge.result,
        reason_codes=list(challenge.reason_codes),
        answer=answer,
        answered_by=challenge.answered_by,
        answered_at=challenge.answered_at,
    )
