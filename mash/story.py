"""The story of contacts as lines for a person, one an event. Pure: events in, lines out.

Nothing personal can be told, because no event carries it: references, positions, kinds, ages, codes and times.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from mash import story_words as words
from mash.story_thread import Thread
from mash.story_work import tellers
from shared.contracts import deadlines, intake, notify, triage
from shared.contracts.envelope import Event, EventData
from shared.policy.model import Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: when, about which contact, its rating at that moment, and what happened."""

    at: str
    reference: str
    rating: str | None
    said: str
    missed: bool = False


class Story:
    """Reads events and remembers enough of each contact to tell the next one well."""

    def __init__(self, pack: Pack) -> None:
        """`pack` gives the words."""
        self.pack = pack
        self.threads: dict[UUID, Thread] = {}
        self._seen: set[UUID] = set()
        self._zone = ZoneInfo(pack.calendar.zone)
        self._tellers: dict[type[EventData], Callable[[Event[Any], Thread], str | None]] = {
            intake.ContactReceived: self._received,
            intake.ContactRestated: lambda _, __: "told again in full: no echo had been heard",
            intake.ContactErased: lambda event, _: f"forgotten everywhere ({words.plain(event.data.reason_code)})",
            triage.ContactRated: self._rated,
            triage.ContactOpened: self._opened,
            triage.DiscussionHeld: self._discussed,
            triage.DecisionMade: self._decided,
            triage.DecisionRevised: self._revised,
            triage.MilestoneRecorded: self._milestone,
            triage.ContactClosed: self._closed,
            triage.CaseRestated: lambda _, __: "case told again in full: no echo had been heard",
            deadlines.DeadlineApproaching: self._approaching,
            deadlines.DeadlineMet: self._met,
            deadlines.DeadlineBreached: self._breached,
            deadlines.DeadlineEscalated: self._escalated,
            deadlines.DeadlineCancelled: self._cancelled,
            notify.ReferrerAcknowledged: self._acknowledged,
            notify.ReferrerInformed: self._informed,
            notify.DeliveryFailed: self._undelivered,
            notify.StaffAlerted: self._alerted,
            **tellers(pack, self.threads),
        }

    def kinds(self) -> frozenset[type[EventData]]:
        """The events it has words for, beside clocks that are set."""
        return frozenset(self._tellers)

    def tell(self, events: Sequence[Event[EventData]]) -> list[Line]:
        """Lines for a batch of events: each event once, in the order of their times; clocks set together in one."""
        new = [event for event in events if event.id not in self._seen]
        self._seen.update(event.id for event in new)
        new.sort(key=lambda event: event.time)
        lines: list[Line] = []
        for (contact_id, kind), group in groupby(new, key=lambda event: (event.contact_id, type(event.data))):
            same = list({event.id: event for event in group}.values())
            thread = self._thread(contact_id, same[0].data)
            if kind is deadlines.DeadlineSet:
                lines.append(self._line(same[-1], thread, self._clocks_set(same, thread)))
            elif teller := self._tellers.get(kind):
                missed = kind in (deadlines.DeadlineBreached, notify.DeliveryFailed)
                said = [(event, teller(event, thread)) for event in same]
                lines += [self._line(event, thread, what, missed=missed) for event, what in said if what]
        return lines

    # -- threads and lines -------------------------------------------------------------------------------------------

    def _thread(self, contact_id: UUID, data: EventData) -> Thread:
        thread = self.threads.setdefault(contact_id, Thread())
        kept = getattr(data, "contact", None)
        thread.reference = getattr(data, "reference", None) or (kept.reference if kept else thread.reference)
        if kept is not None:
            thread.referrer = kept.referrer
        clock: deadlines.Clock | None = getattr(data, "clock", None)
        if clock is not None and thread.rating is None:  # of a contact from before this story
            thread.rating = clock.rating
        return thread

    def _line(self, event: Event[Any], thread: Thread, said: str, *, missed: bool = False) -> Line:
        at = words.moment(event.time, self._zone)
        return Line(at=at, reference=thread.reference, rating=thread.rating, said=said, missed=missed)

    def _of(self, thread: Thread, kind: str, position: int) -> str:
        return f"{kind} {position} of {thread.subjects}" if thread.subjects else f"{kind} {position}"

    # -- intake and triage -------------------------------------------------------------------------------------------

    def _received(self, event: Event[intake.ContactReceived], thread: Thread) -> str:
        data = event.data
        thread.told, thread.subjects = True, len(data.subjects)
        who = "; ".join(words.subject(one) for one in data.subjects)
        strange = sum(sum(one.unrecognised.values()) for one in data.subjects)
        odd = f"; {strange} things not understood, kept as sent" if strange else ""
        late = (data.contact.accepted_at - data.contact.received_at).total_seconds()
        tried = f"; first tried {words.duration(late)} before" if late >= words.MINUTE else ""
        return f"received from {words.referrer(data.contact.referrer)}: {who}{tried}{odd}"

    def _rated(self, event: Event[triage.ContactRated], thread: Thread) -> str:
        data = event.data
        before, thread.rating, thread.pages = thread.rating, data.rating, data.pages
        thread.subjects = max(thread.subjects, len(data.subjects))
        if data.rating_version > 1:
            thread.again = True
            was = f" (was {before})" if before and before != data.rating else ""
            return f"rated again: {data.rating}{was}, {words.what_for(data.cause)}"
        main = max(data.subjects, key=lambda one: self.pack.ratings[one.rating].rank, default=None)
        if main is None:
            return f"rated {data.rating}"
        return f"rated {data.rating}: {words.because(self.pack, main)}"

    def _opened(self, event: Event[triage.ContactOpened], thread: Thread) -> str:
        thread.opened = True
        waited = (event.data.opened_at - event.data.contact.accepted_at).total_seconds()
        return f"opened, {words.duration(waited)} after it came"

    def _discussed(self, event: Event[triage.DiscussionHeld], thread: Thread) -> str:  # noqa: ARG002
        parties = ", ".join(words.plain(party) for party in event.data.attended)
        return f"{words.plain(event.data.kind)} discussion held: {parties}"

    def _decided(self, event: Event[triage.DecisionMade], thread: Thread) -> str:
        data = event.data
        thread.undecided = data.undecided
        outcome = self.pack.outcomes.get(data.outcome)
        name = words.lower_first(outcome.name) if outcome else words.plain(data.outcome)
        who = self._of(thread, words.KINDS[data.subject.kind], data.subject.position)
        level = f", level {data.level}" if data.level else ""
        again = "decided" if data.decision_version == 1 else f"decided again (version {data.decision_version})"
        return f"{again}: {name}{level} ({who})"

    def _revised(self, event: Event[triage.DecisionRevised], thread: Thread) -> str:
        thread.informed = False
        return f"{self._decided(event, thread)}, instead of version {event.data.revises_version}"

    def _closed(self, event: Event[triage.ContactClosed], thread: Thread) -> str:
        thread.closed = True
        return f"closed: {words.plain(event.data.reason_code)}"

    def _milestone(self, event: Event[triage.MilestoneRecorded], thread: Thread) -> str:  # noqa: ARG002
        code = event.data.code
        return f"recorded: {words.lower_first(self.pack.milestones.get(code, words.plain(code)))}"

    # -- clocks ------------------------------------------------------------------------------------------------------

    def _clock(self, clock: deadlines.Clock) -> tuple[str, str]:
        """A clock's name and what it allows."""
        rule = self.pack.clocks.get(clock.kind)
        allowed = (clock.due_at - clock.starts_at).total_seconds()
        name = words.lower_first(rule.name) if rule else words.plain(clock.kind)
        return name, f"within {words.within(rule.within) if rule else words.duration(allowed)}"

    def _clocks_set(self, events: Sequence[Event[Any]], thread: Thread) -> str:
        for event in events:
            clock: deadlines.Clock = event.data.clock
            thread.running = {key: value for key, value in thread.running.items() if key[0] != clock.deadline_id}
            thread.running[clock.deadline_id, clock.epoch] = clock
        first: deadlines.Clock = min((event.data.clock for event in events), key=lambda clock: clock.due_at)
        due = words.moment_and_day(first.due_at, self._zone, today=events[0].time)
        name, _ = self._clock(first)
        if len(events) == 1:
            return f"clock runs: {name}, due {due}"
        return f"{len(events)} clocks run, the first due {due}: {name}"

    def _approaching(self, event: Event[deadlines.DeadlineApproaching], thread: Thread) -> str | None:
        clock = event.data.clock
        known = thread.told and (clock.deadline_id, clock.epoch) not in thread.running
        if event.data.share >= 1 or known:
            return None  # its miss is told, or was: it says all there is to say
        name, allowed = self._clock(clock)
        return f"clock at {event.data.share:.0%}: {name} {allowed}"

    def _met(self, event: Event[deadlines.DeadlineMet], thread: Thread) -> str:
        data, clock = event.data, event.data.clock
        thread.running.pop((clock.deadline_id, clock.epoch), None)
        name, allowed = self._clock(clock)
        took = words.duration((data.met_at - clock.starts_at).total_seconds())
        if data.in_time:
            thread.met += 1
            return f"clock met: {name} {allowed} (took {took})"
        thread.met_late += 1
        return f"done at last, too late: {name} {allowed} (took {took})"

    def _breached(self, event: Event[deadlines.DeadlineBreached], thread: Thread) -> str:
        clock = event.data.clock
        thread.running.pop((clock.deadline_id, clock.epoch), None)
        thread.missed += 1
        name, allowed = self._clock(clock)
        return f"clock MISSED: {name} {allowed}"

    def _escalated(self, event: Event[deadlines.DeadlineEscalated], thread: Thread) -> str:  # noqa: ARG002
        return f"still not done, the next rung is told: {self._clock(event.data.clock)[0]}"

    def _cancelled(self, event: Event[deadlines.DeadlineCancelled], thread: Thread) -> str:
        clock = event.data.clock
        thread.running.pop((clock.deadline_id, clock.epoch), None)
        return f"clock no longer needed: {self._clock(clock)[0]} ({words.plain(event.data.reason_code)})"

    # -- telling people ----------------------------------------------------------------------------------------------

    def _proof(self, delivery: notify.Delivery) -> str:
        at = words.moment(delivery.at, self._zone)
        by = f" by {words.channel(delivery.channel)}" if delivery.proof is notify.Proof.ACCEPTED else ""
        return f"proof: {delivery.proof.value}{by} {at}"

    def _acknowledged(self, event: Event[notify.ReferrerAcknowledged], thread: Thread) -> str:
        thread.acknowledged = True
        return f"referrer has our reference, {self._proof(event.data.delivery)}"

    def _informed(self, event: Event[notify.ReferrerInformed], thread: Thread) -> str:
        thread.informed = thread.informed or event.data.complete
        whole = "informed" if event.data.complete else "told what is known so far"
        return f"referrer {whole}, {self._proof(event.data.delivery)}"

    def _undelivered(self, event: Event[notify.DeliveryFailed], thread: Thread) -> str:
        data = event.data
        thread.undelivered = True
        purpose, channel, reason = words.plain(data.purpose), words.plain(data.channel), words.plain(data.reason_code)
        return f"NOT delivered: {purpose} by {channel}, {data.attempts} tries ({reason}); a person must act"

    def _alerted(self, event: Event[notify.StaffAlerted], thread: Thread) -> str:
        thread.alerted = True
        data = event.data
        role = words.rung(self.pack, data.rung, event.time)
        return f"{role} alerted ({words.plain(data.because)}), {self._proof(data.delivery)}"
