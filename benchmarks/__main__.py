"""``python -m benchmarks [NAME]…``: measures, prints each figure beside its peer, writes docs/measurements.md."""

from __future__ import annotations

import argparse
import asyncio
import inspect
import sys
from collections.abc import Callable, Coroutine, Mapping

from benchmarks import accepted_to_rated, backtest, clocks, core, document, matching, month, post, rating, relay, sizes
from benchmarks.figures import Figure, Options, show

Benchmark = Callable[[Options], Coroutine[None, None, list[Figure]]]
BENCHMARKS: Mapping[str, tuple[str | None, Benchmark]] = {
    "accepted_to_rated": (accepted_to_rated.__doc__, accepted_to_rated.run),
    "post": (post.__doc__, post.run),
    "rating": (rating.__doc__, rating.run),
    "matching": (matching.__doc__, matching.run),
    "backtest": (backtest.__doc__, backtest.run),
    "clocks": (clocks.__doc__, clocks.run),
    "core": (core.__doc__, core.run),
    "relay": (relay.__doc__, relay.run),
    "month": (month.__doc__, month.run),
    "sizes": (sizes.__doc__, sizes.run),
}
IN_THIS_PROCESS = {"core", "matching", "relay"}
"""What runs the services' code itself does so on their event loop."""


def main() -> int:
    """Runs the benchmarks named, or all in turn."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    arguments.add_argument("--seconds", type=float, help="how long one run offers contacts, where it is by time")
    arguments.add_argument("--rate", type=int, help="contacts a second offered, where it is by rate")
    arguments.add_argument("--pending", type=int, help="clocks that wait, where some do")
    arguments.add_argument("--overdue", action="store_true", help="clocks: then also all of them overdue at once")
    arguments.add_argument("--dry", action="store_true", help="leave docs/measurements.md as it is")
    given = arguments.parse_args()
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        arguments.error(f"no benchmark is named {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    for name in given.names or BENCHMARKS:
        about, benchmark = BENCHMARKS[name]
        loop = _loop_of_the_services() if name in IN_THIS_PROCESS else None
        with asyncio.Runner(loop_factory=loop) as runner:
            options = Options(seconds=given.seconds, rate=given.rate, pending=given.pending, overdue=given.overdue)
            figures = runner.run(benchmark(options))
        show(name, figures)
        if not given.dry:
            told = inspect.cleandoc(benchmark.__doc__ or "")
            document.write(name, f"{inspect.cleandoc(about or '')} {told}", figures)
    return 0


def _loop_of_the_services() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415  (absent on some platforms)
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    sys.exit(main())
