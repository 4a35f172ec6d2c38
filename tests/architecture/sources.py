"""The project's own files, as the architecture tests read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("intake", "triage", "deadlines", "notify")
SHIPPED = ("services", "shared", "mash")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed; without git, all but hidden, data and cache folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 -- git is on the path
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return tuple(path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())
    skipped = {"data", "__pycache__", ".venv", ".git", ".cache", ".hypothesis", ".import_linter_cache"}
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.relative_to(ROOT).parts))


def python_files(*folders: str) -> list[Path]:
    """The Python files under these folders of the root, migrations left out."""
    tops = folders or SHIPPED
    return [
        path
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in tops and "migrations" not in path.parts
    ]


@cache
def tree_of(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    """The file as a reader finds it."""
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function, however deep."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def docstring_lines(function: Function) -> int:
    """How many of a function's lines are its docstring: they explain, and do not make it long."""
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return (first.end_lineno or first.lineno) - first.lineno + 1
    return 0


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an attribute or a name, "" for anything else; a call in between reads as its function."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return dotted(node.func) if isinstance(node, ast.Call) else ""


def report(offenders: list[str]) -> str:
    """All of them in one message."""
    return f"{len(offenders)}:\n" + "\n".join(sorted(offenders))
