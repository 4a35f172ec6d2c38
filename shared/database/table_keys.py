"""Data keys of tables whose rows belong to no contact: made at first use, kept wrapped in the own database."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.security.encryption import MasterKeys, TableCipher, new_data_key

_KEEP = text("INSERT INTO table_keys (table_name, wrapped) VALUES (:name, :wrapped) ON CONFLICT DO NOTHING")
_READ = text("SELECT wrapped FROM table_keys WHERE table_name = :name")


async def table_cipher(engine: AsyncEngine, masters: MasterKeys, service: str, table: str) -> TableCipher:
    """The cipher of ``table``. Two processes that start together end with the same key."""
    async with engine.begin() as connection:
        wrapped = (await connection.execute(_READ, {"name": table})).scalar_one_or_none()
        if wrapped is None:
            fresh = masters.wrap(new_data_key(), service=service, owner=table)
            await connection.execute(_KEEP, {"name": table, "wrapped": fresh})
            wrapped = (await connection.execute(_READ, {"name": table})).scalar_one()
    return TableCipher(masters.unwrap(wrapped, service=service, owner=table), table=table)
