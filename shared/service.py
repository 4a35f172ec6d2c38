"""What every service process is made of: settings, database, keys, bus, policy. Made once by hand, closed once."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.clock import SystemClock
from shared.database import migrate
from shared.database.engine import make_engine, refuse_unsafe
from shared.database.table_keys import table_cipher
from shared.database.unit_of_work import Database
from shared.logging import get_logger
from shared.messaging.bus import Bus
from shared.messaging.kafka import KafkaBus
from shared.messaging.postgres import PostgresBus
from shared.metrics import Metrics
from shared.policy.faults import PolicyError
from shared.policy.loader import load_pack, verify
from shared.policy.model import Pack
from shared.security.encryption import BlindIndex, MasterKeys, TableCipher
from shared.security.jwks import RemoteJwks
from shared.security.jwks_store import DatabaseJwksStore
from shared.security.tokens import IssuerRule, KeySource, TokenVerifier, intake_rule, staff_rule
from shared.settings import Environment, Secret, SettingInvalid

ROOT = Path(__file__).resolve().parents[1]
CODE_VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
PORTS = {"intake": 8001, "triage": 8002, "deadlines": 8003, "notify": 8004}
WORKER_PORT_OFFSET = 100
"""A worker answers /livez, /readyz and /metrics on its service's port plus this."""
MOST_FAULTS = 20
"""Of a refused policy so many are logged; `mash policy validate` lists all."""

log = get_logger()


@dataclass(frozen=True, kw_only=True)
class CommonSettings:
    """The settings that all services share, read from the environment."""

    service: str
    environment: str
    database_url: str
    bus: str
    bus_database_url: str
    kafka_bootstrap: str
    encryption_keys: Secret
    index_key: Secret
    policy: str
    policies_directory: Path
    host: str
    port: int
    worker_port: int
    intake_url: str
    oidc_issuer: str | None
    audience: str
    oidc_role_claim: str

    @classmethod
    def read(cls, env: Environment, service: str) -> Self:
        """Reads them. Raises SettingMissing or SettingInvalid, naming the variable and what it must be."""
        own = f"MASH_{service.upper()}"
        port = env.integer(f"{own}_PORT", PORTS[service], minimum=1, maximum=65535)
        bus = env.choice("MASH_BUS", ("postgres", "kafka"), default="postgres")
        settings = cls(
            service=service,
            environment=env.choice("MASH_ENV", ("development", "production"), default="production"),
            database_url=_database_url(env, service),
            bus=bus,
            bus_database_url=_bus_url(env) if bus == "postgres" else "",
            kafka_bootstrap=env.text("MASH_KAFKA_BOOTSTRAP", "127.0.0.1:9092"),
            encryption_keys=env.secret("MASH_ENCRYPTION_KEYS"),
            index_key=env.secret("MASH_INDEX_KEY"),
            policy=env.text("MASH_POLICY", "southampton-pathways-2021@1"),
            policies_directory=Path(env.text("MASH_POLICIES_DIR", str(ROOT / "policies"))),
            host=env.text("MASH_HOST", "127.0.0.1"),
            port=port,
            worker_port=env.integer(f"{own}_WORKER_PORT", port + WORKER_PORT_OFFSET, minimum=1, maximum=65535),
            intake_url=env.text("MASH_INTAKE_URL", f"http://127.0.0.1:{PORTS['intake']}"),
            oidc_issuer=env.optional("MASH_OIDC_ISSUER"),
            audience=env.text("MASH_OIDC_AUDIENCE", "mash"),
            oidc_role_claim=env.text("MASH_OIDC_ROLE_CLAIM", "roles"),
        )
        stepped = env.optional("MASH_CLOCK_START") or env.optional("MASH_CLOCK_SPEED")
        if settings.environment == "production" and stepped:
            raise SettingInvalid("MASH_CLOCK_START and MASH_CLOCK_SPEED must not be set when MASH_ENV=production")
        if settings.environment == "production" and settings.oidc_issuer is None:
            raise SettingInvalid("MASH_OIDC_ISSUER must name the staff's issuer when MASH_ENV=production")
        return settings

    @property
    def token_issuer(self) -> str:
        """The ``iss`` of intake's own tokens."""
        return self.intake_url

    @property
    def staff_issuer(self) -> str:
        """The ``iss`` of staff tokens: the council's, or in development a route of intake."""
        return self.oidc_issuer or f"{self.intake_url}/development"


def _bus_url(env: Environment) -> str:
    return env.text("MASH_BUS_DATABASE_URL", "") or _database_url(env, "bus")


def _database_url(env: Environment, name: str) -> str:
    """The service's own address, or its database on the common server."""
    own = env.text(f"MASH_{name.upper()}_DATABASE_URL", "")
    if own:
        return own
    base, _, query = env.text("MASH_DATABASE_URL").partition("?")
    server, _, _database = base.rpartition("/")
    return f"{server}/mash_{name}" + (f"?{query}" if query else "")


@dataclass(kw_only=True)
class Platform:
    """One process's equipment. ``wake`` is set by the worker to its relay's wake."""

    settings: CommonSettings
    engine: AsyncEngine
    database: Database
    pack: Pack
    metrics: Metrics
    verifier: TokenVerifier
    http: httpx2.AsyncClient
    idempotency_cipher: TableCipher
    blind_index: BlindIndex
    clock: SystemClock = field(default_factory=SystemClock)
    own_checks: dict[str, Callable[[], Awaitable[None]]] = field(
        default_factory=dict[str, Callable[[], Awaitable[None]]]
    )
    """What /readyz asks in this service beside what it asks in all."""

    def make_bus(self, *, member: str | None) -> Bus:
        """The bus adapter that the settings name; ``member`` is this worker's lasting name in its group."""
        if self.settings.bus == "kafka":
            return KafkaBus(self.settings.kafka_bootstrap, member=member)
        return PostgresBus(self.settings.bus_database_url)

    def checks(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What /readyz asks: the database answers and is at the version of the code; and what the service adds."""
        return {"database": self._database_answers, "migrations": self._at_newest, **self.own_checks}

    def version(self) -> dict[str, str]:
        """What /version says: the code, and the policy that is in force here."""
        return {"code": CODE_VERSION, "policy": self.pack.ref, "policy_hash": self.pack.content_hash}

    async def _database_answers(self) -> None:
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def _at_newest(self) -> None:
        if not await migrate.at_newest(self.engine, self.settings.service):
            message = "the database is not at the version of the code: run `mash migrate`"
            raise RuntimeError(message)


@asynccontextmanager
async def open_platform(
    settings: CommonSettings,
    *,
    own_keys: Callable[[AsyncEngine, MasterKeys], Mapping[str, KeySource]] | None = None,
    lock_timeout: str = "20s",
) -> AsyncGenerator[Platform]:
    """Connects and checks everything a process needs; refuses to start on an unsafe server or a failing policy.

    ``own_keys`` gives the key sources of issuers whose keys are in the process's own database (intake's).
    """
    pack = _proven_pack(settings)
    masters = MasterKeys.from_setting(settings.encryption_keys.reveal())
    async with AsyncExitStack() as closing:
        engine = make_engine(settings.database_url, lock_timeout=lock_timeout)
        closing.push_async_callback(engine.dispose)
        await refuse_unsafe(engine)
        http = await closing.enter_async_context(httpx2.AsyncClient(timeout=5, follow_redirects=False))
        keys = {**_remote_keys(settings, http, engine), **(own_keys(engine, masters) if own_keys else {})}
        yield Platform(
            settings=settings,
            engine=engine,
            database=Database(engine=engine, service=settings.service, master_keys=masters),
            pack=pack,
            metrics=Metrics(),
            verifier=TokenVerifier(_rules(settings), keys, SystemClock()),
            http=http,
            idempotency_cipher=await table_cipher(engine, masters, settings.service, "idempotency"),
            blind_index=BlindIndex.from_setting(settings.index_key.reveal()),
        )


def _proven_pack(settings: CommonSettings) -> Pack:
    """The pack that the settings name. What is wrong with it is logged fault by fault: an exception's text never is."""
    try:
        pack = load_pack(settings.policies_directory, settings.policy)
        verify(pack)
    except PolicyError as refused:
        for fault in refused.faults[:MOST_FAULTS]:
            log.critical("policy refused", policy=settings.policy, reason=str(fault))
        raise
    return pack


def _rules(settings: CommonSettings) -> tuple[IssuerRule, ...]:
    development = settings.oidc_issuer is None
    return (
        intake_rule(settings.token_issuer, settings.audience),
        staff_rule(
            settings.staff_issuer, settings.audience, role_claim=settings.oidc_role_claim, development=development
        ),
    )


def _remote_keys(settings: CommonSettings, http: httpx2.AsyncClient, engine: AsyncEngine) -> dict[str, KeySource]:
    store, clock = DatabaseJwksStore(engine, SystemClock()), SystemClock()
    intake = f"{settings.intake_url}/.well-known/jwks.json"
    staff = None if settings.oidc_issuer else f"{settings.staff_issuer}/jwks.json"
    return {
        settings.token_issuer: RemoteJwks(
            issuer=settings.token_issuer, url=intake, client=http, store=store, clock=clock
        ),
        settings.staff_issuer: RemoteJwks(
            issuer=settings.staff_issuer, url=staff, client=http, store=store, clock=clock
        ),
    }
