"""The four services as the launcher knows them: names, ports, databases, roles."""

from dataclasses import dataclass

BUS_DATABASE = "mash_bus"
BUS_ROLE = "mash_bus"
HOST = "127.0.0.1"
WORKER_PORT_OFFSET = 100  # as shared.service has it


@dataclass(frozen=True, slots=True)
class Service:
    """One service; everything of its own carries its name."""

    name: str
    port: int

    @property
    def worker_port(self) -> int:
        """Where its worker answers /livez, /readyz and /metrics."""
        return self.port + WORKER_PORT_OFFSET

    @property
    def database(self) -> str:
        """Its own database; nobody else connects to it."""
        return f"mash_{self.name}"

    @property
    def role(self) -> str:
        """What its processes connect as: may do what the migrations grant, owns nothing."""
        return f"mash_{self.name}"

    @property
    def owner(self) -> str:
        """What its migrations run as: owns the database and every table in it."""
        return f"mash_{self.name}_owner"

    @property
    def address(self) -> str:
        """Where it serves on this machine."""
        return f"http://{HOST}:{self.port}"

    def setting(self, name: str) -> str:
        """Return the environment variable of one of its settings, as in ``MASH_INTAKE_DATABASE_URL``."""
        return f"MASH_{self.name.upper()}_{name}"


SERVICES = (Service("intake", 8001), Service("triage", 8002), Service("deadlines", 8003), Service("notify", 8004))
SERVICE_NAMES = tuple(service.name for service in SERVICES)


def service_named(name: str) -> Service:
    """Return the service of that name; raises KeyError for any other word."""
    return {service.name: service for service in SERVICES}[name]
