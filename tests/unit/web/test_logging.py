from __future__ import annotations

import asyncio
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from shared.logging import bound, configure_logging, describe, get_logger

NAME = "Agnieszka"
CONTACT = UUID(int=5)


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(service="triage", process="worker")
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.raiseExceptions = True


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_says_who_when_and_about_what(capsys: pytest.CaptureFixture[str]) -> None:
    with bound(contact_id=CONTACT, topic="mash.intake.v1"):
        get_logger().info("batch done", count=3, seconds=0.5)
    get_logger().info("idle")
    first, second = lines(capsys)
    assert first["contact_id"] == str(CONTACT)
    assert (first["event"], first["topic"], first["count"]) == ("batch done", "mash.intake.v1", 3)
    assert (first["service"], first["process"], first["level"]) == ("triage", "worker", "info")
    assert first["timestamp"].endswith("Z")
    assert "contact_id" not in second


def test_a_key_that_is_not_on_the_list_is_dropped_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger().info("odd", name=NAME, count=1)
    (line,) = lines(capsys)
    assert line["dropped"] == ["name"]
    assert NAME not in json.dumps(line)


def test_an_object_is_shown_as_its_type_and_a_text_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger().info("odd", what={"name": NAME}, reason="x" * 1000, kind=[1, object()])
    (line,) = lines(capsys)
    assert line["what"] == "dict"
    assert len(line["reason"]) == 200
    assert line["kind"] == [1, "object"]


def failing(value: str) -> None:
    try:
        {}[value]
    except KeyError as error:
        raise ValueError(f"bad {value}") from error


def test_an_exception_is_logged_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        failing(NAME)
    except ValueError:
        get_logger().exception("failed")
    (line,) = lines(capsys)
    assert line["error"] == "ValueError"
    assert line["cause"] == ["KeyError"]
    assert line["frames"][-1].startswith("unit/web/test_logging.py:")
    assert line["frames"][-1].endswith(":failing")
    assert NAME not in json.dumps(line)


def test_a_database_error_keeps_its_code_only() -> None:
    driver = Exception(NAME)
    driver.sqlstate = "23505"  # type: ignore[attr-defined]
    fields = describe(DBAPIError(f"INSERT {NAME}", {"name": NAME}, driver))
    assert fields["sqlstate"] == "23505"
    assert NAME not in repr(fields)
    assert describe(ConnectionRefusedError(111, NAME))["errno"] == 111
    assert describe(ExceptionGroup(NAME, [ValueError(NAME)]))["cause"] == ["ValueError"]


def test_other_libraries_lose_their_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("sqlalchemy.engine").warning("parameters: %s", NAME)
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("uvicorn.access").info('"GET /v1/x?name=%s"', NAME)
    try:
        failing(NAME)
    except ValueError:
        logging.getLogger("somebody").exception("Failed for %s", NAME)
    first, second, third = lines(capsys)
    assert (first["event"], first["logger"]) == ("parameters: %s", "sqlalchemy.engine")
    assert second["event"] == "Started server process [7]"
    assert (third["event"], third["error"]) == ("Failed for %s", "ValueError")
    assert NAME not in json.dumps([first, second, third])


async def test_a_forgotten_task_does_not_tell(capsys: pytest.CaptureFixture[str]) -> None:
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "Task exception was never retrieved", "exception": ValueError(NAME)})
    await asyncio.sleep(0)
    (line,) = lines(capsys)
    assert (line["event"], line["error"]) == ("Task exception was never retrieved", "ValueError")
    assert NAME not in json.dumps(line)


def test_warnings_go_through_the_same_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(NAME, stacklevel=1)
    assert NAME not in json.dumps(lines(capsys))
