"""The story's lines: what each event says to a person, and that it says nothing personal."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from mash.story import Story
from mash.story_words import duration
from shared.contracts import deadlines, intake, notify, triage
from shared.contracts.envelope import EventData
from shared.contracts.parts import Age, AgeUnit, ContactKept, PolicyVersion, Referrer, ReferrerKind, SubjectKind
from shared.contracts.topics import EVENTS
from shared.policy.loader import load_pack
from tests.support.deliveries import NOON, event_of

PACK = load_pack(Path("policies"), "southampton-pathways-2021@1")
CONTACT, BABY = uuid4(), uuid4()
KEPT = ContactKept(
    reference="MASH-7K3P-2QF9-5",
    received_at=NOON,
    accepted_at=NOON,
    referrer=Referrer(kind=ReferrerKind.INVOLVED_PROFESSIONAL, source_code="3B", has_address=True),
)
POLICY = PolicyVersion(id=PACK.id, version=PACK.version, hash=PACK.content_hash)
AGE = Age(unit=AgeUnit.WEEKS, value=8)
RECEIVED = intake.ContactReceived(
    contact=KEPT,
    incident_at=None,
    channel="api",
    sender_grade=None,
    subjects=(
        intake.SubjectTold(
            subject_id=BABY, position=1, kind=SubjectKind.CHILD, child_id=None, age_at_incident=AGE,
            age_at_receipt=AGE, facts={}, indicators={}, consent="not_sought", open_case="no",
        ),
    ),
)  # fmt: skip
BRUISE = "Bruise or suspected bruise on a baby who is not independently mobile, whatever the explanation"
DISCUSSION = "information gathered and strategy discussion held"
DELIVERY = notify.Delivery(
    message_id=uuid4(), channel="email", proof=notify.Proof.ACCEPTED, at=NOON + timedelta(seconds=4)
)


def rated(rating: str = "red", *, version: int = 1, cause: str = "told") -> triage.ContactRated:
    return triage.ContactRated(
        contact=KEPT,
        rating_version=version,
        policy=POLICY,
        rating=rating,
        pages=rating == "red",
        unrated=False,
        cause=cause,
        subjects=(
            triage.SubjectRated(
                subject_id=BABY, position=1, kind=SubjectKind.CHILD, rating=rating, route="red-bruised-baby",
                routes=("red-bruised-baby",), level=4, proposed_outcome="s47_strategy_discussion",
                rules=("R-LEVEL-NOT-RAG", "R-BRUISE-NM"),
            ),
        ),
    )  # fmt: skip


def clock(kind: str = "strategy_discussion", *, hours: float = 6, deadline_id: UUID | None = None) -> deadlines.Clock:
    return deadlines.Clock(
        deadline_id=deadline_id or uuid4(), kind=kind, epoch=1, subject_id=BABY, rating="red", starts_at=NOON,
        due_at=NOON + timedelta(hours=hours), basis="elapsed",
    )  # fmt: skip


def decision(**changed: object) -> triage.DecisionMade:
    said = triage.DecisionMade(
        contact=KEPT, policy=POLICY, subject=triage.SubjectRef(subject_id=BABY, position=1, kind=SubjectKind.CHILD),
        decision_version=1, outcome="s47_strategy_discussion", counts_as_referral=True, level=None, reason_codes=(),
        service_codes=(), decided_at=NOON, undecided=0,
    )  # fmt: skip
    return said.model_copy(update=changed)


def told(*data: EventData, story: Story | None = None) -> list[str]:
    """The lines of events that come one after the other, a second apart."""
    story = story or Story(PACK)
    lines: list[str] = []
    for number, one in enumerate(data):
        event = event_of(one, contact_id=CONTACT, sequence=number + 1, at=NOON + timedelta(seconds=number))
        lines += [line.said for line in story.tell([event])]
    return lines


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (RECEIVED, "received from health visitor (involved professional): child, 8 weeks"),
        (
            rated(),
            f"rated red: {BRUISE} (R-BRUISE-NM, Level 4 / Basic care)",
        ),
        (triage.ContactOpened(contact=KEPT, opened_at=NOON + timedelta(seconds=3)), "opened, 3 s after it came"),
        (
            triage.DiscussionHeld(
                contact=KEPT, discussion_id=uuid4(), kind="strategy", held_at=NOON,
                attended=("childrens_services", "police"), subject_ids=(BABY,),
            ),
            "strategy discussion held: children's services, police",
        ),
        (decision(), "decided: strategy discussion (section 47) (child 1)"),
        (
            triage.MilestoneRecorded(contact=KEPT, subject_id=BABY, code="paediatric_assessment", occurred_at=NOON),
            "recorded: baby seen by a paediatrician",
        ),
        (triage.ContactClosed(contact=KEPT, closed_at=NOON, reason_code="not_our_area"), "closed: not our area"),
        (
            deadlines.DeadlineSet(reference=KEPT.reference, clock=clock(), next_due_at=None),
            "clock runs: information gathered and strategy discussion held, due 18:00",
        ),
        (
            deadlines.DeadlineMet(
                reference=KEPT.reference, clock=clock(), met_at=NOON + timedelta(seconds=4), in_time=True,
                next_due_at=None,
            ),
            "clock met: information gathered and strategy discussion held within 6 h (took 4 s)",
        ),
        (
            deadlines.DeadlineBreached(
                reference=KEPT.reference, clock=clock("opened_by_duty"), breached_at=NOON, late_seconds=0,
                next_due_at=None,
            ),
            "clock MISSED: opened by the duty worker within 10 min",
        ),
        (
            deadlines.DeadlineEscalated(
                reference=KEPT.reference, clock=clock("amber_decision"), rung=1, step="escalated-1", breached_at=NOON
            ),
            "still not done, the next rung is told: team decision",
        ),
        (
            deadlines.DeadlineCancelled(
                reference=KEPT.reference, clock=clock("amber_decision"), reason_code="rerated", next_due_at=None
            ),
            "clock no longer needed: team decision (rerated)",
        ),
        (
            notify.ReferrerAcknowledged(reference=KEPT.reference, delivery=DELIVERY),
            "referrer has our reference, proof: accepted by the mail system 12:00:04",
        ),
        (
            notify.ReferrerInformed(reference=KEPT.reference, delivery=DELIVERY, decisions={BABY: 1}, complete=True),
            "referrer informed, proof: accepted by the mail system 12:00:04",
        ),
        (
            notify.StaffAlerted(reference=KEPT.reference, delivery=DELIVERY, rung="0", because="rated-and-pages"),
            "duty worker alerted (rated and pages), proof: accepted by the mail system 12:00:04",
        ),
        (
            notify.DeliveryFailed(
                reference=KEPT.reference, message_id=uuid4(), purpose="outcome", channel="email",
                reason_code="no_such_address", attempts=3,
            ),
            "NOT delivered: outcome by email, 3 tries (no such address); a person must act",
        ),
        (intake.ContactErased(reason_code="retention_ended"), "forgotten everywhere (retention ended)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, EventData) else "",
)  # fmt: skip
def test_each_event_is_one_line(data: EventData, line: str) -> None:
    assert told(data) == [line]


def test_every_event_of_the_contracts_has_words() -> None:
    story = Story(PACK)
    known = {*story.kinds(), deadlines.DeadlineSet}
    assert set(EVENTS.values()) <= known


def test_the_same_event_is_told_once() -> None:
    story = Story(PACK)
    event = event_of(RECEIVED, contact_id=CONTACT, sequence=1)
    assert len(story.tell([event, event])) == 1
    assert story.tell([event]) == []


def test_a_batch_is_told_in_the_order_of_time_with_the_rating_known_by_then() -> None:
    story = Story(PACK)
    opened = triage.ContactOpened(contact=KEPT, opened_at=NOON)
    events = [
        event_of(opened, contact_id=CONTACT, sequence=2, at=NOON + timedelta(seconds=2)),
        event_of(rated(), contact_id=CONTACT, sequence=1, at=NOON + timedelta(seconds=1)),
        event_of(RECEIVED, contact_id=CONTACT, sequence=1, at=NOON),
    ]
    lines = story.tell(events)
    assert [(line.at, line.rating) for line in lines] == [("12:00:00", None), ("12:00:01", "red"), ("12:00:02", "red")]
    assert {line.reference for line in lines} == {KEPT.reference}


def test_clocks_that_are_set_together_are_one_line() -> None:
    story = Story(PACK)
    clocks = [clock(hours=6), clock("paediatric_assessment", hours=4), clock("mash_decision", hours=24)]
    events = [
        event_of(
            deadlines.DeadlineSet(reference=KEPT.reference, clock=one, next_due_at=None), contact_id=CONTACT, sequence=n
        )
        for n, one in enumerate(clocks, start=1)
    ]
    assert [line.said for line in story.tell(events)] == [
        "3 clocks run, the first due 16:00: baby seen by a paediatrician"
    ]
    assert len(story.threads[CONTACT].running) == 3


def test_a_warning_is_told_unless_the_clock_is_over() -> None:
    one = clock()
    start = deadlines.DeadlineSet(reference=KEPT.reference, clock=one, next_due_at=None)
    half = deadlines.DeadlineApproaching(reference=KEPT.reference, clock=one, step="0.5", share=0.5)
    missed = deadlines.DeadlineBreached(
        reference=KEPT.reference, clock=one, breached_at=NOON, late_seconds=0, next_due_at=None
    )
    last = half.model_copy(update={"share": 1.0})
    lines = told(RECEIVED, start, half, last, missed, half)
    assert [line.partition(":")[0] for line in lines[2:]] == ["clock at 50%", "clock MISSED"]


def test_what_is_done_too_late_is_not_called_met() -> None:
    late = deadlines.DeadlineMet(
        reference=KEPT.reference, clock=clock(), met_at=NOON + timedelta(hours=7), in_time=False, next_due_at=None
    )
    assert told(late) == [
        "done at last, too late: information gathered and strategy discussion held within 6 h (took 7 h)"
    ]


def test_a_further_rating_says_what_it_was_before() -> None:
    assert (
        told(rated("amber"), rated("red", version=2, cause="person"))[1] == "rated again: red (was amber), by a person"
    )


def test_a_story_says_what_it_still_waits_for() -> None:
    story = Story(PACK)

    def waits() -> tuple[str, ...]:
        return story.threads[CONTACT].awaits(PACK)

    told(RECEIVED, story=story)
    assert waits() == ("rated", "clocks set", "acknowledged")
    told(rated(), deadlines.DeadlineSet(reference=KEPT.reference, clock=clock(), next_due_at=None), story=story)
    assert waits() == ("duty alerted", "acknowledged")
    told(
        notify.StaffAlerted(reference=KEPT.reference, delivery=DELIVERY, rung="0", because="rated-and-pages"),
        notify.ReferrerAcknowledged(reference=KEPT.reference, delivery=DELIVERY),
        decision(),
        story=story,
    )
    assert waits() == ("informed",)
    told(
        notify.ReferrerInformed(reference=KEPT.reference, delivery=DELIVERY, decisions={BABY: 1}, complete=True),
        story=story,
    )
    assert waits() == ()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "under 1 s"), (4, "4 s"), (600, "10 min"), (21_600, "6 h"), (5_400 * 1.5, "2.2 h"), (45 * 86_400, "45 d")],
)
def test_durations_read_as_a_person_says_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
