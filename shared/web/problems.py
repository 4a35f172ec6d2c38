"""Errors as RFC 9457 problem documents, which say what is wrong and never repeat what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Scope

PROBLEM_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2

# What a status means where nobody has said more; fixed texts, so that no exception's own text gets out.
_MEANINGS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("bad_request", "The request cannot be read."),
    401: ("not_authenticated", "A valid bearer token is needed."),
    403: ("not_allowed", "This token's role may not do this."),
    404: ("not_found", "There is nothing here that this caller may see."),
    405: ("method_not_allowed", "This address does not answer this method."),
    408: ("too_slow", "The request took too long to arrive."),
    409: ("conflict", "Another request is changing the same thing."),
    412: ("changed_since", "It has changed since it was read: read it again."),
    413: ("too_large", "The request is larger than allowed here."),
    415: ("not_json", "The request must be application/json."),
    422: ("not_valid", "Some fields cannot be accepted; see errors."),
    428: ("if_match_needed", "Send If-Match with the ETag of what was read."),
    429: ("too_many_requests", "Too many requests; wait as Retry-After says."),
    500: ("internal_error", "Something went wrong here. Quote the correlation id."),
    503: ("unavailable", "A part that this needs is away for the moment. Nothing was saved; try again."),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong: where (JSON Pointer), a code for machines, a sentence for people; never the value."""

    pointer: str
    code: str
    detail: str
    location: str = "body"

    def as_dict(self) -> dict[str, str]:
        """As it stands in the document."""
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail, "in": self.location}


class Problem(HTTPException):
    """Raise it anywhere in a request. All texts are ours: never put in what somebody sent."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str | None = None,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`code` is a stable word for machines; title and detail are for people."""
        super().__init__(status, detail or _MEANINGS.get(status, ("", ""))[1], dict(headers) if headers else None)
        self.status = status
        self.code = code
        self.title = title or _phrase(status)
        self.errors = tuple(errors)


def problem_for(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The standard problem of a status."""
    code, detail = _MEANINGS.get(status, (f"status_{status}", _phrase(status)))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {"Retry-After": str(RETRY_SECONDS), **(headers or {})}
    return Problem(status, code, detail=detail, headers=headers)


def not_found() -> Problem:
    """404, the same whether it does not exist or is somebody else's."""
    return problem_for(404)


def problem_document(problem: Problem) -> dict[str, Any]:
    """The problem as RFC 9457 writes it."""
    document: dict[str, Any] = {
        "type": f"urn:mash:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
    }
    if problem.errors:
        document["errors"] = [error.as_dict() for error in problem.errors]
    return document


def problem_response(scope: Scope, problem: Problem) -> JSONResponse:
    """The answer for a problem, with the correlation id to quote."""
    document = problem_document(problem)
    correlation_id = scope.get("state", {}).get("correlation_id")
    if correlation_id is not None:
        document["correlation_id"] = str(correlation_id)
    return JSONResponse(document, problem.status, dict(problem.headers or {}), PROBLEM_TYPE)


async def answer_http_exception(request: Request, error: Exception) -> JSONResponse:
    """Exception handler: our problems as they are, a framework's by their status alone."""
    if isinstance(error, Problem):
        return problem_response(request.scope, error)
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem_response(request.scope, problem_for(status, headers))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
