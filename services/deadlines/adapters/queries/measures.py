"""A month's counts, and the subjects behind each. Nothing here locks or changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadlines.adapters.repositories import EARLIER_REFERRAL

from .clocks import Row

_MONTH = "CAST(:month AS date)"
_RECEIVED = f"received AND received_month = {_MONTH}"
_REFERRED = f"referred_month = {_MONTH}"
_AGAIN = f"{_REFERRED} AND (again_kept OR {EARLIER_REFERRAL})"
_ENQUIRY = f"{_MONTH} = ANY(enquiry_months)"


def _decided_in_time(basis: str) -> tuple[str, str]:
    """Decided in time; and those who are decided, or whose time is over."""
    known = f"(in_time_{basis} IS NOT NULL OR due_{basis}_at < mash_now())"
    return f"{_RECEIVED} AND in_time_{basis} IS TRUE", f"{_RECEIVED} AND {known}"


PARTS: Mapping[str, tuple[str, str | None]] = {
    "M1": (_RECEIVED, None),
    "M1-C": (f"stands_for_contact AND received_month = {_MONTH}", None),
    "M2": (_REFERRED, None),
    "M3": (_REFERRED, _RECEIVED),
    "M2-NI": (_REFERRED, None),
    "M8-QL-24H": _decided_in_time("24h"),
    "M8-QL-1WD": _decided_in_time("1wd"),
    "M6-QL-N": (_AGAIN, None),
    "M6-QL": (_AGAIN, _REFERRED),
    "M4": (f"{_MONTH} = ANY(stepped_up_months)", None),
    "M5": (f"{_REFERRED} AND exploited", None),
    "CP1": (_ENQUIRY, None),
    "CP1-NI": (_ENQUIRY, None),
    "EH1": (f"{_MONTH} = ANY(plan_months)", None),
}
"""Of each measure: which rows are its numerator, and (of a share) its denominator."""

_OF_MONTH = f"FROM measured_subjects s WHERE s.months @> ARRAY[{_MONTH}]"


def _filtered(condition: str | None) -> str:
    return f"count(*) FILTER (WHERE {condition})" if condition else "NULL"


_COUNT = sa.text("SELECT " + ", ".join(_filtered(part) for parts in PARTS.values() for part in parts) + f" {_OF_MONTH}")


async def count_month(connection: AsyncConnection, month: date) -> dict[str, tuple[int, int | None]]:
    """Numerator and, of a share, denominator of every measure of a month (its first day), by code."""
    row = (await connection.execute(_COUNT, {"month": month})).one()
    return {code: (row[2 * at], row[2 * at + 1]) for at, code in enumerate(PARTS)}


async def subjects_behind(
    connection: AsyncConnection, month: date, code: str, *, most: int, after: UUID
) -> Sequence[Row]:
    """The subjects behind one measure in a fixed order; erased ones, whom nothing names any more, are left out."""
    numerator, denominator = (f"({part})" if part else None for part in PARTS[code])
    within = " OR ".join(part for part in (numerator, denominator) if part)
    query = (
        f"SELECT s.id, s.contact_id, s.subject_id, s.reference, {numerator} AS in_numerator,"
        f" {denominator or 'NULL::boolean'} AS in_denominator {_OF_MONTH} AND ({within})"
        " AND s.contact_id IS NOT NULL AND s.id > CAST(:after AS uuid) ORDER BY s.id LIMIT :most"
    )
    found = await connection.execute(sa.text(query), {"month": month, "after": after, "most": most})
    return found.mappings().all()


async def count_forgotten(connection: AsyncConnection, month: date, code: str) -> int:
    """How many of those behind a measure have been erased since: counted, and named no more."""
    within = " OR ".join(f"({part})" for part in PARTS[code] if part)
    query = f"SELECT count(*) {_OF_MONTH} AND s.contact_id IS NULL AND ({within})"
    return int((await connection.execute(sa.text(query), {"month": month})).scalar_one())
