"""Reading a pack's files: every YAML file of its folder, checked against the schema, every entry with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from shared.policy.faults import Fault, PolicyError
from shared.policy.schema import PackFile
from shared.policy.yaml_marks import BrokenYamlError, Document, Location, read

T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One entry of a list or word list, and where it stands."""

    value: T
    document: Document
    at: Location

    def fault(self, problem: str, *inside: str | int) -> Fault:
        """A fault in this entry, or in a field inside it."""
        place = (*self.at, *inside)
        return Fault(self.document.name, self.document.line(place), dotted(place), problem)


@dataclass(frozen=True)
class Files:
    """All files of one pack, validated one by one; not yet checked against each other."""

    documents: tuple[Document, ...]
    parsed: tuple[PackFile, ...]
    content_hash: str

    def entries(self, section: str) -> Iterator[Entry[Any]]:
        """Entries of a list section, in the order of the files."""
        for document, parsed in zip(self.documents, self.parsed, strict=True):
            for index, value in enumerate(getattr(parsed, section)):
                yield Entry(value, document, (section, index))

    def words(self, section: str) -> Iterator[tuple[str, Entry[str]]]:
        """Codes and words of a word list."""
        for document, parsed in zip(self.documents, self.parsed, strict=True):
            for code, text in getattr(parsed, section).items():
                yield code, Entry(text, document, (section, code))

    def single(self, section: str) -> Entry[Any]:
        """The one entry of a section that stands once; PolicyError when missing or given twice."""
        found = [
            Entry(value, document, (section,))
            for document, parsed in zip(self.documents, self.parsed, strict=True)
            if (value := getattr(parsed, section)) is not None
        ]
        if len(found) != 1:
            problem = "is missing" if not found else "stands more than once"
            place = found[1].fault(problem) if found else Fault(self.documents[0].name, 1, section, problem)
            raise PolicyError("policy pack refused", [place])
        return found[0]


def dotted(location: Location) -> str:
    """A location as people write it: rules[3].when.yes."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "file"


def read_files(folder: Path) -> Files:
    """Read and validate every file; PolicyError lists every fault of every file."""
    documents: list[Document] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            documents.append(read(path))
        except BrokenYamlError as error:
            faults.append(Fault(path.name, error.line, "file", error.problem))
        except UnicodeDecodeError:
            faults.append(Fault(path.name, 1, "file", "is not UTF-8"))
    if not documents and not faults:
        faults.append(Fault(folder.name, 0, "folder", "no policy files here"))
    parsed = [_validated(document, faults) for document in documents]
    if faults:
        raise PolicyError("policy pack refused", faults)
    return Files(tuple(documents), tuple(each for each in parsed if each is not None), content_hash(documents))


def content_hash(documents: list[Document]) -> str:
    """SHA-256 over the data of all files in canonical JSON: comments and layout do not change it, content does."""
    data = {document.name: document.data for document in documents}
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return sha256(canonical.encode()).hexdigest()


def _validated(document: Document, faults: list[Fault]) -> PackFile | None:
    try:
        return PackFile.model_validate_json(json.dumps(document.data))
    except ValidationError as error:
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            at = each["loc"]
            faults.append(Fault(document.name, document.line(at), dotted(at), each["msg"]))
        return None


def plain_fields(entry: BaseModel) -> dict[str, Any]:
    """An entry's fields by name, one level deep."""
    return {name: getattr(entry, name) for name in type(entry).model_fields}
