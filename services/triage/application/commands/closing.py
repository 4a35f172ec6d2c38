"""Closing a contact with its reason, and opening it again."""

from __future__ import annotations

from services.triage.application.handlers import say_reopened, translation
from services.triage.application.ports import TriageWork
from services.triage.domain.model import Case, ClosureReason, ReopeningReason, Stage, closing
from shared.contracts.triage import ContactClosed

from .acting import MANAGER, Act, note_of


def close_contact(act: Act, work: TriageWork, *, reason: ClosureReason, note: str | None) -> None:
    """The front door's work on the contact is done; with it that on its duplicates whose referrers are told, and which
    ask for nobody's attention: what they say has not been seen by whoever closes this one.
    """
    duplicates = work.cases.duplicates_of(act.case.contact_id)
    closing.refuse_leaving_undecided(act.case, duplicates)
    sealed = note_of(act, work, note) if note else None
    closing.close(act.case, reason, act.signed(work), manager=MANAGER in act.roles, note=sealed)
    _say_closed(act.case, reason, act, work)
    if reason is ClosureReason.COMPLETED:
        for duplicate in duplicates:
            at_rest = duplicate.stage is not Stage.CLOSED and not duplicate.attention
            if at_rest and closing.may_be_closed(duplicate):
                closing.close(duplicate, ClosureReason.DUPLICATE, act.signed(work), manager=False, note=None)
                _say_closed(duplicate, ClosureReason.DUPLICATE, act, work)


def reopen_contact(act: Act, work: TriageWork, *, reason: ReopeningReason, note: str) -> None:
    """Staff say why it must be open again; what is decided stays in force."""
    closing.reopen(act.case, reason, act.signed(work), role=MANAGER, note=note_of(act, work, note))
    say_reopened(act.case, work, act.cause)


def _say_closed(case: Case, reason: ClosureReason, act: Act, work: TriageWork) -> None:
    said = ContactClosed(contact=translation.contact_kept(case), closed_at=work.now, reason_code=reason.value)
    which = "" if case is act.case else str(case.contact_id)
    work.announce(said, contact_id=case.contact_id, cause=act.cause, discriminator=which)
