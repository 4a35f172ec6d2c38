"""The shipped example contacts, played through the real REST APIs: `await run(settings)`."""

from mash.demo.play import run

__all__ = ["run"]
