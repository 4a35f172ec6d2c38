"""What the front half says of a contact beside receiving, rating and deciding it; each method makes one event.

Times are minutes after receipt, as in ``Life``.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from shared.contracts.envelope import Event, EventData
from shared.contracts.intake import (
    ContactRestated,
    ContactsLinked,
    ContactsUnlinked,
    DecisionChallenged,
    HistoryFound,
    InformationAdded,
    LinkedSubject,
    WithdrawalRequested,
)
from shared.contracts.triage import (
    ChallengeAnswered,
    CheckAnswered,
    ChecksRequested,
    ContactAssigned,
    ContactReopened,
    DecisionRevised,
    InformationRequested,
)
from tests.support.builders_deadlines import Life


class WorkedLife(Life):
    """A contact of which more is said: checks, challenges, links, reopening."""

    def item(self, name: str) -> UUID:
        """The id of a check, challenge, request or link of this name."""
        return uuid5(self.id, name)

    def added(self, minutes: float, *, subjects: int | None = None) -> Event[InformationAdded]:
        """More information, perhaps about one subject more."""
        self.subjects = subjects or self.subjects
        data = InformationAdded(
            contact=self.kept(),
            information_id=self.item(f"information {minutes}"),
            added_at=self.at(minutes),
            given_by="referrer",
            in_words=True,
            subjects=self.told(),
        )
        return self.event(data, minutes)

    def withdrawn(self, minutes: float) -> Event[WithdrawalRequested]:
        """The referrer would take it back."""
        data = WithdrawalRequested(
            contact=self.kept(),
            withdrawal_id=self.item("withdrawal"),
            requested_at=self.at(minutes),
            reason_code="other",
        )
        return self.event(data, minutes)

    def history(self, minutes: float, version: int = 1) -> Event[HistoryFound]:
        """Nothing was known."""
        data = HistoryFound(contact=self.kept(), history_version=version, found_at=self.at(minutes), subjects=())
        return self.event(data, minutes)

    def challenged(self, minutes: float, name: str = "challenge") -> Event[DecisionChallenged]:
        """The referrer disagrees."""
        return self.event(self._challenge(minutes, name), minutes)

    def _challenge(self, minutes: float, name: str) -> DecisionChallenged:
        return DecisionChallenged(
            contact=self.kept(),
            challenge_id=self.item(name),
            challenged_at=self.at(minutes),
            reason_code="threshold",
            subject_ids=(self.subject(1),),
        )

    def challenge_answered(
        self, minutes: float, name: str = "challenge", result: str = "upheld", reasons: tuple[str, ...] = ()
    ) -> Event[ChallengeAnswered]:
        """A manager has answered."""
        data = ChallengeAnswered(
            contact=self.kept(),
            challenge_id=self.item(name),
            answered_at=self.at(minutes),
            result=result,
            reason_codes=reasons,
        )
        return self.event(data, minutes)

    def linked(
        self,
        minutes: float,
        *ratings: str | None,
        role: str = "duplicate",
        relation: str = "duplicate",
        version: int = 1,
        earlier: float = 0,
    ) -> Event[ContactsLinked]:
        """A link that tells these ratings of the subjects; ``earlier`` is the other's receipt, in minutes."""
        return self.event(
            self._link(minutes, *ratings, role=role, relation=relation, version=version, earlier=earlier), minutes
        )

    def _link(
        self, minutes: float, *ratings: str | None, role: str, relation: str, version: int, earlier: float
    ) -> ContactsLinked:
        said = tuple(
            LinkedSubject(subject_id=None, told=told, rating=rating, routes=())
            for told, rating in zip(self.told(), ratings, strict=False)
        )
        return ContactsLinked(
            contact=self.kept(),
            link_id=self.item("link"),
            link_version=version,
            relation=relation,
            role=role,
            other_contact_id=self.item("the other"),
            linked_at=self.at(minutes),
            reason_code="same_incident",
            received_at=self.at(-earlier),
            subjects=said,
            pairs={},
        )

    def unlinked(self, minutes: float, role: str = "duplicate") -> Event[ContactsUnlinked]:
        """They do not belong together after all."""
        data = ContactsUnlinked(
            contact=self.kept(),
            link_id=self.item("link"),
            role=role,
            other_contact_id=self.item("the other"),
            unlinked_at=self.at(minutes),
            reason_code="another_child",
        )
        return self.event(data, minutes)

    def contact_restated(self, minutes: float, **links: Any) -> Event[ContactRestated]:
        """All that intake knows: one challenge, and the link where ``links`` says one."""
        said = self.received().data.model_dump()
        link = (self._link(minutes - 1, **links),) if links else ()
        data = ContactRestated(**said, challenges=(self._challenge(minutes - 2, "challenge"),), links=link)
        return self.event(data, minutes)

    def checked(
        self, minutes: float, *, agency: str = "police", rating: str = "amber", name: str = "check"
    ) -> Event[ChecksRequested]:
        """An agency is asked."""
        data = ChecksRequested(
            contact=self.kept(),
            check_id=self.item(name),
            agency=agency,
            requested_at=self.at(minutes),
            rating=rating,
            subject_ids=(self.subject(1),),
        )
        return self.event(data, minutes)

    def check_answered(
        self, minutes: float, *, answer: str = "information", agency: str = "police", name: str = "check"
    ) -> Event[CheckAnswered]:
        """It has answered, or need not."""
        data = CheckAnswered(
            contact=self.kept(), check_id=self.item(name), agency=agency, answered_at=self.at(minutes), answer=answer
        )
        return self.event(data, minutes)

    def revised(
        self,
        number: int = 1,
        *,
        outcome: str,
        minutes: float,
        version: int = 2,
        left: int = 0,
        made_on: UUID | None = None,
    ) -> Event[DecisionRevised]:
        """One subject's decision, anew."""
        said = self.decided(number, outcome=outcome, minutes=minutes, version=version, left=left, made_on=made_on)
        data = said.data.model_dump()
        self.unsay(DecisionRevised)
        return self.event(DecisionRevised(**data, revises_version=version - 1), minutes)

    def unsay(self, said: type[EventData]) -> None:
        """Takes back the last sequence number: the event was only a pattern for another."""
        self._sequences[said.producer] -= 1

    def reopened(self, minutes: float) -> Event[ContactReopened]:
        """With staff again."""
        data = ContactReopened(contact=self.kept(), reopened_at=self.at(minutes), reason_code="new_information")
        return self.event(data, minutes)

    def assigned(self, minutes: float, team: str = "mash", hand_over: str | None = None) -> Event[ContactAssigned]:
        """A team's, without a worker yet."""
        data = ContactAssigned(
            contact=self.kept(),
            assignment_id=self.item(f"{team} {minutes}"),
            assigned_at=self.at(minutes),
            team=team,
            to_worker=False,
            hand_over=hand_over,
        )
        return self.event(data, minutes)

    def asked(self, minutes: float, *questions: str, name: str = "question") -> Event[InformationRequested]:
        """The referrer is asked."""
        data = InformationRequested(
            contact=self.kept(),
            request_id=self.item(name),
            requested_at=self.at(minutes),
            question_codes=questions or ("who_lives_there",),
        )
        return self.event(data, minutes)
