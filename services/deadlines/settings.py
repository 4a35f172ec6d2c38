"""The deadlines service's settings: those all services share, and its own."""

from __future__ import annotations

import os
from dataclasses import dataclass

from shared.service import CommonSettings
from shared.settings import Environment


@dataclass(frozen=True, kw_only=True)
class DeadlinesSettings:
    """``milestone_feeds`` names the feeds that tell of milestones here: clocks that need another are not watched."""

    common: CommonSettings
    milestone_feeds: frozenset[str]
    fire_batch: int
    stream_listeners: int = 100


def read_settings(env: Environment | None = None) -> DeadlinesSettings:
    """Reads them from the environment. Raises SettingMissing or SettingInvalid, naming the variable."""
    env = env or Environment(os.environ)
    feeds = env.text("MASH_DEADLINES_MILESTONE_FEEDS", "").split(",")
    return DeadlinesSettings(
        common=CommonSettings.read(env, "deadlines"),
        milestone_feeds=frozenset(feed.strip() for feed in feeds if feed.strip()),
        fire_batch=env.integer("MASH_DEADLINES_FIRE_BATCH", 500, minimum=1, maximum=5000),
        stream_listeners=env.integer("MASH_DEADLINES_STREAM_LISTENERS", 100, minimum=0, maximum=10_000),
    )
