"""Short files, short functions, and a sentence for everything that others call."""

from __future__ import annotations

import ast

from .sources import Function, docstring_lines, functions, name_of, python_files, report, tree_of

MOST_LINES = 250
MOST_FUNCTION_LINES = 40


def own_lines(function: Function) -> int:
    """A function's lines without its docstring, and without the functions in it, which count for themselves."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1 - docstring_lines(function)
    inner = [node for child in ast.iter_child_nodes(function) for node in outermost(child)]
    starts = [(min([node.lineno, *(one.lineno for one in node.decorator_list)]), node.end_lineno) for node in inner]
    return lines - sum((end or start) - start + 1 for start, end in starts)


def outermost(node: ast.AST) -> list[Function]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [node]
    return [found for child in ast.iter_child_nodes(node) for found in outermost(child)]


def test_no_file_is_long() -> None:
    offenders = [
        f"{name_of(path)}: {lines} lines"
        for path in python_files("services", "shared", "mash", "benchmarks")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]
    assert not offenders, report(offenders)


def test_no_function_is_long() -> None:
    offenders = [
        f"{name_of(path)}:{function.lineno} {function.name}: {lines} lines"
        for path in python_files("services", "shared", "mash", "benchmarks")
        for function in functions(tree_of(path))
        if (lines := own_lines(function)) > MOST_FUNCTION_LINES
    ]
    assert not offenders, report(offenders)


def others_call(node: ast.stmt) -> ast.ClassDef | Function | None:
    """The function or class, if it is for others."""
    is_named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return node if is_named and not node.name.startswith("_") else None


def test_what_others_call_has_a_docstring() -> None:
    offenders = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files()
        for statement in tree_of(path).body
        if (node := others_call(statement)) and not ast.get_docstring(node)
    ]
    offenders += [
        name_of(path) for path in python_files() if tree_of(path).body and not ast.get_docstring(tree_of(path))
    ]
    assert not offenders, report(offenders)
