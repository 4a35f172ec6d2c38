"""How long files and functions are."""

from __future__ import annotations

import ast
from pathlib import Path

from benchmarks.figures import Figure, Options, percentile
from shared.service import ROOT

FOLDERS = ("services", "shared", "mash")
WRITTEN_BY_A_TOOL = "versions"


async def run(options: Options) -> list[Figure]:
    """Lines of every file, and of every function with its decorators, under services, shared and mash."""
    del options
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")) if _ours(path)]
    file_lines = [lines for path in files if (lines := len(path.read_text(encoding="utf-8").splitlines()))]
    functions = [lines for path in files for lines in _functions(path)]
    return [
        _spread(f"lines a file ({len(file_lines)} files, {sum(file_lines)} lines)", file_lines, aim="max ≤ 250"),
        _spread(f"lines a function ({len(functions)})", functions, aim="max ≤ 40"),
    ]


def _ours(path: Path) -> bool:
    return WRITTEN_BY_A_TOOL not in path.parts and "__pycache__" not in path.parts


def _functions(path: Path) -> list[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.end_lineno or node.lineno) - min([node.lineno, *(one.lineno for one in node.decorator_list)]) + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _spread(name: str, lines: list[int], *, aim: str) -> Figure:
    middle, most = percentile(lines, 0.5), percentile(lines, 0.95)
    return Figure(name=name, value=f"median {middle:.0f}, p95 {most:.0f}, max {max(lines)}", aim=aim)
