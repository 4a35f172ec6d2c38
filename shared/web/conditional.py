"""Changes only what was seen: a row's version as its ETag, If-Match on staff writes."""

from starlette.requests import Request

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
