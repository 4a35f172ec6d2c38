"""The contacts of the run: of each sort one that is worked on in time and one that is worked on late."""

from __future__ import annotations

from .plays_after import club, nameless, neighbour, plan, unreachable
from .plays_deciding import baby, danger, green, worry

SORTS = (baby, danger, worry, green, club, plan, neighbour)
PLAYS = (*(sort(late=late) for sort in SORTS for late in (False, True)), nameless(), unreachable())
