"""Commands about who may call: `token`, `partner add|rotate|list`."""

import re
from enum import StrEnum
from typing import Annotated, Any

import httpx2
import typer

from mash import credentials
from mash.environment import current_settings
from mash.output import AsJson, show_json, show_table
from mash.refusal import Refused
from mash.system import database, refuse_in_production, run, settings_of
from services.intake.adapters.repositories.clients import list_clients

app = typer.Typer()
partner = typer.Typer(no_args_is_help=True, help="API clients: partners' systems and our own services.")
app.add_typer(partner, name="partner")

CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9.-]{1,60}")
LIFETIME_SECONDS = 600

ClientId = Annotated[str, typer.Argument(help="Small letters, digits, dots and dashes.")]
Organisation = Annotated[str | None, typer.Option(help="Whose contacts it may post and see.")]


class ClientRole(StrEnum):
    """What a client is."""

    PARTNER = "partner"
    SERVICE = "service"


class Role(StrEnum):
    """Whom a token is for."""

    PARTNER = "partner"
    SERVICE = "service"
    PRACTITIONER = "practitioner"
    MANAGER = "manager"
    OPS = "ops"
    ADMIN = "admin"


@app.command()
def token(
    *,
    role: Annotated[Role, typer.Option(help="Whom to be.")],
    organisation: Organisation = None,
    subject: Annotated[str, typer.Option(help="Which member of staff to be.")] = "duty.worker",
    as_json: AsJson = False,
) -> None:
    """Print a token of ten minutes, for development: `curl -H "Authorization: Bearer $(mash token --role manager)"`."""
    settings = current_settings()
    refuse_in_production(settings, "a token by command")
    if (role is Role.PARTNER) != (organisation is not None):
        raise Refused("a partner's token names its --organisation, and no other token does")
    found = run(_token(settings, role, organisation, subject))
    if not as_json:
        print(found)
        return
    whose = {"organisation": organisation} if organisation else {"subject": subject}
    show_json({"access_token": found, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS, "role": role, **whose})


async def _token(settings: dict[str, str], role: Role, organisation: str | None, subject: str) -> str:
    async with httpx2.AsyncClient(trust_env=False) as http:
        if role not in (Role.PARTNER, Role.SERVICE):
            return await credentials.staff_token(http, settings, role=role.value, subject=subject)
        client_id = f"token-{organisation or role.value}"
        async with database(settings, "intake") as engine:
            secret = await credentials.secret_for(
                engine,
                client_id=client_id,
                organisation=organisation,
                name="mash token",
                role=role.value,
                environment=settings_of(settings, "intake").environment,
            )
        return await credentials.client_token(http, settings, client_id=client_id, secret=secret)


@partner.command()
def add(
    client_id: ClientId,
    *,
    organisation: Organisation = None,
    name: Annotated[str, typer.Option(help="For people: which system this is.")] = "",
    role: Annotated[ClientRole, typer.Option(help="A partner's system, or a service of ours.")] = ClientRole.PARTNER,
    as_json: AsJson = False,
) -> None:
    """Add a client. Its secret is shown this once."""
    if not CLIENT_ID.fullmatch(client_id):
        raise Refused("a client id has 2 to 61 small letters, digits, dots and dashes, the first a letter or digit")
    if (role is ClientRole.PARTNER) != (organisation is not None):
        raise Refused("a partner's client names its --organisation, and a service's does not")
    settings = current_settings()

    async def work() -> str:
        async with database(settings, "intake") as engine:
            return await credentials.add_client(
                engine,
                client_id=client_id,
                organisation=organisation,
                name=name or client_id,
                role=role.value,
                environment=settings_of(settings, "intake").environment,
            )

    _show_secret(client_id, run(work()), as_json=as_json)


@partner.command()
def rotate(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Give a client one more secret, shown this once; the one before stays live until the next rotation."""
    settings = current_settings()

    async def work() -> str:
        async with database(settings, "intake") as engine:
            environment = settings_of(settings, "intake").environment
            return await credentials.rotate_client(engine, client_id=client_id, environment=environment)

    _show_secret(client_id, run(work()), as_json=as_json)


@partner.command(name="list")
def list_them(*, as_json: AsJson = False) -> None:
    """List the clients, and how many secrets of each are live."""
    settings = current_settings()

    async def work() -> list[dict[str, Any]]:
        async with database(settings, "intake") as engine, engine.connect() as connection:
            return await list_clients(connection)

    found = run(work())
    if as_json:
        show_json(found)
        return
    columns = ("client_id", "organisation", "role", "live_secrets", "disabled_at", "name")
    show_table(columns, [[one[column] for column in columns] for one in found])


def _show_secret(client_id: str, secret: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"client_id": client_id, "client_secret": secret})
    else:
        print(f"client_id      {client_id}\nclient_secret  {secret}\nIt is not kept anywhere: this is the only time.")
