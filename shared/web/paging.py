"""Lists in pages by keyset: the cursor says after which row to go on, and nothing that a person could be known by."""

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from typing import Any, Final, cast
from urllib.parse import urlencode

from starlette.requests import Request

from shared.web.problems import FieldError, Problem

_MAX_CHARACTERS: Final = 1024
Cursor = dict[str, str | int]


def encode_cursor(position: Mapping[str, str | int]) -> str:
    """The last row's sort keys, as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(dict(position), separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(text: str, *, keys: Collection[str]) -> Cursor:
    """The sort keys back; raises Problem 400 for anything that `encode_cursor` did not write with these keys."""
    if len(text) > _MAX_CHARACTERS:
        raise _bad_cursor()
    try:
        content: Any = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _bad_cursor() from None
    if not isinstance(content, dict):
        raise _bad_cursor()
    position = cast("dict[str, object]", content)
    cursor: Cursor = {}
    for name, value in position.items():
        if isinstance(value, bool) or not isinstance(value, str | int) or (isinstance(value, str) and "\0" in value):
            raise _bad_cursor()
        cursor[name] = value
    if cursor.keys() != set(keys):
        raise _bad_cursor()
    return cursor


def next_link(request: Request, cursor: str) -> dict[str, str]:
    """The header that names the next page: the same address with another cursor (RFC 8288)."""
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'<{request.url.path}?{urlencode([*others, ("cursor", cursor)])}>; rel="next"'}


def _bad_cursor() -> Problem:
    error = FieldError("/cursor", "cursor_invalid", "Use the link of the page before, unchanged.", "query")
    return Problem(400, "cursor_invalid", detail="This cursor is not one of ours.", errors=[error])
