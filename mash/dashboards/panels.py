"""What the dashboards show: each panel a title, a sentence, a unit and its queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One picture: queries with their legends. ``limit`` is where it turns red; ``stat`` shows the last value alone."""

    title: str
    what: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    limit: float | None = None
    stat: bool = False
    width: int = 8


CHILDREN: Final = (
    Panel(
        title="Missed and not met",
        what="Clocks whose due time has passed and that still wait. The alarm ClockMissed.",
        queries=[("max by (kind, rating) (mash_deadlines_overdue)", "{{kind}} {{rating}}")],
        limit=1,
        width=12,
    ),
    Panel(
        title="Next due",
        what="Business time until the next running clock is due.",
        queries=[("min(mash_deadlines_next_due_seconds)", "next")],
        unit="s",
        stat=True,
        width=4,
    ),
    Panel(
        title="Paging and unopened",
        what="Contacts that page somebody and that nobody has opened.",
        queries=[("max(mash_paging_unopened)", "contacts")],
        limit=1,
        stat=True,
        width=4,
    ),
    Panel(
        title="Oldest unopened",
        what="How long the oldest of them has paged. The alarm ContactUnopened.",
        queries=[("max(mash_paging_unopened_oldest_seconds)", "oldest")],
        unit="s",
        limit=900,
        stat=True,
        width=4,
    ),
    Panel(
        title="Stuck between the stages, in children",
        what="What should have happened and has not. The alarm ChildrenStuck.",
        queries=[("max by (what) (mash_stuck_children)", "{{what}}")],
        limit=1,
        width=12,
    ),
    Panel(
        title="Breaches without an explanation",
        what="How many, and since when the oldest. The alarm BreachUnexplained.",
        queries=[("max(mash_breaches_unexplained)", "breaches")],
        width=6,
    ),
    Panel(
        title="Oldest unexplained",
        what="Since it was found.",
        queries=[("max(mash_breaches_unexplained_oldest_seconds)", "oldest")],
        unit="s",
        limit=3 * 86400,
        width=6,
    ),
    Panel(
        title="Attempts to tell somebody",
        what="An hour's attempts by channel and how they ended.",
        queries=[("sum by (channel, outcome) (increase(mash_deliveries_total[1h]))", "{{channel}} {{outcome}}")],
        width=12,
    ),
    Panel(
        title="Accepted to rated, slowest of a hundred",
        what="Business time from the door to a rating.",
        queries=[
            ("histogram_quantile(0.99, sum by (le) (increase(mash_accepted_to_rated_seconds_bucket[1h])))", "p99")
        ],
        unit="s",
        width=12,
    ),
)

MACHINERY: Final = (
    Panel(
        title="Due and not fired",
        what="Since the oldest step that is due. The alarm ClocksNotFired.",
        queries=[("max(mash_deadlines_unfired_seconds)", "oldest step")],
        unit="s",
        limit=30,
    ),
    Panel(
        title="Fired late, slowest of a hundred",
        what="From due to fired, by kind of clock.",
        queries=[
            ("histogram_quantile(0.99, sum by (le, kind) (increase(mash_clock_late_seconds_bucket[1h])))", "{{kind}}")
        ],
        unit="s",
    ),
    Panel(
        title="Silence of loops",
        what="Since a timed loop last went round, beside how long it may take. The alarm LoopSilent.",
        queries=[
            ("max by (job, loop) (mash_heartbeat_age_seconds)", "{{job}} {{loop}}"),
            ("max(mash_heartbeat_limit_seconds{loop='fire'})", "limit of the firing loop"),
        ],
        unit="s",
    ),
    Panel(
        title="Waiting to leave",
        what="Age of the oldest row of each outbox. The alarm OutboxStands.",
        queries=[("max by (job) (mash_outbox_oldest_seconds)", "{{job}}")],
        unit="s",
        limit=60,
    ),
    Panel(
        title="Waiting to be heard",
        what="Events that a service has not dealt with.",
        queries=[("max by (topic) (mash_bus_lag_records)", "{{topic}}")],
    ),
    Panel(
        title="Events waiting and none dealt with",
        what="The alarm ConsumerStalled.",
        queries=[("max by (topic) (mash_bus_stalled_seconds)", "{{topic}}")],
        unit="s",
        limit=60,
    ),
    Panel(
        title="Set aside",
        what="Parked events by topic. The alarm EventsParked.",
        queries=[("max by (job, topic) (mash_events_parked_now)", "{{job}} {{topic}}")],
        limit=1,
    ),
    Panel(
        title="Events applied a second",
        what="By service.",
        queries=[("sum by (job) (rate(mash_events_handled_total[5m]))", "{{job}}")],
        unit="ops",
    ),
    Panel(
        title="Pauses for a missing part",
        what="Database, bus or provider away, an hour.",
        queries=[("sum by (job, what) (increase(mash_infrastructure_waits_total[1h]))", "{{job}} {{what}}")],
    ),
    Panel(
        title="Requests, slowest of a hundred",
        what="By service; a stream counts until it begins.",
        queries=[
            ("histogram_quantile(0.99, sum by (le, job) (rate(mash_http_request_seconds_bucket[5m])))", "{{job}}")
        ],
        unit="s",
    ),
    Panel(
        title="Answers that are our fault",
        what="5xx, by service and route.",
        queries=[
            (
                "sum by (job, route) (increase(mash_http_request_seconds_count{status=~'5..'}[5m]))",
                "{{job}} {{route}}",
            )
        ],
        limit=1,
    ),
    Panel(
        title="Open streams, days of calendar",
        what="Listeners to clock changes; days that the bank holiday calendar still covers.",
        queries=[
            ("sum(mash_stream_listeners)", "listeners"),
            ("min(mash_calendar_days_left)", "days of calendar"),
        ],
    ),
)
