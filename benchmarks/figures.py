"""What a benchmark hands over: figures, each beside the peer it was measured with."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

COLUMNS = ("figure", "measured", "beside", "measured there", "ratio", "aim")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value. ``ratio`` is ours to the peer's, in the direction that ``aim`` speaks of."""

    name: str
    value: str
    beside: str = ""
    there: str = ""
    ratio: float | None = None
    aim: str = ""

    def cells(self) -> tuple[str, ...]:
        """The cells of its row, as COLUMNS names them."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return (self.name, self.value, self.beside, self.there, ratio, self.aim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line may change; None leaves the benchmark's own."""

    seconds: float | None = None
    rate: int | None = None
    pending: int | None = None
    overdue: bool = False


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all do not exceed. Raises ValueError for no values."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def p50_p99(seconds: Sequence[float]) -> str:
    """Median and 99th percentile, in milliseconds."""
    return f"{percentile(seconds, 0.5) * 1000:.0f} / {percentile(seconds, 0.99) * 1000:.0f} ms"


def median(values: Sequence[float]) -> float:
    """The middle of several rounds: what others do on the same cores moves single ones."""
    return statistics.median(values)


def show(title: str, figures: Sequence[Figure]) -> None:
    """Prints the figures as a table."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    for figure in figures:
        table.add_row(*figure.cells())
    Console(soft_wrap=False, width=150).print(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One round: items a second, and microseconds of this process's processor time an item."""

    per_second: float
    micros: float


class Stopwatch:
    """Takes both times of a round. Processor time hardly moves with what else runs on the same cores."""

    def __init__(self) -> None:
        self._began = (time.perf_counter(), time.process_time())

    def pace(self, items: int) -> Pace:
        """The pace of ``items`` since this was made."""
        wall, processor = time.perf_counter() - self._began[0], time.process_time() - self._began[1]
        return Pace(per_second=items / wall, micros=processor / items * 1e6)


def faster(name: str, ours: Sequence[Pace], beside: str, theirs: Sequence[Pace], *, aim: str) -> list[Figure]:
    """A pace beside another one; each ratio is the median of the rounds' own ratios, which ran next to each other."""
    pairs = list(zip(ours, theirs, strict=True))
    rate = Figure(
        name=name,
        value=f"{median([one.per_second for one in ours]):,.0f}/s",
        beside=beside,
        there=f"{median([one.per_second for one in theirs]):,.0f}/s",
        ratio=median([one.per_second / peer.per_second for one, peer in pairs]),
        aim=aim,
    )
    processor = Figure(
        name=f"{name}: our processor time each",
        value=f"{median([one.micros for one in ours]):,.0f} µs",
        beside=beside,
        there=f"{median([one.micros for one in theirs]):,.0f} µs",
        ratio=median([peer.micros / one.micros for one, peer in pairs]),
        aim=aim,
    )
    return [rate, processor]
