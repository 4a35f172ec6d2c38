"""Validation errors as pointers and codes. A value that was sent, or a name of the sender's own, never comes back."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast, get_args

from fastapi.exceptions import RequestValidationError
from pydantic_core.core_schema import ErrorType
from starlette.requests import Request
from starlette.responses import JSONResponse

from shared.web.problems import FieldError, Problem, problem_for, problem_response

MAX_ERRORS: Final = 100
_BUILT_IN: Final = frozenset(get_args(ErrorType))
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LIMITS: Final = frozenset(
    {"ge", "gt", "le", "lt", "min_length", "max_length", "expected", "multiple_of", "max_digits", "decimal_places"}
)

# pydantic's own sentences quote what was sent (a union's tag, a character of a UUID), so ours are said instead.
# Names in braces come from the schema, never from the request.
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "This is required.",
    "extra_forbidden": "There is a member that is not known here.",
    "literal_error": "Must be one of {expected}.",
    "enum": "Must be one of {expected}.",
    "string_type": "Must be a text.",
    "string_too_short": "Must have at least {min_length} characters.",
    "string_too_long": "Must have at most {max_length} characters.",
    "string_pattern_mismatch": "Does not have the form that is wanted.",
    "string_unicode": "Has characters that are not valid Unicode.",
    "int_type": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "int_from_float": "Must be a whole number.",
    "float_type": "Must be a number.",
    "float_parsing": "Must be a number.",
    "finite_number": "Must be a finite number.",
    "bool_type": "Must be true or false.",
    "bool_parsing": "Must be true or false.",
    "greater_than": "Must be greater than {gt}.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than": "Must be less than {lt}.",
    "less_than_equal": "Must be at most {le}.",
    "list_type": "Must be a list.",
    "dict_type": "Must be an object.",
    "model_type": "Must be an object.",
    "model_attributes_type": "Must be an object.",
    "too_short": "Must have at least {min_length} entries.",
    "too_long": "Must have at most {max_length} entries.",
    "uuid_parsing": "Must be a UUID.",
    "uuid_type": "Must be a UUID.",
    "datetime_type": "Must be an RFC 3339 time with a zone.",
    "datetime_parsing": "Must be an RFC 3339 time with a zone.",
    "datetime_from_date_parsing": "Must be an RFC 3339 time with a zone.",
    "timezone_aware": "Must be an RFC 3339 time with a zone.",
    "date_type": "Must be a date, YYYY-MM-DD.",
    "date_parsing": "Must be a date, YYYY-MM-DD.",
    "date_from_datetime_parsing": "Must be a date, YYYY-MM-DD.",
    "none_required": "Must be null.",
    "union_tag_not_found": "The member that says which kind this is, is missing.",
    "union_tag_invalid": "The member that says which kind this is, is not known.",
}


def field_errors(errors: Sequence[Mapping[str, Any]], body: object, known: Collection[str]) -> list[FieldError]:
    """What pydantic found, in our words. `known` are the schema's own member names: only they may be shown."""
    found = [_field_error(error, body, known) for error in errors[:MAX_ERRORS]]
    return list(dict.fromkeys(found))  # a union reports the same place once for each of its arms


def _field_error(error: Mapping[str, Any], body: object, known: Collection[str]) -> FieldError:
    location = [*cast("Sequence[str | int]", error.get("loc", ()))]
    place = str(location[0]) if location else "body"
    steps = location[1:]
    code = str(error.get("type", "not_valid"))
    if code == "extra_forbidden" and steps:
        steps = steps[:-1]  # the last step is the sender's own name: say where it was, not what
    if place == "body":
        pointer = _pointer(steps, body, known)
    else:
        pointer = "".join(f"/{_escaped(step)}" for step in steps[:1] if step in known)
    return FieldError(pointer, code if _WORD.fullmatch(code) else "not_valid", _sentence(code, error), place)


def _pointer(steps: Sequence[str | int], body: object, known: Collection[str]) -> str:
    """Follow the steps through what was sent; stop before a name that is not the schema's.

    pydantic also puts names of union arms among the steps: they are no member of what was sent and are passed over.
    """
    pointer, current = "", body
    for position, step in enumerate(steps):
        last = position == len(steps) - 1
        if isinstance(current, dict):
            members = cast("dict[object, object]", current)
            if step not in members and not (last and step in known):
                continue
            if step not in known:
                break
            pointer, current = f"{pointer}/{_escaped(step)}", members.get(step)
        elif isinstance(current, list):
            entries = cast("list[object]", current)
            if isinstance(step, int) and 0 <= step < len(entries):
                pointer, current = f"{pointer}/{step}", entries[step]
    return pointer


def _escaped(step: object) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _sentence(code: str, error: Mapping[str, Any]) -> str:
    context = cast("Mapping[str, Any]", error.get("ctx") or {})
    if code in _SENTENCES:
        limits = {name: value for name, value in context.items() if name in _LIMITS}
        try:
            return _SENTENCES[code].format(**limits)
        except (KeyError, IndexError):
            return "This value is not accepted here."
    if code not in _BUILT_IN and not context:
        # ours: PydanticCustomError("code", "literal text"), where a value could only come in by its context
        return str(error.get("msg", ""))
    return "This value is not accepted here."


async def answer_validation_error(request: Request, error: Exception) -> JSONResponse:
    """Exception handler: 400 for what is no JSON, 415 for what does not say it is, 422 with pointers for the rest."""
    if not isinstance(error, RequestValidationError):
        raise error
    errors: Sequence[Mapping[str, Any]] = error.errors()
    if any(entry.get("type") == "json_invalid" for entry in errors):
        problem = Problem(400, "malformed_json", detail="The body is not valid JSON.")
    elif isinstance(error.body, bytes) and any(entry.get("loc", ("",))[0] == "body" for entry in errors):
        problem = problem_for(415)
    else:
        known = cast("Collection[str]", request.app.known_names())
        problem = Problem(422, "not_valid", errors=field_errors(errors, error.body, known))
    return problem_response(request.scope, problem)
