"""Changes only what was seen (a version as ETag, If-Match on staff writes), and sends only what is not known yet."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from shared.web.problems import problem_for


def etag(version: int) -> str:
    """The strong ETag of a version."""
    return f'"{version}"'


def require_match(request: Request, version: int) -> None:
    """Raises Problem 428 where If-Match is missing, 412 where it names another version than the current one.

    `*` is refused like a missing one: it would overwrite what nobody has read.
    """
    header = request.headers.get("if-match", "").strip()
    if not header or header == "*":
        raise problem_for(428)
    if etag(version) not in (candidate.strip() for candidate in header.split(",")):
        raise problem_for(412)


def answer_unless_known(request: Request, document: bytes, *, max_age: int) -> Response:
    """A JSON document that changes seldom, with its content as its ETag: 304 where the caller has this one already.

    ``max_age`` in seconds: so long nobody need ask again.
    """
    tag = f'"{sha256(document).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"private, max-age={max_age}"}
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(document, 200, headers, "application/json")
