"""What staff do with each contact, from opening it to its closure and the milestones after."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from mash.simulation.acts import CASE_SYSTEM, MANAGER, OTHER_MANAGER, WORKER, Act, Do, spoken
from mash.simulation.hours import Hours
from mash.simulation.mix import REFERRALS, S17, S47, STARTED
from mash.simulation.schedule import HOUR, MINUTE, ROUND, Schedule, up_to
from mash.simulation.stories import About, Story, Turn

QUORUM = ["childrens_services", "police", "health"]
TOLD_MORE, ASKED, ALL_ANSWER = 0.05, 0.10, 0.75
"""Shares: of contacts of which more is told, about which an agency is asked, and of agencies that answer in time."""
ASSESSED, PLANNED, STEPPED_UP, RECEIVED = 0.3, 0.7, 0.12, 0.8
"""Shares: of assessments and plans that the case system tells of, of plans that are stepped up, of receipts."""
WORKDAY = 8 * HOUR
SOON, LATER = MINUTE, 2 * HOUR - MINUTE
"""Within which an act must be heard: of the clocks that wait for somebody to look, and of the others."""
HEARD_WITHIN: Mapping[Do, timedelta] = {Do.DECISION: LATER, Do.AUTHORISATION: LATER, Do.DISCUSSION: 20 * MINUTE}
WITHOUT_CONSENT = "Asking, or asking again, could raise the risk."
OWN: Mapping[str, Mapping[str, Any]] = {
    S47: {"inquiry": "joint"},
    "early_help": {"level": 2, "lead": "The school"},
    "signpost": {"service_codes": ["family_hub"]},
    "information_on_open_case": {"team_code": "child_protection"},
    "transfer_to_other_authority": {"team": "The other authority's front door"},
}
"""What each outcome asks for."""


class Working:
    """The acts of staff, and of the sender after the first, about one story."""

    def __init__(self, story: Story, times: Schedule, hours: Hours, chance: Random) -> None:
        """Draw what is left to chance from `chance`."""
        self._story = story
        self._times = times
        self._hours = hours
        self._chance = chance
        self._unanswered = False

    def acts(self) -> Iterator[Act]:
        """All of them; those of one moment in their order."""
        turn, opened = self._story.turn, self._times.opened
        if turn is Turn.DUPLICATE:
            yield self._act(opened, Do.LINK, WORKER, same_as=self._story.same_as)
            return
        within = SOON if self._story.worry.urgent else None
        yield self._act(opened, Do.OPEN, WORKER, heard_within=within)
        if turn is Turn.WITHDRAWN:
            yield from self._withdrawn()
        elif turn is Turn.IN_ERROR:
            yield self._act(opened + ROUND, Do.CLOSURE, MANAGER, reason="entered_in_error")
        elif turn in (Turn.RAISED, Turn.LOWERED):
            yield from self._decided_twice(raised=turn is Turn.RAISED)
        else:
            yield from self._gathered()
            yield from self._decided()
            yield from self._handed_over()

    def _withdrawn(self) -> Iterator[Act]:
        at = self._hours.after(self._times.opened, 30 * MINUTE)
        yield self._act(at, Do.WITHDRAWAL, self._sender(), reason_code="wrong_person", words="It was another family.")
        yield self._act(at + ROUND, Do.CLOSURE, MANAGER, reason="withdrawn", note="As its sender says.")

    def _gathered(self) -> Iterator[Act]:
        worry, times = self._story.worry, self._times
        more, asked = (self._chance.random() < share for share in (TOLD_MORE, ASKED))
        has_time = times.decided - times.opened > HOUR and not worry.urgent
        if more and has_time:
            at = times.opened + 20 * MINUTE
            yield self._act(at, Do.INFORMATION, self._sender(), narrative="One thing more: seen again today.")
        if worry.green and not self._story.comes_again:
            reason = "Universal services can meet this."
            yield self._act(times.opened + 30 * MINUTE, Do.RATING, MANAGER, 1, route="green", reason=reason)
        elif asked and has_time:
            yield from self._asked()
        if worry.milestone:
            at = times.discussions[0] - ROUND
            yield self._milestone(at, worry.milestone, 1, by=WORKER, heard_within=20 * MINUTE)
        for kind, at in zip(worry.discussions, times.discussions, strict=True):
            words: dict[str, Any] = {"attended": QUORUM, "minutes": "Agreed what is done next."}
            yield self._act(at, Do.DISCUSSION, WORKER, kind=kind, held_at=spoken(at), **words)

    def _asked(self) -> Iterator[Act]:
        opened = self._times.opened
        why = {"asked": "What is known of the household this year.", "why": "To judge what was told."}
        body: dict[str, Any] = {"agencies": ["health"], "consent_reason": WITHOUT_CONSENT, **why}
        yield self._act(opened + ROUND, Do.CHECK, WORKER, 1, **body)
        if self._chance.random() < ALL_ANSWER:
            at = opened + 2 * ROUND
            said: dict[str, Any] = {
                "answered_by": "Duty nurse",
                "what": "One visit missed.",
                "why": "Needed to judge it.",
            }
            yield self._act(at, Do.CHECK_ANSWER, WORKER, answer="information", answered_at=spoken(at), **said)
        else:
            self._unanswered = True

    def _decided(self) -> Iterator[Act]:
        worry, times = self._story.worry, self._times
        for subject in self._subjects():
            yield self._decision(times.decided, subject, worry.outcome)
            siblings = 1 if worry.outcome in REFERRALS else 0  # for whom no rule sets a floor
            managers = worry.managers if subject == 1 else siblings
            for left, who in zip(reversed(range(managers)), (MANAGER, OTHER_MANAGER), strict=False):
                yield self._act(times.in_force - left * 5 * MINUTE, Do.AUTHORISATION, who, subject, agreed=True)
        yield self._closure(times.in_force)

    def _decided_twice(self, *, raised: bool) -> Iterator[Act]:
        first, second = ("signpost", S17) if raised else (S17, "early_help")
        again = up_to(self._hours.after(self._times.in_force, WORKDAY), ROUND)
        for subject in self._subjects():
            yield self._decision(self._times.decided, subject, first)
            if not raised:
                yield self._act(self._times.in_force, Do.AUTHORISATION, MANAGER, subject, agreed=True)
            yield self._decision(again + 2 * ROUND, subject, second, revises=1, reason="More has become known.")
            yield self._act(again + 3 * ROUND, Do.AUTHORISATION, MANAGER, subject, agreed=True)
        if raised and self._story.arrival.source.organisation:
            words = "What was seen at home was not taken into account."
            yield self._act(again, Do.CHALLENGE, self._sender(), ground="facts_missed", words=words)
            answer: dict[str, Any] = {"reason_codes": ["threshold_s17"], "answer": "It was not; it is decided anew."}
            yield self._act(again + ROUND, Do.CHALLENGE_ANSWER, OTHER_MANAGER, result="upheld", **answer)
        yield self._closure(again + 4 * ROUND)

    def _decision(self, at: datetime, subject: int, outcome: str, **more: Any) -> Act:
        worry = self._story.worry
        level: dict[str, Any] = {} if worry.level is None else {"level": worry.level}
        own = {**level, **OWN.get(outcome, {}), **(level if outcome == worry.outcome else {})}
        if self._unanswered:
            own |= {"proceed_without_answers": True, "without_answers_reason": "It would not change the offer."}
        said: dict[str, Any] = {
            "rationale": worry.words,
            "reason_codes": [worry.reason],
            "consent_reason": WITHOUT_CONSENT,
        }
        return self._act(at, Do.DECISION, WORKER, subject, outcome=outcome, **said, **own, **more)

    def _closure(self, after: datetime) -> Act:
        at = up_to(self._hours.after(after + HOUR, self._chance.random() * WORKDAY), 2 * ROUND)
        return self._act(at, Do.CLOSURE, WORKER, reason="completed")

    def _handed_over(self) -> Iterator[Act]:
        """What the case system tells later; an enquiry's start is recorded in the hub."""
        outcome, at = self._story.worry.outcome, self._times.in_force
        happens, when, stepped, then = (self._chance.random() for _ in range(4))
        if self._story.about not in (About.CHILDREN, About.UNBORN):
            return
        for subject in self._subjects():
            if outcome == S47 and happens < STARTED:
                yield self._milestone(at + 30 * MINUTE, "s47_started", subject, by=WORKER)
            elif outcome == S17 and happens < ASSESSED:
                yield self._milestone(self._days_later(at, 8 + when * 12), "assessment_completed", subject)
            elif outcome == "early_help" and happens < PLANNED:
                opened = self._days_later(at, 1 + when * 6)
                yield self._milestone(opened, "plan_opened", subject)
                if stepped < STEPPED_UP:
                    yield self._milestone(self._days_later(opened, 2 + then * 8), "stepped_up", subject)
            elif outcome == "information_on_open_case" and happens < RECEIVED:
                yield self._milestone(self._days_later(at, 0.2), "worker_received", subject)

    def _days_later(self, at: datetime, days: float) -> datetime:
        return up_to(self._hours.after(at, days * WORKDAY), ROUND)

    def _milestone(
        self, at: datetime, code: str, subject: int, *, by: str = CASE_SYSTEM, heard_within: timedelta | None = None
    ) -> Act:
        said = {"code": code, "occurred_at": spoken(at)}
        return self._act(at, Do.MILESTONE, by, subject, heard_within=heard_within, **said)

    def _subjects(self) -> range:
        return range(1, self._story.subjects + 1)

    def _sender(self) -> str:
        return self._story.arrival.source.organisation or WORKER

    def _act(
        self,
        at: datetime,
        do: Do,
        by: str,
        subject: int | None = None,
        *,
        heard_within: timedelta | None = None,
        **fields: Any,
    ) -> Act:
        within = heard_within or HEARD_WITHIN.get(do)
        return Act(at=at, contact=self._story.number, do=do, by=by, subject=subject, fields=fields, heard_within=within)
