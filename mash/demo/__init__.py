"""The shipped example contacts, played through the real REST APIs: `await run(settings)`."""

from mash.demo.play import PACE_SECONDS, run

__all__ = ["PACE_SECONDS", "run"]
