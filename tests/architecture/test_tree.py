"""The tree is the diagram: four services of one shape, each with a page that says what it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .sources import ROOT, SERVICES, files, name_of, report

SHAPE: dict[str, set[str]] = {
    "": {"__init__", "__main__", "settings", "bootstrap"},
    "domain": {"__init__", "model", "policy"},
    "application": {"__init__", "commands", "handlers", "ports"},
    "adapters": {"__init__", "tables", "repositories", "queries", "channels"},
    "entrypoints": {"__init__", "api", "schemas", "worker"},
}
"""A file may be absent, or be a package of the same name; it has no other name (architecture.md)."""
DATA = {"notify": {"templates"}}
"""Folders without code: the wording of notify's letters."""


def within(service: str) -> list[Path]:
    """The service's files, relative to it."""
    top = ROOT / "services" / service
    return [path.relative_to(top) for path in files() if path.is_relative_to(top)]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_shape(service: str) -> None:
    offenders: list[str] = []
    for path in within(service):
        first = path.parts[0]
        if path.name == "README.md" or first == "migrations" or first in DATA.get(service, set()):
            continue
        layer, own = (first, path.parts[1]) if len(path.parts) > 1 else ("", first)
        if path.suffix != ".py" or own.removesuffix(".py") not in SHAPE.get(layer, set()):
            offenders.append(f"services/{service}/{path}")
    assert not offenders, report(offenders)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_can_be_started_and_migrated(service: str) -> None:
    there = {path.as_posix() for path in within(service)}
    parts = {re.sub(r"(/__init__)?\.py$", "", path) for path in there}
    needed = {
        "__main__", "settings", "bootstrap", "domain/model", "domain/policy", "application/handlers",
        "application/ports", "adapters/tables", "adapters/repositories", "entrypoints/api", "entrypoints/worker",
        "migrations/env",
    }  # fmt: skip
    assert not needed - parts
    assert any(path.startswith("migrations/versions/") for path in there)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_what_it_is(service: str) -> None:
    page = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    missing = [
        word for word in ("owns", "says", "hears", "refuses") if not re.search(rf"\b{word}\b", page, re.IGNORECASE)
    ]
    assert not missing, f"services/{service}/README.md does not say what it {', '.join(missing)}"
    assert re.search(r"```mermaid\s+stateDiagram", page), f"services/{service}/README.md has no state diagram"


def test_packages_are_packages() -> None:
    python = [path for path in files() if path.suffix == ".py" and "migrations" not in path.parts]
    folders = {path.parent for path in python if path.relative_to(ROOT).parts[0] in ("services", "shared", "mash")}
    offenders = [name_of(folder) for folder in folders if not (folder / "__init__.py").exists()]
    assert not offenders, report(offenders)


def test_names_say_what_things_are() -> None:
    words = re.compile(r"(^|_)(managers?|helpers?|utils?|impl|base|misc)$", re.IGNORECASE)
    offenders = [
        name_of(path)
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] != "tests" and words.search(path.stem)
    ]
    assert not offenders, report(offenders)
