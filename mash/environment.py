"""The settings that processes on this machine share, made for `mash up` and found again by the other commands."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from mash.postgres import EmbeddedPostgres
from mash.refusal import Refused
from mash.service_client import CLIENT_ID, new_secret
from mash.services import BUS_DATABASE, BUS_ROLE, SERVICES

DEFAULT_DATA_DIR = Path("data")
POLICY = "southampton-pathways-2021@1"
KEY_BYTES = 32
PRIVATE = 0o600


def settings_for(postgres: EmbeddedPostgres, *, data_dir: Path, kafka_bootstrap: str | None) -> dict[str, str]:
    """Return every setting of a system on the embedded server, by its variable's name."""
    settings = {
        "MASH_ENV": "development",
        "MASH_BUS": "postgres" if kafka_bootstrap is None else "kafka",
        "MASH_DATABASE_URL": postgres.url("postgres"),
        "MASH_BUS_DATABASE_URL": postgres.url(BUS_DATABASE, BUS_ROLE),
        "MASH_POLICY": os.environ.get("MASH_POLICY", POLICY),
        "MASH_DATA_DIR": str(data_dir.absolute()),
        "MASH_NOTIFY_CHANNEL": "mailbox",
        "MASH_MAILBOX_DIR": str(data_dir.absolute() / "mailbox"),
        **keys(data_dir / "keys"),
    }
    if kafka_bootstrap is not None:
        settings["MASH_KAFKA_BOOTSTRAP"] = kafka_bootstrap
    for service in SERVICES:
        settings[service.setting("DATABASE_URL")] = postgres.url(service.database, service.role)
        settings[service.setting("OWNER_DATABASE_URL")] = postgres.url(service.database, service.owner)
    return settings


def process_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a process: ours, with the settings on top."""
    return {**os.environ, **settings}


def publish(settings: Mapping[str, str], *, data_dir: Path) -> None:
    """Let the other commands find the system that runs on this data; only our own account can read it."""
    _write_private(_published(data_dir), json.dumps(dict(settings), indent=2))


def withdraw(*, data_dir: Path) -> None:
    """The system no longer runs."""
    _published(data_dir).unlink(missing_ok=True)


def current_settings(*, data_dir: Path | None = None) -> dict[str, str]:
    """Return the settings a command is to use: those of our own environment, else those of the running `mash up`.

    Raises:
        Refused: neither is there.
    """
    own = {name: value for name, value in os.environ.items() if name.startswith("MASH_")}
    if any(name.endswith("DATABASE_URL") for name in own):
        return own
    folder = data_dir or Path(own.get("MASH_DATA_DIR", DEFAULT_DATA_DIR))
    try:
        found: dict[str, str] = json.loads(_published(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(
            f"nothing runs on {folder}: start it with `make run`, or set MASH_DATABASE_URL and the other settings"
        ) from None
    return {**found, **own}


def _published(data_dir: Path) -> Path:
    return data_dir / "environment.json"


def keys(folder: Path) -> dict[str, str]:
    """Return the keys in the folder, made once and kept: without them the data beside it cannot be read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "MASH_ENCRYPTION_KEYS": f"k1:{_key(folder / 'master-k1')}",
        "MASH_INDEX_KEY": _key(folder / "index"),
        "MASH_NOTIFY_CLIENT_ID": CLIENT_ID,
        "MASH_NOTIFY_CLIENT_SECRET": _kept(folder / "notify-client", new_secret),
    }


def _key(path: Path) -> str:
    return _kept(path, lambda: base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii"))


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        _write_private(path, make())
    return path.read_text(encoding="ascii").strip()


def _write_private(path: Path, text: str) -> None:
    """All of it or nothing, and at no moment readable by others."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.rename(path)
