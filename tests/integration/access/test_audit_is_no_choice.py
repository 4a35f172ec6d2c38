"""Cannot audit, cannot read; and nobody who works here can take a line out of the book."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from mash.postgres import EmbeddedPostgres
from shared.security.audit import seal, verify_chain
from tests.integration.access.conftest import OpenDoor
from tests.integration.access.door import SERVICES, Door
from tests.integration.access.test_own_and_foreign import LISTS, READS

pytestmark = pytest.mark.asyncio(loop_scope="package")

PERMISSION_DENIED = "42501"
FORBIDDEN = (
    "UPDATE audit SET outcome = 'shown'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "UPDATE audit_seal SET position = position + 1",
    "DELETE FROM audit_seal",
    "TRUNCATE audit_seal",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "DROP TABLE audit",
    "UPDATE alembic_version SET version_num = 'x'",
    "CREATE TABLE of_my_own (id int)",
)


@pytest.mark.parametrize("service", SERVICES)
async def test_the_book_of_readers(door_of: OpenDoor, postgres_server: EmbeddedPostgres, service: str) -> None:
    """In this order: the last would leave nothing to seal."""
    door = await door_of(service)
    await _the_services_own_role_can_neither_change_nor_delete(door)
    await _the_chain_breaks_where_a_row_was_changed(door, postgres_server)
    await _who_cannot_audit_cannot_read(door, postgres_server)


async def _the_services_own_role_can_neither_change_nor_delete(door: Door) -> None:
    user = await door.rows("SELECT current_user AS name, rolsuper FROM pg_roles WHERE rolname = current_user")
    assert [(one.name, one.rolsuper) for one in user] == [(f"mash_{door.service}", False)]
    await door.ask("GET", LISTS[door.service][0], "manager")
    before = await door.audited()
    assert before, "a read leaves a row"
    for statement in FORBIDDEN:
        with pytest.raises(DBAPIError) as refused:
            await door.rows(statement)
        assert getattr(refused.value.orig, "sqlstate", None) == PERMISSION_DENIED, statement
    assert await door.audited() == before


async def _the_chain_breaks_where_a_row_was_changed(door: Door, postgres_server: EmbeddedPostgres) -> None:
    for _ in range(3):
        await door.ask("GET", LISTS[door.service][0], "manager")
    async with door.platform.engine.begin() as connection:
        await seal(connection, now=(await connection.execute(text("SELECT mash_now()"))).scalar_one())
        whole = await verify_chain(connection)
    assert (whole.broken_at, whole.unsealed) == (None, 0)
    changed = whole.sealed - 1
    for caller, broken_at in (("'x' || caller", changed), ("substr(caller, 2)", None)):
        change = f"UPDATE audit SET caller = {caller} FROM audit_seal s"
        await _as_owner(door, postgres_server, f"{change} WHERE s.audit_id = audit.id AND s.position = {changed}")
        async with door.platform.engine.begin() as connection:
            assert (await verify_chain(connection)).broken_at == broken_at


async def _as_owner(door: Door, postgres_server: EmbeddedPostgres, statement: str) -> None:
    name = door.platform.engine.url.database or ""
    engine = create_async_engine(postgres_server.url(name, f"mash_{door.service}_owner"))
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


async def _who_cannot_audit_cannot_read(door: Door, postgres_server: EmbeddedPostgres) -> None:
    private = door.ids["contact_id"]
    reads = {**READS[door.service], **dict.fromkeys(LISTS[door.service], "manager")}
    await _as_owner(door, postgres_server, f"REVOKE INSERT ON audit FROM mash_{door.service}")
    try:
        answers = [await door.ask("GET", path, role) for path, role in reads.items()]
        if door.service == "intake":
            asked = {"contact_ids": [private]}
            answers.append(await door.ask("POST", "/v1/contacts/summaries", "manager", json=asked))
    finally:
        await _as_owner(door, postgres_server, f"GRANT INSERT ON audit TO mash_{door.service}")
    for answer in answers:
        assert answer.status_code in {500, 503}
        assert answer.headers["content-type"] == "application/problem+json"
        assert private not in answer.text
        assert "Rowan" not in answer.text
