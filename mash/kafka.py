"""A real Apache Kafka on this machine, for those without Docker: one broker in KRaft mode, on loopback.

Its durability against kill -9 is the real one (the kernel keeps what was written); only a power cut may lose records.
"""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from mash.charge import Charge, take_charge
from mash.guard import guarded
from mash.kafka_jars import KafkaRefused, jars
from mash.kafka_probe import answers, free_port_pair
from mash.readiness import listens
from mash.services import HOST

DEFAULT_PORT = 9092
FORMAT_SECONDS = 60.0
START_SECONDS = 60.0
STOP_SECONDS = 20.0
KILL_SECONDS = 5.0
POLL_SECONDS = 0.1
# One quick compiler and one collector thread: up in 2 s, and no rival for the two cores the services need.
JAVA = ("java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")

# A killed broker may come back only when its former self has been given up: 9 s by default.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
num.partitions=12
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
"""


class LocalKafka:
    """One broker and its data folder; the controller listens on the port above the broker's."""

    def __init__(self, folder: Path, *, port: int = DEFAULT_PORT) -> None:
        """Nothing starts here. A folder keeps the port it was first started with."""
        self.folder = folder.absolute()
        self.port = port
        self._charge: Charge | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """What clients connect to, as MASH_KAFKA_BOOTSTRAP takes it."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The broker's process id, None while it does not run."""
        alive = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and alive else None

    def start(self) -> None:
        """Start the broker and wait until it answers for topics and consumer groups (the port opens earlier).

        Call it from a thread that outlives the broker (the main one): its end is the broker's end.

        Raises:
            Refused: no Java or Maven, a port that is taken, another launcher on its data, or no answer in time.
        """
        if self.pid is not None:
            return
        libraries = jars()
        self._take_charge()
        try:
            self._refuse_taken_ports()
            self._require_storage(libraries)
            self._process = self._spawn(libraries)
            self._wait_until_ready(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop the broker cleanly, or kill it if that takes too long."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill -9: no goodbye to clients, no index flushed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(KILL_SECONDS)
            self._process = None
        if self._charge is not None:
            self._charge.close()
            self._charge = None

    def restart(self, *, kill: bool = False) -> None:
        """Stop (or kill) and start again: same port, same records."""
        if kill:
            self.kill()
        self.stop()
        self.start()

    def erase(self) -> None:
        """Kill the broker and delete its data.

        Raises:
            Refused: another launcher is in charge of it.
        """
        self.kill()
        self._take_charge()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.kill()

    def _take_charge(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._charge is None:
            self._charge = take_charge(self.folder)

    def _refuse_taken_ports(self) -> None:
        for port in (self.port, self.port + 1):
            if listens(port):
                raise KafkaRefused(f"port {port} is taken; if that is a Kafka, name it in MASH_KAFKA_BOOTSTRAP")

    def _require_storage(self, libraries: Path) -> None:
        storage = self.folder / "records"
        properties = PROPERTIES.format(host=HOST, port=self.port, controller_port=self.port + 1, logs=storage)
        (self.folder / "server.properties").write_text(properties, encoding="ascii")
        if (storage / "meta.properties").exists():
            return
        tool = [*JAVA, "-cp", f"{libraries}/*", "kafka.tools.StorageTool"]
        cluster_id = self._run([*tool, "random-uuid"]).strip()
        self._run([*tool, "format", "--standalone", "-t", cluster_id, "-c", str(self.folder / "server.properties")])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, timeout=FORMAT_SECONDS
        )
        if done.returncode != 0:
            raise KafkaRefused(f"Kafka's storage could not be prepared: {done.stderr.strip()[-1000:]}")
        return done.stdout

    def _spawn(self, libraries: Path) -> "subprocess.Popen[bytes]":
        command = [*JAVA, "-cp", f"{libraries}/*", "kafka.Kafka", str(self.folder / "server.properties")]
        with (self.folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                guarded(command, at_parents_death=signal.SIGKILL),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the launcher, which stops the services first
            )

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if process.poll() is not None:
                raise KafkaRefused(self._last_words("Kafka did not start"))
            if listens(self.port) and answers(self.bootstrap):
                return
            time.sleep(POLL_SECONDS)
        raise KafkaRefused(self._last_words(f"Kafka was not ready after {START_SECONDS:.0f} s"))

    def _last_words(self, what: str) -> str:
        log = self.folder / "server.log"
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
        return "\n".join([f"{what}; {log} ends with:", *tail])


@contextlib.contextmanager
def temporary_kafka() -> Generator[LocalKafka]:
    """Run a broker for tests: a throw-away folder, a free port, everything gone at the end."""
    kafka = LocalKafka(Path(tempfile.mkdtemp(prefix="mash-kafka-")), port=free_port_pair())
    try:
        kafka.start()
        yield kafka
    finally:
        kafka.stop()
        kafka.erase()
