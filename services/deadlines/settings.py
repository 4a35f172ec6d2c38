"""The deadlines service's settings: those all services share, and its own."""

from __future__ import annotations

import os
from dataclasses import dataclass

from services.deadlines.domain.model.measures import Population
from shared.service import CommonSettings
from shared.settings import Environment


@dataclass(frozen=True, kw_only=True)
class DeadlinesSettings:
    """``milestone_feeds`` names the feeds that tell of milestones here: clocks that need another are not watched.
    ``population`` is what rates per 10,000 children are of; None: there are none.
    """

    common: CommonSettings
    milestone_feeds: frozenset[str]
    fire_batch: int
    stream_listeners: int = 100
    population: Population | None = None


def read_settings(env: Environment | None = None) -> DeadlinesSettings:
    """Reads them from the environment. Raises SettingMissing or SettingInvalid, naming the variable."""
    env = env or Environment(os.environ)
    feeds = env.text("MASH_DEADLINES_MILESTONE_FEEDS", "").split(",")
    return DeadlinesSettings(
        common=CommonSettings.read(env, "deadlines"),
        milestone_feeds=frozenset(feed.strip() for feed in feeds if feed.strip()),
        fire_batch=env.integer("MASH_DEADLINES_FIRE_BATCH", 500, minimum=1, maximum=5000),
        stream_listeners=env.integer("MASH_DEADLINES_STREAM_LISTENERS", 100, minimum=0, maximum=10_000),
        population=_population(env),
    )


def _population(env: Environment) -> Population | None:
    """A number without its source is refused: nobody could say what a rate is of."""
    children = env.integer("MASH_POPULATION_0_17", 0, minimum=0)
    return Population(children=children, source=env.text("MASH_POPULATION_SOURCE")) if children else None
