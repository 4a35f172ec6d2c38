"""Every setting that code reads is explained in docs/settings.md, and nothing else is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from .sources import ROOT, SERVICES, Function, dotted, functions, python_files, report, tree_of

PAGE = ROOT / "docs" / "settings.md"
READERS = {"text", "optional", "secret", "integer", "number", "flag", "choice", "get", "getenv", "setting"}
NAME = re.compile(r"MASH_[A-Z0-9_<>]+")
ANY_SERVICE = re.compile(
    r"MASH_(?:INTAKE|TRIAGE|DEADLINES|NOTIFY)_(DATABASE_URL|OWNER_DATABASE_URL|PASSWORD|OWNER_PASSWORD|PORT|WORKER_PORT|URL)"
)
UPPER = re.compile(r"\{[^}]*upper\(\)\}")


def written(node: ast.AST, names: dict[str, str]) -> str:
    """A text as it stands in the code; what is put in at run time reads as ``<SERVICE>``."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(written(part, names) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        known = names.get(dotted(node.value))
        return known if known is not None else "<SERVICE>"
    return names.get(dotted(node), "")


def constants(body: ast.AST) -> dict[str, str]:
    """The texts that names stand for within ``body``."""
    found: dict[str, str] = {}
    for node in ast.walk(body):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = written(node.value, found)
            if value.startswith("MASH_"):
                found[node.targets[0].id] = value
    return found


def read_in(scope: Function | ast.Module, module: dict[str, str]) -> Iterator[str]:
    names = {**module, **constants(scope)}
    for node in ast.walk(scope):
        argument: ast.AST | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
            argument = node.args[0] if node.args else None
        elif isinstance(node, ast.Subscript) and dotted(node.value).endswith("environ"):
            argument = node.slice
        if argument is not None and (name := written(argument, names)).startswith("MASH_"):
            yield name


@cache
def read_by_code() -> set[str]:
    found: set[str] = set()
    for path in [*python_files(), *python_files("tests", "benchmarks")]:
        if path.name.startswith("test_"):
            continue
        tree = tree_of(path)
        module = constants(tree)
        for scope in [tree, *functions(tree)]:
            found.update(read_in(scope, module))
    return found


def read_by_compose() -> set[str]:
    """What the compose file and its scripts take from outside."""
    texts = [ROOT / "docker-compose.yml", *sorted((ROOT / "docker").rglob("*.sh"))]
    return {name for path in texts for name in re.findall(r"\$\{(MASH_[A-Z0-9_]+)", path.read_text(encoding="utf-8"))}


def alike(names: set[str]) -> set[str]:
    """One name for what each service has."""
    return {ANY_SERVICE.sub(r"MASH_<SERVICE>_\1", name) for name in names}


def test_every_setting_is_explained_and_none_is_made_up() -> None:
    page = PAGE.read_text(encoding="utf-8")
    explained = {
        name for line in page.splitlines() if line.startswith("| `") for name in NAME.findall(line.split("|")[1])
    }
    read = alike(read_by_code() | read_by_compose())
    unexplained = sorted(read - alike(explained))
    made_up = sorted(alike(explained) - read)
    assert not unexplained, "read by code, not in docs/settings.md: " + report(unexplained)
    assert not made_up, "in docs/settings.md, read by nothing: " + report(made_up)


def test_the_finder_finds() -> None:
    read = read_by_code()
    assert {"MASH_ENV", "MASH_<SERVICE>_PORT", "MASH_<SERVICE>_DATABASE_URL", "MASH_TEST_KAFKA"} <= read
    assert len(read) > 15
    assert all(service.upper() not in name or name.count("_") > 1 for name in read for service in SERVICES)


def test_every_line_says_meaning_and_default() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `MASH_")]
    offenders = [line for line in lines if len(cells := line.strip("| ").split(" | ")) != 4 or not all(cells)]
    assert not offenders, report(offenders)
