"""Apache Kafka's jars, fetched by Maven the first time; ops/kafka/pom.xml names the version."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from mash.refusal import Refused

CHECKOUT = Path(__file__).resolve().parent.parent
POM = CHECKOUT / "ops" / "kafka" / "pom.xml"
CACHE = CHECKOUT / ".cache" / "kafka"
OLDEST_JAVA = 17
FETCH_SECONDS = 600.0
ASK_JAVA_SECONDS = 30.0


class KafkaRefused(Refused):
    """Kafka cannot run here; the message says why."""


def why_not() -> str | None:
    """Return what this machine lacks to run Kafka from the jars, or None if it can."""
    java = shutil.which("java")
    if java is None:
        return f"there is no java on the path (Java {OLDEST_JAVA} or newer is needed)"
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=ASK_JAVA_SECONDS)
    version = re.search(r'version "(\d+)', told.stderr)
    if version is None or int(version[1]) < OLDEST_JAVA:
        return f"Java {OLDEST_JAVA} or newer is needed, and java is {version[1] if version else 'of unknown version'}"
    if not _folder().exists() and shutil.which("mvn") is None:
        return "there is no mvn on the path to fetch Kafka's jars with"
    return None


def jars() -> Path:
    """Return the folder of the jars: all of them, or none and a refusal.

    Raises:
        KafkaRefused: no Java, no Maven, or Maven failed.
    """
    lacking = why_not()
    if lacking:
        raise KafkaRefused(lacking)
    folder = _folder()
    if not folder.exists():
        _fetch(folder)
    return folder


def _folder() -> Path:
    """Named after the pom's content: another version is another folder."""
    return CACHE / f"jars-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def _fetch(folder: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="fetch-", dir=CACHE))
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={unfinished}"]
    done = subprocess.run(
        ["mvn", "-B", "-ntp", "-q", "-f", str(POM), "dependency:copy-dependencies", *options],  # noqa: S607
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=FETCH_SECONDS,
    )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise KafkaRefused(f"Maven could not fetch Kafka's jars:\n{done.stdout[-2000:]}")
    try:
        unfinished.rename(folder)
    except OSError:  # another start of ours was quicker
        shutil.rmtree(unfinished)
