"""What notify hears of questions, challenges, links, revisions and reopening; each method makes one event."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.envelope import Event
from shared.contracts.intake import ContactsLinked, ContactsUnlinked, InformationAdded
from shared.contracts.triage import (
    ChallengeAnswered,
    ContactReopened,
    DecisionRevised,
    InformationRequested,
)
from tests.support.builders_notify import NOON, Life


class AskedLife(Life):
    """A contact of which more is said than that it was received, rated and decided."""

    def item(self, name: str) -> UUID:
        """The id of a request, challenge or link of this name."""
        return uuid5(self.id, name)

    def request(self, *codes: str) -> InformationRequested:
        return InformationRequested(
            contact=self.kept(),
            request_id=self.item("request"),
            requested_at=NOON,
            question_codes=codes or ("who_lives_there", "child_said"),
        )

    def asked(self, *codes: str) -> Event[Any]:
        return self._event(self.request(*codes))

    def more(self, *, answers: bool = True) -> Event[Any]:
        """The referrer has told more; ``answers`` the question."""
        return self._event(
            InformationAdded(
                contact=self.kept(),
                information_id=self.item("information"),
                added_at=NOON,
                given_by="referrer",
                in_words=True,
                subjects=self._told()["subjects"],
                answers_request=self.item("request") if answers else None,
            )
        )

    def answer(self, result: str = "partly_upheld", *codes: str) -> ChallengeAnswered:
        return ChallengeAnswered(
            contact=self.kept(),
            challenge_id=self.item("challenge"),
            answered_at=NOON,
            result=result,
            reason_codes=codes or ("threshold_s17",),
        )

    def challenge_answered(self, result: str = "partly_upheld", *codes: str) -> Event[Any]:
        return self._event(self.answer(result, *codes))

    def revised(
        self, number: int = 1, *, version: int = 2, undecided: int = 0, outcome: str = "signpost"
    ) -> Event[Any]:
        said = self.decision(number, undecided=undecided, version=version, outcome=outcome)
        return self._event(DecisionRevised(**said.model_dump(), revises_version=version - 1))

    def reopened(self) -> Event[Any]:
        return self._event(ContactReopened(contact=self.kept(), reopened_at=NOON, reason_code="new_information"))

    def linked(
        self, *, role: str = "duplicate", relation: str = "duplicate", at: datetime = NOON + timedelta(minutes=2)
    ) -> Event[Any]:
        return self._event(
            ContactsLinked(
                contact=self.kept(),
                link_id=self.item("link"),
                link_version=1,
                relation=relation,
                role=role,
                other_contact_id=self.item("the other"),
                linked_at=at,
                reason_code="same_incident",
                received_at=NOON,
                subjects=(),
                pairs={},
            )
        )

    def unlinked(self) -> Event[Any]:
        return self._event(
            ContactsUnlinked(
                contact=self.kept(),
                link_id=self.item("link"),
                role="duplicate",
                other_contact_id=self.item("the other"),
                unlinked_at=NOON + timedelta(minutes=30),
                reason_code="another_child",
            )
        )
