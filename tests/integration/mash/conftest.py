"""A whole system's databases with nothing in them, and the command line over them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from mash.cli import app
from mash.migrations import create_topics
from mash.services import SERVICE_NAMES
from tests.conftest import environment_for
from tests.support.commands import SECRET, Mash


@pytest.fixture
def settings(new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a whole system, with nothing in it yet."""
    bus: list[str] = []
    found: dict[str, str] = {}
    for service in SERVICE_NAMES:
        found |= environment_for(service, new_database, bus)
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    create_topics(found)
    return found


@pytest.fixture
def mash(settings: dict[str, str]) -> Mash:
    def command(*arguments: str, code: int = 0) -> Result:
        answer = CliRunner().invoke(app, list(arguments))
        assert answer.exit_code == code, answer.output + repr(answer.exception)
        assert SECRET not in answer.output
        return answer

    assert settings
    return command
