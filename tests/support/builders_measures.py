"""Contacts as the monthly measures count them: who is named, how old, which child, what was answered, who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from shared.contracts.envelope import Event
from shared.contracts.intake import SubjectTold
from shared.contracts.parts import Age, AgeUnit, ContactKept, SubjectKind
from shared.contracts.triage import DecisionMade
from tests.support.builders_deadlines import southampton
from tests.support.builders_front_half import WorkedLife

_PACK = southampton()
UNKNOWN = Age(unit=AgeUnit.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody the referrer names."""

    kind: str = "child"
    years: int | None = None
    child_id: str | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict[str, str | int])
    indicators: Mapping[str, str] = field(default_factory=dict[str, str])


class CountedLife(WorkedLife):
    """A contact about these people, sent by this organisation."""

    def __init__(
        self, name: str, *named: Named, source: str = "2A", organisation: str | None = "school-1", **of: Any
    ) -> None:
        super().__init__(name, subjects=max(len(named), 1), **of)
        self.named = list(named) or [Named()]
        self.source, self.organisation = source, organisation

    def kept(self) -> ContactKept:
        """With its sender."""
        said = super().kept()
        sent = {"source_code": self.source, "organisation_id": self.organisation}
        return said.model_copy(update={"referrer": said.referrer.model_copy(update=sent)})

    def told(self) -> tuple[SubjectTold, ...]:
        """The people as they are named."""
        return tuple(
            told.model_copy(
                update={
                    "kind": SubjectKind(named.kind),
                    "child_id": named.child_id,
                    "age_at_receipt": UNKNOWN if named.years is None else Age(unit=AgeUnit.YEARS, value=named.years),
                    "facts": dict(named.facts),
                    "indicators": dict(named.indicators),
                }
            )
            for told, named in zip(super().told(), self.named, strict=True)
        )

    def restated_contact(self, minutes: float) -> Event[Any]:
        """All that intake knows, said anew; no challenge, no link."""
        said = self.contact_restated(minutes)
        return replace(said, data=said.data.model_copy(update={"challenges": (), "links": ()}))

    def decided(
        self,
        number: int = 1,
        *,
        outcome: str = "s17_assessment",
        minutes: float = 120,
        version: int = 1,
        left: int = 0,
        made_on: UUID | None = None,
        reasons: tuple[str, ...] = (),
        level: int | None = None,
    ) -> Event[DecisionMade]:
        """A decision that counts as a referral where the pack says so."""
        said = super().decided(number, outcome=outcome, minutes=minutes, version=version, left=left, made_on=made_on)
        counts = _PACK.outcomes[outcome].counts_as_referral
        more = {"counts_as_referral": counts, "reason_codes": reasons, "level": level}
        return replace(said, data=said.data.model_copy(update=more))
