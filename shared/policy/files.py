"""Reading a pack's files: every YAML file of its folder, checked against the schema, every entry with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from shared.policy.faults import Fault, PolicyError
from shared.policy.schema import PackFile
from shared.policy.yaml_marks import BrokenYamlError, Document, Location, read

T = TypeVar("T")
BASES: Final = "bases"
"""The folder of what packs share, beside the packs."""
KEYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ratings", "routes", "outcomes", "indicators", "messages", "alerts", "measures"), "code"),
    **dict.fromkeys(("rules", "principles"), "id"),
    "clocks": "kind",
    "levels": "level",
    "next_steps": "code",
    "lines": "call",
    "quorums": "discussion",
}
"""What names an entry of a list whose entries are taken one by one from the last layer that has them."""
NOT_IN_A_BASE: Final = ("pack", "golden", "golden_events", "golden_decisions")


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
class Layer:
    """The files of one folder: a base that a pack uses, or (the last layer) the pack's own."""

    documents: tuple[Document, ...]
    parsed: tuple[PackFile, ...]

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

    def singles(self, section: str) -> list[Entry[Any]]:
        """What stands in a section that should stand once."""
        return [
            Entry(value, document, (section,))
            for document, parsed in zip(self.documents, self.parsed, strict=True)
            if (value := getattr(parsed, section)) is not None
        ]


@dataclass(frozen=True)
class Files:
    """All files of one pack and of the bases it uses, validated one by one; not yet checked against each other.

    Layers in the order of `uses`, the pack's own last. The later layer's entry of the same code takes the place of the
    earlier's, whole; a list without codes is taken from the last layer that has it.
    """

    layers: tuple[Layer, ...]
    content_hash: str

    @property
    def own(self) -> Layer:
        """The pack's own folder."""
        return self.layers[-1]

    def entries(self, section: str) -> Iterator[Entry[Any]]:
        """Entries of a list section that count: the pack's own first, then what it shares."""
        key = KEYS.get(section)
        found = [
            (layer, getattr(entry.value, key) if key is not None else None, entry)
            for layer, files in self._own_first()
            for entry in files.entries(section)
        ]
        return _last_of_each(found)

    def words(self, section: str) -> Iterator[tuple[str, Entry[str]]]:
        """Codes and words of a word list that count."""
        found = [
            (layer, code, (code, entry)) for layer, files in self._own_first() for code, entry in files.words(section)
        ]
        return _last_of_each(found)

    def _own_first(self) -> list[tuple[int, Layer]]:
        numbered = [*enumerate(self.layers)]
        return [numbered[-1], *numbered[:-1]]

    def single(self, section: str) -> Entry[Any]:
        """The one entry of a section that stands once in a layer; PolicyError when missing or given twice."""
        found = next((found for layer in reversed(self.layers) if (found := layer.singles(section))), [])
        if len(found) != 1:
            problem = "is missing" if not found else "stands more than once"
            place = found[1].fault(problem) if found else Fault(self.own.documents[0].name, 1, section, problem)
            raise PolicyError("policy pack refused", [place])
        return found[0]


def _last_of_each(found: Sequence[tuple[int, object, T]]) -> Iterator[T]:
    """Of each code what the last layer says that has it."""
    last: dict[object, int] = {}
    for layer, code, _ in found:
        last[code] = max(layer, last.get(code, layer))
    return (each for layer, code, each in found if last[code] == layer)


def dotted(location: Location) -> str:
    """A location as people write it: rules[3].when.yes."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "file"


def read_files(root: Path, folder: str) -> Files:
    """Read and validate every file of `<root>/<folder>` and of the bases it uses.

    PolicyError lists every fault of every file.
    """
    faults: list[Fault] = []
    own = _layer(root / folder, "", faults)
    bases = [base for header in own.singles("pack") for base in _bases(root, header, faults)]
    if faults:
        raise PolicyError("policy pack refused", faults)
    layers = (*bases, own)
    return Files(layers, content_hash([document for layer in layers for document in layer.documents]))


def _bases(root: Path, header: Entry[Any], faults: list[Fault]) -> Iterator[Layer]:
    for index, ref in enumerate(header.value.uses):
        name = f"{BASES}/{ref.replace('@', '/')}"
        if not (root / name).is_dir():
            faults.append(header.fault(f"no base is called {ref}", "uses", index))
            continue
        layer = _layer(root / name, f"{name}/", faults)
        for section in NOT_IN_A_BASE:
            strange = [*layer.singles(section)] if section == "pack" else [*layer.entries(section)]
            faults.extend(entry.fault("stands in a pack, never in a base") for entry in strange)
        said = [f"{entry.value.id}@{entry.value.version}" for entry in layer.singles("base")]
        if layer.documents and said != [ref]:
            faults.append(Fault(layer.documents[0].name, 1, "base", f"this folder holds {ref}, its files say {said}"))
        yield layer


def _layer(folder: Path, prefix: str, faults: list[Fault]) -> Layer:
    documents: list[Document] = []
    before = len(faults)
    for path in sorted(folder.glob("*.yaml")):
        name = f"{prefix}{path.name}"
        try:
            documents.append(read(path, name))
        except BrokenYamlError as error:
            faults.append(Fault(name, error.line, "file", error.problem))
        except UnicodeDecodeError:
            faults.append(Fault(name, 1, "file", "is not UTF-8"))
    if not documents and len(faults) == before:
        faults.append(Fault(folder.name, 0, "folder", "no policy files here"))
    read_well = [(document, parsed) for document in documents if (parsed := _validated(document, faults))]
    return Layer(tuple(document for document, _ in read_well), tuple(parsed for _, parsed in read_well))


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
