"""Matching on a synthetic register in the real index: recall and precision by kind of alteration, and its latency."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from benchmarks.alterations import ALTERATIONS, NUMBERED, altered, renumbered
from benchmarks.figures import Figure, Options, p50_p99, percentile
from benchmarks.full_scan import PLACE, Query, Tally, full_scan, subject_id
from benchmarks.places import a_place
from benchmarks.register import TODAY, Register, Told
from services.intake.adapters import tables
from services.intake.adapters.repositories.blocks import find_candidates
from services.intake.adapters.repositories.sealed_people import index_rows, seal_person
from services.intake.bootstrap import Intake, open_intake
from services.intake.domain.model.index_keys import keys_of
from services.intake.domain.model.matching import Sameness
from services.intake.domain.model.pairing import Known, Pair, pair_up
from services.intake.domain.model.person import Person, people_of
from shared.database.batch import insert
from shared.security.encryption import ContactCipher, new_data_key
from shared.service import CommonSettings
from shared.settings import Environment

CHILDREN = 100_000
QUERIES_A_KIND = 60
STRANGERS = 600
PEER_QUERIES = 66
SEED = 20_270_108
"""Not the one that the weights were set with: that was 20261120."""
CHUNK = 2_000
_AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
STRANGER, NEW_SIBLING = "a stranger", "a new brother or sister"


async def run(options: Options) -> list[Figure]:
    """100,000 children unless --rate says how many; 60 queries a kind of alteration, 1,200 strangers and siblings."""
    size = options.rate or CHILDREN
    register = Register(random.Random(SEED))
    register.fill(size)
    queries = list(_queries(register))
    async with a_place(["intake"]) as place:
        settings = CommonSettings.read(Environment(place.settings), "intake")
        async with open_intake(settings) as intake:
            began = time.perf_counter()
            await _load(intake, register)
            loading = time.perf_counter() - began
            place.postgres.sql("VACUUM ANALYZE", database="mash_intake")
            proposals, confirmed, common = await _ours(intake, queries)
    peers = full_scan(register, register.chance.sample(queries, min(PEER_QUERIES, len(queries))))
    head = f"{size:,} children"
    return [
        _load_figure(head, size, loading),
        *_totals(head, proposals, confirmed, peers, common=common),
        *[_by_kind(kind, tally, peers.get(kind)) for kind, tally in proposals.items()],
    ]


def _queries(register: Register) -> list[Query]:
    chance, found = register.chance, list[Query]()
    for kind in (*ALTERATIONS, NUMBERED):
        wanted = len(found) + QUERIES_A_KIND
        while len(found) < wanted:
            child = chance.randrange(len(register.children))
            told = register.children[child]
            copy = renumbered(told, register) if kind == NUMBERED else altered(told, kind, register)
            if copy is not None:
                found.append(Query(kind, copy, child))
    for _ in range(STRANGERS):
        found.append(Query(STRANGER, next(register.siblings(register.new_family())), None))
        child = chance.randrange(len(register.children))
        found.append(Query(NEW_SIBLING, _sibling(register, child), None))
    return found


def _sibling(register: Register, child: int) -> Told:
    """A child of the same family that the register does not have; every third a twin of one it has."""
    family = register.of_family[child]
    twin = register.chance.random() < 1 / 3
    born = date.fromisoformat(register.children[child]["birth_date"]) if twin else TODAY
    told = register.child(register.families[family], born, register.names_in(family))
    return {**told, "nhs_number": None}


def _person(told: Told) -> Person:
    return people_of([{"subjects": [told]}], kinds=["child"], production=False)[0]


async def _load(intake: Intake, register: Register) -> None:
    """Past the API, but through the real index code: a contact a child."""
    for first in range(0, len(register.children), CHUNK):
        rows = _Rows()
        for child in range(first, min(first + CHUNK, len(register.children))):
            rows.add(intake, child, _person(register.children[child]))
        async with intake.platform.engine.begin() as connection:
            await insert(connection, tables.contacts, rows.contacts)
            await insert(connection, tables.METADATA.tables["contact_keys"], rows.keys)
            await insert(connection, tables.subjects, rows.subjects)
            await insert(connection, tables.subject_index, rows.index)


@dataclass(slots=True)
class _Rows:
    """The rows of some children."""

    contacts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    keys: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    subjects: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    index: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def add(self, intake: Intake, child: int, person: Person) -> None:
        """One contact about one child."""
        one, contact_id, data_key = subject_id(child), uuid5(PLACE, f"contact {child}"), new_data_key()
        said = {"reference": str(child), "channel": "api", "referrer_kind": "public"}
        moments = {"received_at": _AT, "accepted_at": _AT, "matched_at": _AT}
        wrapped = intake.platform.database.master_keys.wrap(data_key, service="intake", owner=contact_id)
        sealed = seal_person(ContactCipher(data_key), person, one)
        about = {"subject_id": one, "contact_id": contact_id, "position": 1, "kind": "child", "person": sealed}
        self.contacts.append({"contact_id": contact_id, **said, **moments})
        self.keys.append({"contact_id": contact_id, "wrapped": wrapped})
        self.subjects.append(about)
        blind = intake.platform.blind_index
        self.index += index_rows(blind, keys_of(person), subject_id=one, contact_id=contact_id)


async def _ours(intake: Intake, queries: Sequence[Query]) -> tuple[dict[str, Tally], Tally, int]:
    """By kind what was proposed; of all what was confirmed; how many met a block too common to be opened."""
    proposals: dict[str, Tally] = {}
    confirmed, common = Tally(), 0
    await _look(intake, queries[0])
    for query in queries:
        began = time.perf_counter()
        pairs, too_common = await _look(intake, query)
        seconds = time.perf_counter() - began
        common += too_common
        sure = {pair.theirs.subject_id for pair in pairs if pair.comparison.sameness is Sameness.CONFIRMED}
        proposals.setdefault(query.kind, Tally()).add(query, {pair.theirs.subject_id for pair in pairs}, seconds)
        if query.kind == NUMBERED or sure:
            confirmed.add(query, sure, seconds)
    return proposals, confirmed, common


async def _look(intake: Intake, query: Query) -> tuple[Sequence[Pair], bool]:
    nobody = UUID(int=0)
    mine = Known(nobody, nobody, None, _person(query.told))
    async with intake.platform.engine.connect() as connection:
        found = await find_candidates(
            connection,
            {nobody: mine.person},
            blind=intake.platform.blind_index,
            masters=intake.platform.database.master_keys,
            but=nobody,
        )
    paired = pair_up([mine], {nobody: found[nobody].candidates})
    return paired.same, bool(found[nobody].too_common)


def _all(tallies: Mapping[str, Tally]) -> tuple[Tally, float, float]:
    """All queries together, their recall and precision."""
    whole = Tally()
    children = 0
    for kind, one in tallies.items():
        whole.asked += one.asked
        whole.found += one.found
        whole.proposed += one.proposed
        whole.right += one.right
        whole.seconds += one.seconds
        children += 0 if kind in (STRANGER, NEW_SIBLING) else one.asked
    return whole, whole.found / max(children, 1), whole.right / max(whole.proposed, 1)


def _load_figure(head: str, size: int, seconds: float) -> Figure:
    return Figure(name=f"{head} put into the index", value=f"{size / seconds:,.0f}/s, {seconds:.0f} s in all")


def _totals(
    head: str, proposals: Mapping[str, Tally], confirmed: Tally, peers: Mapping[str, Tally], *, common: int
) -> list[Figure]:
    ours, recall, precision = _all(proposals)
    theirs, their_recall, their_precision = _all(peers)
    peer = f"full scan, Jaro-Winkler product ({theirs.asked} of the queries)"
    sure = f"{confirmed.right} of {confirmed.proposed} right, {confirmed.found} of {confirmed.asked} found"
    return [
        Figure(name=f"{head}: recall", value=f"{recall:.3f}", beside=peer, there=f"{their_recall:.3f}", aim="≥ 0.95"),
        Figure(
            name=f"{head}: precision of proposals, {ours.asked} queries",
            value=f"{precision:.3f}",
            beside=peer,
            there=f"{their_precision:.3f}",
            aim="≥ 0.95",
        ),
        Figure(name="confirmed by number and birth date", value=sure, aim="all"),
        Figure(
            name="one match in the real index, p50 / p99",
            value=p50_p99(ours.seconds),
            beside=peer,
            there=p50_p99(theirs.seconds),
            ratio=percentile(ours.seconds, 0.5) / percentile(theirs.seconds, 0.5),
            aim="p99 ≤ 50 ms",
        ),
        Figure(name="queries with a block too common to be opened", value=f"{common} of {ours.asked}"),
    ]


def _by_kind(kind: str, tally: Tally, peer: Tally | None) -> Figure:
    def says(one: Tally) -> str:
        wrong = one.proposed - one.right
        return f"{wrong} wrong" if kind in (STRANGER, NEW_SIBLING) else f"{one.found / one.asked:.2f}, {wrong} wrong"

    name = f"{kind}: proposed, of {tally.asked}" if kind in (STRANGER, NEW_SIBLING) else f"{kind}: recall"
    return Figure(
        name=name,
        value=says(tally),
        beside=f"full scan ({peer.asked})" if peer else "",
        there=says(peer) if peer else "",
    )
