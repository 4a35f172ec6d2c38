"""Every referrer is told: a decision is said on the contact it was made on, and on each of its duplicates."""

from __future__ import annotations

from uuid import UUID

from services.triage.application.handlers import translation
from services.triage.application.ports import TriageWork
from services.triage.domain.model import Case, Decision, Signed, linking
from shared.contracts.envelope import Cause

NOTHING_WRITTEN = "{}"
DECISIONS = "decisions"


def say_decided(case: Case, decision: Decision, work: TriageWork, cause: Cause) -> None:
    """Says a decision that has come into force; one that replaces another as a revision."""
    said = translation.decided(case, decision, work.pack, undecided=case.undecided())
    # The same act may decide the same subject in two contacts: the contact makes the ids differ.
    whose = f"{case.contact_id}|" if decision.made_on is not None else ""
    discriminator = f"{whose}{decision.subject_id}|{decision.version}"
    work.announce(said, contact_id=case.contact_id, cause=cause, discriminator=discriminator)


def let_follow(case: Case, work: TriageWork, cause: Cause, signed: Signed, *, fresh: UUID | None = None) -> None:
    """The case takes over what its primary has decided, and its duplicates take over what it has; ``fresh`` is the
    decision that has just come into force on it. All of them are locked.
    """
    primary = work.cases.get(case.heard.duplicate_of) if case.heard.duplicate_of is not None else None
    if primary is not None:
        _follow(case, primary, work, cause, signed, fresh=None)
    for duplicate in work.cases.duplicates_of(case.contact_id):
        _follow(duplicate, case, work, cause, signed, fresh=fresh)


def _follow(case: Case, primary: Case, work: TriageWork, cause: Cause, signed: Signed, *, fresh: UUID | None) -> None:
    def sealed(decision_id: UUID) -> bytes:
        cipher = work.cipher(case.contact_id)
        return cipher.encrypt(NOTHING_WRITTEN, table=DECISIONS, column="words", row_id=decision_id)

    for decision in linking.follow(case, primary, work.pack, signed, fresh=fresh, sealed=sealed):
        say_decided(case, decision, work, cause)
        for duplicate in work.cases.duplicates_of(case.contact_id):
            _follow(duplicate, case, work, cause, signed, fresh=decision.id)
    if linking.take_up(primary, case, signed) and (reopened := translation.reopened(primary)) is not None:
        primary.reopening_unsaid = False
        work.announce(reopened, contact_id=primary.contact_id, cause=cause)
