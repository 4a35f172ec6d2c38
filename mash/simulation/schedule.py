"""When staff do what: urgent contacts at once, the others as the hub's day goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from mash.simulation.hours import Hours
from mash.simulation.stories import Story

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ROUND = timedelta(minutes=15)
"""Who is not urgent is worked on in rounds."""
OPENING_ROUND = timedelta(minutes=30)
AHEAD = 3 * HOUR
"""A decision in time is made at least so long before it is due, all managers included two hours."""
NOTHING = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The moments of one story; `decided` is when the worker decides, `in_force` when the last manager has agreed."""

    opened: datetime
    discussions: tuple[datetime, ...]
    decided: datetime
    in_force: datetime


def schedule(story: Story, hours: Hours, chance: Random) -> Schedule:
    """When this story's contact is opened, discussed and decided."""
    if story.worry.urgent:
        return _at_once(story, chance)
    opened = up_to(hours.after(story.arrival.at + 5 * MINUTE, NOTHING), OPENING_ROUND)
    due = hours.due(story.received)
    if story.late or opened > due - AHEAD:
        decided = up_to(hours.after(max(due, opened), HOUR + chance.random() * 3 * HOUR), ROUND)
    else:
        wish = up_to(hours.after(opened, HOUR + chance.random() * 5 * HOUR), ROUND)
        decided = max(opened, min(wish, due - AHEAD))
    return Schedule(opened=opened, discussions=(), decided=decided, in_force=decided + story.worry.managers * ROUND)


def _at_once(story: Story, chance: Random) -> Schedule:
    """Day and night; a few are opened later than they ought to be."""
    told = story.arrival.at.replace(second=0)
    late = chance.random() < 0.03  # noqa: PLR2004
    opened = told + chance.randint(11, 18) * MINUTE if late else told + chance.randint(2, 8) * MINUTE
    first = told + chance.randint(40, 100) * MINUTE
    second = first + chance.randint(60, 180) * MINUTE
    held = (first, second)[-len(story.worry.discussions) :]
    decided = held[-1] + ROUND
    return Schedule(
        opened=opened, discussions=held, decided=decided, in_force=decided + story.worry.managers * 10 * MINUTE
    )


def up_to(at: datetime, grid: timedelta) -> datetime:
    """`at`, moved up to the next point of the grid."""
    over = timedelta(seconds=at.timestamp() % grid.total_seconds())
    return at if not over else at + (grid - over)
