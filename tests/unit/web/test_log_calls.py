"""Every log call in the code: a literal message, and only keys that get through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.logging import ALLOWED_KEYS

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(path for folder in ("shared", "services", "mash") for path in (ROOT / folder).rglob("*.py"))
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in {"log", "_log", "logger", "_logger"}:
                yield node


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_log_calls_are_literal_and_use_allowed_keys(path: Path) -> None:
    for call in calls(path):
        (message,) = call.args
        assert isinstance(message, ast.Constant), f"line {call.lineno}: the message must be a literal"
        keys = {keyword.arg for keyword in call.keywords} - {"exc_info"}
        assert not keys - ALLOWED_KEYS, f"line {call.lineno}: {sorted(map(str, keys - ALLOWED_KEYS))} would be dropped"
