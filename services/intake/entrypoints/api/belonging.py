"""A contact's links, proposals and relatives as staff see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.intake.adapters.repositories.belonging import Belonging, open_reason, pair_id
from services.intake.adapters.repositories.contacts import IntakeUnitOfWork
from services.intake.adapters.repositories.linking import link_from
from services.intake.application.commands.linking import role_of
from services.intake.domain.model.index_keys import IndexKind
from services.intake.entrypoints.schemas.matching import LinkOut, LinksOut, ProposalOut, RelativeOut
from shared.security.encryption import ContactCipher


async def shown(work: IntakeUnitOfWork, contact_id: UUID) -> LinksOut:
    """All of it, with the reasons opened."""
    belonging = Belonging(work)
    links, proposals = await belonging.links(contact_id), await belonging.proposals(contact_id)
    ciphers = await belonging.ciphers({row.contact_id for row in (*links, *proposals)})
    return LinksOut(
        contact_id=contact_id,
        links=[_link(ciphers[row.contact_id], row, contact_id) for row in links],
        proposals=[_proposal(ciphers[row.contact_id], row, contact_id) for row in proposals],
        related=[one for subject in await belonging.history(contact_id) for one in _relatives(subject)],
        too_common=[IndexKind(kind).name.lower() for kind in await belonging.too_common(contact_id)],
        follows_unknown=await belonging.follows_unknown(contact_id),
    )


def _link(cipher: ContactCipher, row: Any, contact_id: UUID) -> LinkOut:
    link = link_from(row)
    return LinkOut(
        id=link.link_id,
        state=link.state.value,
        relation=link.relation.value,
        role=role_of(link, contact_id),
        other_contact_id=link.other_of(contact_id),
        pairs=link.pairs,
        reason_code=link.reason_code,
        reason=open_reason(cipher, row),
        linked_at=link.linked_at,
        linked_by=link.linked_by,
        unlinked_at=row.unlinked_at,
        unlinked_by=row.unlinked_by,
        unlink_reason_code=row.unlink_reason_code,
        unlink_reason=open_reason(cipher, row, column="unlink_reason"),
    )


def _proposal(cipher: ContactCipher, row: Any, contact_id: UUID) -> ProposalOut:
    mine = row.contact_id == contact_id
    reason = None
    if row.reason is not None:
        place = pair_id(row.subject_id, row.other_subject_id)
        reason = cipher.decrypt(bytes(row.reason), table="match_proposals", column="reason", row_id=place)
    return ProposalOut(
        subject_id=row.subject_id if mine else row.other_subject_id,
        other_subject_id=row.other_subject_id if mine else row.subject_id,
        other_contact_id=row.other_contact_id if mine else row.contact_id,
        state=row.state,
        score=round(row.score, 3),
        agrees=list(row.agrees),
        near=list(row.near),
        differs=list(row.differs),
        proposed_at=row.proposed_at,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        reason=reason,
    )


def _relatives(subject: dict[str, Any]) -> list[RelativeOut]:
    return [
        RelativeOut(
            subject_id=subject["subject_id"],
            other_subject_id=one["subject_id"],
            other_contact_id=one["contact_id"],
            relation=one["relation"],
            certainty=one["certainty"],
        )
        for one in subject["related"]
    ]
