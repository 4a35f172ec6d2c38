"""Who is the same child: by id, by a person's word, or only proposed. Pairs are kept with the lesser id first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.adapters import tables
from services.intake.domain.model.history import Earlier
from services.intake.domain.model.matching import Sameness, Verdict
from services.intake.domain.model.pairing import Pair, ProposalState
from shared.database.batch import insert

_OPEN = f"('{ProposalState.PROPOSED.value}', '{ProposalState.IDENTIFIED.value}')"
_SURE = f"('{ProposalState.ACCEPTED.value}', '{ProposalState.IDENTIFIED.value}')"
_BOTH_WAYS = (
    "(SELECT subject_id AS one, other_subject_id AS other, state FROM match_proposals p WHERE p.subject_id = {0}"
    " UNION ALL SELECT other_subject_id, subject_id, state FROM match_proposals p WHERE p.other_subject_id = {0})"
)
_STANDING = text(
    f"SELECT one, other, state FROM unnest(CAST(:ids AS uuid[])) AS u(id), LATERAL {_BOTH_WAYS.format('u.id')} AS pair"
)
_DROP = text(
    "DELETE FROM match_proposals p USING unnest(CAST(:ones AS uuid[]), CAST(:others AS uuid[])) AS u(one, other)"
    f" WHERE p.subject_id = u.one AND p.other_subject_id = u.other AND p.state IN {_OPEN}"
)
_KEEP = (
    "ON CONFLICT (subject_id, other_subject_id) DO UPDATE SET score = excluded.score, agrees = excluded.agrees,"
    " near = excluded.near, differs = excluded.differs, state = excluded.state"
    f" WHERE match_proposals.state IN {_OPEN}"
)
# Everybody taken to be the same person as a root: over equal child ids and pairs that are sure as far as they reach,
# and once over a pair that is only proposed. What a person has refused for the root itself is never counted.
_SAME = (
    "WITH RECURSIVE same(root, subject_id, sure) AS ("
    "SELECT r.id, r.id, true FROM unnest(CAST(:roots AS uuid[])) AS r(id)"
    " UNION SELECT same.root, n.id, same.sure AND n.sure FROM same, LATERAL ("
    "SELECT b.subject_id AS id, true AS sure FROM subjects a JOIN subjects b USING (child_id)"
    " WHERE a.subject_id = same.subject_id"
    f" UNION ALL SELECT other, state IN {_SURE} FROM {_BOTH_WAYS.format('same.subject_id')} AS pair"
    f" WHERE state IN {_SURE} OR (same.sure AND state = '{ProposalState.PROPOSED.value}')) AS n)"
    " SELECT same.root, same.subject_id, bool_or(same.sure) AS sure FROM same"
    " WHERE same.subject_id <> same.root AND NOT EXISTS (SELECT 1 FROM match_proposals p WHERE p.state = 'refused'"
    " AND p.subject_id = least(same.root, same.subject_id)"
    " AND p.other_subject_id = greatest(same.root, same.subject_id))"
    " GROUP BY same.root, same.subject_id"
)
_EARLIER = text(
    f"WITH same AS MATERIALIZED ({_SAME})"
    " SELECT same.root, same.sure, s.subject_id, c.contact_id, c.received_at, c.accepted_at, c.organisation,"
    " c.closed_at, o.rating, o.outcome, o.counts_as_referral, o.assessed_at,"
    " EXISTS (SELECT 1 FROM links l WHERE l.state IN ('requested', 'waiting', 'joined') AND l.relation <> 'related'"
    " AND ((l.contact_id = c.contact_id AND l.other_contact_id = :contact_id)"
    " OR (l.other_contact_id = c.contact_id AND l.contact_id = :contact_id))) AS one_piece"
    " FROM same JOIN subjects s ON s.subject_id = same.subject_id JOIN contacts c ON c.contact_id = s.contact_id"
    " LEFT JOIN subject_outcomes o ON o.subject_id = s.subject_id WHERE c.contact_id <> :contact_id"
)
_LATER = text(
    f"WITH same AS MATERIALIZED ({_SAME})"
    " INSERT INTO looks_due (contact_id, looks, spreads) SELECT DISTINCT c.contact_id, true, false"
    " FROM same JOIN subjects s ON s.subject_id = same.subject_id JOIN contacts c ON c.contact_id = s.contact_id"
    " JOIN contacts this ON this.contact_id = :contact_id"
    " WHERE (c.received_at, c.accepted_at, c.contact_id) > (this.received_at, this.accepted_at, this.contact_id)"
    " AND c.stage IN ('received', 'opened') AND c.body IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class SameChild:
    """A subject's counterpart in another contact, with what was heard of it."""

    root: UUID
    earlier: Earlier


@dataclass(frozen=True, slots=True)
class Standing:
    """What was thought of these subjects before: ``unanswered`` by subject, and the pairs that a person refused."""

    unanswered: Mapping[UUID, set[UUID]]
    refused: frozenset[frozenset[UUID]]


async def standing_proposals(connection: AsyncConnection, subject_ids: Sequence[UUID]) -> Standing:
    """The proposals about these subjects, as they stand."""
    open_states = {ProposalState.PROPOSED.value, ProposalState.IDENTIFIED.value}
    rows = (await connection.execute(_STANDING, {"ids": list(subject_ids)})).all()
    unanswered: dict[UUID, set[UUID]] = {one: set() for one in subject_ids}
    for row in rows:
        if row.state in open_states:
            unanswered[row.one].add(row.other)
    refused = (frozenset((row.one, row.other)) for row in rows if row.state == ProposalState.REFUSED.value)
    return Standing(unanswered, frozenset(refused))


async def keep_proposals(
    connection: AsyncConnection, pairs: Iterable[Pair], *, before: Mapping[UUID, set[UUID]], now: datetime
) -> None:
    """Keeps what was found now; what was proposed ``before`` and is not found any more is dropped. What a person has
    answered stays as it was answered.
    """
    found = [pair for pair in pairs if not pair.same_id]
    kept = {(pair.mine.subject_id, pair.theirs.subject_id) for pair in found}
    gone = [(one, other) for one, others in before.items() for other in others if (one, other) not in kept]
    if gone:
        ordered = [sorted(pair) for pair in gone]
        await connection.execute(_DROP, {"ones": [one for one, _ in ordered], "others": [two for _, two in ordered]})
    rows = sorted((_row(pair, now) for pair in found), key=lambda row: (row["subject_id"], row["other_subject_id"]))
    await insert(connection, tables.match_proposals, rows, conflict=_KEEP)


def _row(pair: Pair, now: datetime) -> dict[str, Any]:
    first, second = sorted((pair.mine, pair.theirs), key=lambda known: known.subject_id)
    sure = pair.comparison.sameness is Sameness.CONFIRMED
    return {
        "subject_id": first.subject_id,
        "other_subject_id": second.subject_id,
        "contact_id": first.contact_id,
        "other_contact_id": second.contact_id,
        "score": pair.comparison.score,
        "agrees": pair.comparison.fields(Verdict.AGREES),
        "near": pair.comparison.fields(Verdict.NEAR),
        "differs": pair.comparison.fields(Verdict.DIFFERS),
        "state": (ProposalState.IDENTIFIED if sure else ProposalState.PROPOSED).value,
        "proposed_at": now,
    }


async def same_children(connection: AsyncConnection, contact_id: UUID, subject_ids: Sequence[UUID]) -> list[SameChild]:
    """Every subject of another contact taken to be one of these, sure or only proposed."""
    rows = await connection.execute(_EARLIER, {"roots": list(subject_ids), "contact_id": contact_id})
    return [SameChild(row.root, _earlier(row)) for row in rows]


def _earlier(row: Any) -> Earlier:
    return Earlier(
        contact_id=row.contact_id,
        received_at=row.received_at,
        accepted_at=row.accepted_at,
        subject_id=row.subject_id,
        organisation=row.organisation,
        confirmed=row.sure,
        one_piece=row.one_piece,
        rating=row.rating,
        outcome=row.outcome,
        counts_as_referral=bool(row.counts_as_referral),
        assessed_at=row.assessed_at,
        closed_at=row.closed_at,
    )


async def spread_to_later(connection: AsyncConnection, contact_id: UUID, subject_ids: Sequence[UUID]) -> None:
    """Queues a look for every later contact about these subjects that is still being worked on: what is decided is not
    reopened by what becomes known of an earlier contact.
    """
    await connection.execute(_LATER, {"roots": list(subject_ids), "contact_id": contact_id})
