"""YAML read so that every value can be traced to its line, and so that `yes`, `no` and `on` are words.

PyYAML follows YAML 1.1, where `no:` is the key False and 08:30 is the number 510. A policy file means what it says,
so only true/false, null, and plain decimal numbers are anything other than text (the rules of YAML 1.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Location: TypeAlias = tuple[str | int, ...]


class _Words(yaml.CSafeLoader):
    """The safe loader with YAML 1.2's plain scalars; a key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 (PyYAML's signature)
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"the key {key.value} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Words.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("tag:yaml.org,2002:int", r"^-?[0-9]+$", "-0123456789"),
    ("tag:yaml.org,2002:float", r"^-?[0-9]+\.[0-9]+$", "-0123456789"),
):
    _Words.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


class BrokenYamlError(Exception):
    """The file is not YAML; `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class Document:
    """One YAML file: its data, and its nodes for the line numbers."""

    name: str
    data: Any
    node: yaml.Node | None

    def line(self, location: Location) -> int:
        """The line (from 1) of the deepest part of this location that exists in the file."""
        node = self.node
        line = node.start_mark.line if node is not None else 0
        for step in location:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line + 1


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line, item
    return None


def read(path: Path, name: str = "") -> Document:
    """Read one file, called `name` in faults; BrokenYamlError with its line if it cannot be parsed.

    OSError as the system raises it.
    """
    loader = _Words(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BrokenYamlError(mark.line + 1 if mark else 1, error.problem or str(error)) from error
    finally:
        loader.dispose()
    return Document(name or path.name, data, node)
