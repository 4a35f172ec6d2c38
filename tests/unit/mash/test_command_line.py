"""The command `mash`: a refusal is one line and an exit code, never a traceback."""

import socket
import sys
from pathlib import Path

import pytest

from mash.cli import main
from mash.kafka_jars import why_not
from mash.readiness import refuse_taken
from mash.refusal import Refused


def test_a_refusal_is_one_line_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("MASH_DATABASE_URL", "MASH_INTAKE_DATABASE_URL", "MASH_BUS_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MASH_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["mash", "migrate"])
    with pytest.raises(SystemExit) as ending:
        main()
    assert ending.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("mash: nothing runs on ")
    assert said.count("\n") == 1


def test_an_unknown_service_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["mash", "serve", "catering"])
    with pytest.raises(SystemExit) as ending:
        main()
    assert ending.value.code == 2


def test_a_taken_port_is_named() -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        port = somebody.getsockname()[1]
        with pytest.raises(Refused, match=f"port {port} of 127.0.0.1 is taken"):
            refuse_taken([port])


def test_a_machine_without_java_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    lacking = why_not()
    assert lacking is not None
    assert "no java" in lacking
