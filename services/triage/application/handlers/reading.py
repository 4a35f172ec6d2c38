"""What intake tells of a case beside its announcement, in the domain's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.triage.application.handlers.told import contact_of, contact_told, subject_told, subjects_told
from services.triage.domain.model import Case, Challenge, Contact, History, Link, Related, Withdrawal
from services.triage.domain.model.learning import Information
from services.triage.domain.model.linking import Paired
from services.triage.domain.model.restating import AllTold, LinkTold
from shared.contracts.intake import (
    ContactRestated,
    ContactsLinked,
    DecisionChallenged,
    HistoryFound,
    InformationAdded,
    WithdrawalRequested,
)
from shared.contracts.parts import ContactKept


def information(data: InformationAdded, case: Case) -> Information:
    """What somebody told later."""
    kind = data.contact.referrer.kind
    return Information(
        id=data.information_id,
        added_at=data.added_at,
        given_by=data.given_by,
        in_words=data.in_words,
        contact=_kept(data.contact, case),
        subjects=tuple(subject_told(subject, kind) for subject in data.subjects),
        answers_request=data.answers_request,
    )


def history(data: HistoryFound) -> dict[UUID, History]:
    """What was known already, by subject."""
    return {
        one.subject_id: History(
            version=data.history_version,
            confirmed=one.confirmed.model_dump(),
            probable=one.probable.model_dump(),
            related=tuple(Related(each.contact_id, each.subject_id, each.relation, each.certainty)
                          for each in one.related),
        )
        for one in data.subjects
    }  # fmt: skip


def withdrawal(data: WithdrawalRequested) -> Withdrawal:
    """The referrer would take it back."""
    return Withdrawal(id=data.withdrawal_id, requested_at=data.requested_at, reason_code=data.reason_code)


def challenge(data: DecisionChallenged) -> Challenge:
    """The referrer disagrees."""
    return Challenge(
        id=data.challenge_id,
        challenged_at=data.challenged_at,
        reason_code=data.reason_code,
        subject_ids=data.subject_ids,
    )


def link(data: ContactsLinked, case: Case) -> LinkTold:
    """Two contacts belong together. Of the duplicate's subjects only their ids are kept in the link."""
    kind = data.contact.referrer.kind
    return LinkTold(
        link=Link(
            link_id=data.link_id,
            version=data.link_version,
            relation=data.relation,
            role=data.role,
            other_contact_id=data.other_contact_id,
            linked_at=data.linked_at,
            reason_code=data.reason_code,
            pairs=dict(data.pairs),
        ),
        contact=replace(_kept(data.contact, case), received_at=data.received_at),
        paired=tuple(Paired(subject_id=one.subject_id, told=subject_told(one.told, kind), routes=one.routes)
                     for one in data.subjects),
    )  # fmt: skip


def all_told(data: ContactRestated, case: Case, *, at: datetime) -> AllTold:
    """All of it anew."""
    return AllTold(
        contact=contact_told(data),
        subjects=subjects_told(data),
        history=history(data.history) if data.history is not None else {},
        withdrawals=tuple(withdrawal(one) for one in data.withdrawals),
        challenges=tuple(challenge(one) for one in data.challenges),
        links=tuple(link(one, case) for one in data.links),
        at=at,
    )


def _kept(kept: ContactKept, case: Case) -> Contact:
    """The contact as this event repeats it, with what only the announcement says."""
    contact, known = contact_of(kept), case.contact
    if known is None:
        return contact
    return replace(contact, incident_at=known.incident_at, channel=known.channel, sender_grade=known.sender_grade)
