"""Completes the OpenAPI document: what a problem looks like, and which of them each operation can answer with."""

from collections.abc import Iterator
from typing import Any, Final

from shared.web.problems import PROBLEM_TYPE, problem_for

_ALWAYS: Final = (404, 422, 429, 500, 503)
_GUARDED: Final = (401, 403)
_WRITES: Final = (400, 408, 409, 412, 413, 415, 428)
_READS: Final = (400,)
_BODIES: Final = (400, 413, 415, 422)  # outside /v1: what any route that reads a body can answer
_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
_FRAMEWORK_SCHEMAS: Final = ("HTTPValidationError", "ValidationError")

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457. Never repeats what was sent.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "A stable word for machines."},
        "detail": {"type": "string"},
        "correlation_id": {"type": "string", "format": "uuid"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer; empty for the whole."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "in": {"type": "string", "enum": ["body", "query", "path", "header", "cookie"]},
                },
            },
        },
    },
    "examples": [
        {
            "type": "urn:mash:problem:not_valid",
            "title": "Unprocessable Content",
            "status": 422,
            "code": "not_valid",
            "detail": "Some fields cannot be accepted; see errors.",
            "correlation_id": "6f1c2f7e-2f3c-4d9a-9a53-6f2f0a3f8f10",
            "errors": [{"pointer": "/reason", "code": "missing", "detail": "This is required.", "in": "body"}],
        }
    ],
}


def document_problems(document: dict[str, Any]) -> None:
    """Add to each operation under /v1 the problems that it can answer with; what a route says itself stays."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    for path, method, operation in _operations(document):
        responses = operation.setdefault("responses", {})
        validation = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if str(validation.get("$ref", "")).endswith("/HTTPValidationError"):
            del responses["422"]
        for status in _statuses(path, method, operation):
            if str(status) not in responses:
                responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
                components.setdefault("responses", {})[f"Problem{status}"] = documented_problem(status)
    for name in _FRAMEWORK_SCHEMAS:
        components["schemas"].pop(name, None)


def member_names(document: dict[str, Any]) -> frozenset[str]:
    """Every name that the document itself makes public: members of schemas and parameters."""
    names: set[str] = set()
    for schema in document.get("components", {}).get("schemas", {}).values():
        names.update(_properties(schema))
    for _path, _method, operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            names.add(str(parameter.get("name")))
    return frozenset(names)


def _properties(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for name, value in schema.items():  # pyright: ignore[reportUnknownVariableType]
            if name == "properties" and isinstance(value, dict):
                yield from (str(member) for member in value)  # pyright: ignore[reportUnknownVariableType]
            yield from _properties(value)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(schema, list):
        for entry in schema:  # pyright: ignore[reportUnknownVariableType]
            yield from _properties(entry)  # pyright: ignore[reportUnknownArgumentType]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            if method in _METHODS:
                yield path, method, operation


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    if not path.startswith("/v1"):
        return [*(_BODIES if "requestBody" in operation else ()), 500, 503]
    statuses = [*_ALWAYS, *(_READS if method == "get" else _WRITES)]
    if operation.get("security"):
        statuses.extend(_GUARDED)
    return sorted(statuses)


def documented_problem(status: int) -> dict[str, Any]:
    """A problem as an operation's response, for a route that says itself which it can answer (``responses``)."""
    problem = problem_for(status)
    example = {
        "type": f"urn:mash:problem:{problem.code}",
        "title": problem.title,
        "status": status,
        "code": problem.code,
        "detail": problem.detail,
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": problem.detail, "content": {PROBLEM_TYPE: {"schema": schema, "example": example}}}
