"""JSON logs on stdout that cannot carry a person.

Keys come from a list of allowed ones; a message is a literal in our code; an exception is written as its type and the
lines it passed, never its text, which may quote a value. Other people's log records go through the same pipe: only
their template is kept, except for libraries whose arguments are known to be harmless.
"""

import logging
import sys
import traceback
from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Final, cast
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars

ALLOWED_KEYS: Final = frozenset(
    """
    event level timestamp logger dropped service process version error sqlstate errno frames cause
    contact_id event_id correlation_id traceparent topic partition offset sequence producer consumer group event_type
    cause_id clock_id notification_id webhook_id subject_id case_id member slot
    error_type loop partitions assigned behind wanted found expected
    count size waiting parked published duplicates attempts attempt limit position
    seconds delay_seconds late_seconds lag oldest_seconds lag_seconds speed
    method route status code what reason kind state stage step channel outcome action check signal
    policy policy_version policy_hash issuer kid database table migration revision host port task setting
    """.split()  # noqa: SIM905 -- a list that people read and extend
)
MAX_TEXT: Final = 200
MAX_FRAMES: Final = 30
# Their arguments are addresses, ports, topics and revisions; everybody else's may be anything.
_HARMLESS_LOGGERS: Final = ("uvicorn", "alembic", "aiokafka", "mash")

EventDict = MutableMapping[str, Any]
ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logging(*, service: str, process: str, level: str = "INFO") -> None:
    """Set up structlog and the standard library's logging, once, at the start of a process."""
    chain = _configure_structlog(service=service, process=process, level=level)
    handler = _StdoutHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_only_template, structlog.stdlib.add_logger_name, *chain],
            processors=[_drop_private, structlog.processors.JSONRenderer(sort_keys=False)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # an access log holds URLs with their queries; our own metrics say what was called, by route
    logging.getLogger("uvicorn.access").disabled = True
    logging.raiseExceptions = False  # a record that cannot be written would print its arguments to stderr
    logging.captureWarnings(capture=True)


class _StdoutHandler(logging.Handler):
    """Writes to whatever stdout is now, so that it may be redirected."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stdout.write(self.format(record) + "\n")
            sys.stdout.flush()
        except Exception:  # noqa: BLE001 -- a log line is never worth a failure
            self.handleError(record)


def _configure_structlog(*, service: str, process: str, level: str) -> list[Any]:
    chain: list[Any] = [
        merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_process(service, process),
        exception_without_text,
        only_allowed_keys,
    ]
    structlog.configure(
        processors=[*chain, structlog.processors.JSONRenderer(sort_keys=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,  # loggers made at import must see a later configuration
    )
    return chain


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """A logger; make it at the top of a module. Say what happened in a literal, the rest in allowed keys."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger())


@contextmanager
def bound(**values: object) -> Generator[None]:
    """Put contact_id, event_id, correlation_id or topic on every line written inside."""
    with bound_contextvars(**values):
        yield


def only_allowed_keys(_logger: object, _method: str, event_dict: EventDict) -> EventDict:
    """Drop what is not on the list, name the dropped keys, and shape values so that a line stays a line."""
    kept: dict[str, Any] = {}
    dropped: list[str] = []
    for key, value in event_dict.items():
        if key in ALLOWED_KEYS:
            kept[key] = _shaped(value)
        elif key.startswith("_"):
            kept[key] = value  # the formatter's own, removed by it afterwards
        else:
            dropped.append(key)
    if dropped:
        kept["dropped"] = sorted(dropped)
    return kept


def exception_without_text(_logger: object, _method: str, event_dict: EventDict) -> EventDict:
    """Replace exc_info by the exception's type, its database code if any, where it passed, and what caused it."""
    info = event_dict.pop("exc_info", None)
    event_dict.pop("stack_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and isinstance(info[1], BaseException):
        event_dict.update(describe(info[1]))
    return event_dict


def describe(error: BaseException) -> dict[str, Any]:
    """An exception in fields that hold none of its text: error, sqlstate, errno, frames, cause."""
    fields: dict[str, Any] = {"error": _type_name(error), "frames": _frames(error.__traceback__)}
    sqlstate = getattr(getattr(error, "orig", error), "sqlstate", None)
    if isinstance(sqlstate, str):
        fields["sqlstate"] = sqlstate
    if isinstance(error, OSError) and error.errno is not None:
        fields["errno"] = error.errno
    causes: list[str] = []
    seen = {id(error)}
    cause = error.__cause__ or error.__context__
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        causes.append(_type_name(cause))
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, BaseExceptionGroup):
        causes.extend(_type_name(member) for member in cast("BaseExceptionGroup[BaseException]", error).exceptions)
    if causes:
        fields["cause"] = causes[:10]
    return fields


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(trace: TracebackType | None) -> list[str]:
    # lookup_lines off: source lines are code, but reading files while logging is slow
    summary = traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)
    return [f"{_tail(frame.filename)}:{frame.lineno}:{frame.name}" for frame in summary[-MAX_FRAMES:]]


def _tail(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-3:])


def _shaped(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_shaped(item) for item in list(cast("list[object]", value))[:50]]
    if isinstance(value, UUID | datetime | str):
        return str(value)[:MAX_TEXT]
    return type(value).__name__  # an object's text is not ours to trust


def _only_template(_logger: object, _method: str, event_dict: EventDict) -> EventDict:
    record = event_dict.get("_record")
    if not isinstance(record, logging.LogRecord):
        return event_dict
    harmless = record.name.split(".")[0] in _HARMLESS_LOGGERS
    text = str(event_dict.get("event", "") if harmless else record.msg)
    # asyncio's later lines show the exception's text; a first line never does
    line = text.splitlines()[0] if text else ""
    # "file:line: Category: what it says" is one text: the last part may say anything
    event_dict["event"] = ": ".join(line.split(": ")[:2]) if record.name == "py.warnings" else line
    return event_dict


def _drop_private(_logger: object, _method: str, event_dict: EventDict) -> EventDict:
    for key in [key for key in event_dict if key.startswith("_")]:
        del event_dict[key]
    return event_dict


def _add_process(service: str, process: str) -> Any:
    def add(_logger: object, _method: str, event_dict: EventDict) -> EventDict:
        event_dict.setdefault("service", service)
        event_dict.setdefault("process", process)
        return event_dict

    return add


# structlog's own default prints the local variables of a traceback: not even a process that forgot to configure may.
_configure_structlog(service="mash", process="unnamed", level="INFO")
