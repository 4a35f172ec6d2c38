"""Replaying 100,000 stored contacts under two versions of a policy, beside only parsing their facts out of JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from benchmarks.figures import Figure, Options, Stopwatch, median
from benchmarks.stored import Row, rows_of_a_month
from services.triage.adapters.repositories.stored_facts import contacts_in
from shared.policy.backtest import Backtest
from shared.policy.evaluate import rate
from shared.policy.facts import facts_from
from shared.policy.loader import load_pack
from shared.policy.model import Pack
from shared.service import ROOT

CONTACTS = 100_000
A_ROUND = 10_000
ROUNDS = 5


async def run(options: Options) -> list[Figure]:
    """Five rounds of 10,000 contacts each, taking turns, in processor time of one core; a hundred thousand at the
    median of their pace. The new version differs in one rule.
    """
    del options
    old = load_pack(ROOT / "policies")
    new = replace(old, rules=old.rules[1:])
    rows = list(rows_of_a_month(old, A_ROUND))
    parsing, replaying, rating = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        parsing.append(_parse(rows))
        replaying.append(_replay(old, new, rows))
        rating.append(_rate(old, rows))
    subjects = sum(len(json.loads(row.subjects)) for row in rows)
    return [
        Figure(
            name=f"{CONTACTS:,} contacts ({subjects * CONTACTS // A_ROUND:,} subjects) under two versions",
            value=f"{median(replaying):.1f} s",
            beside="parsing the same facts out of JSON",
            there=f"{median(parsing):.1f} s",
            ratio=median([ours / peer for ours, peer in zip(replaying, parsing, strict=True)]),
            aim="≤ 20 s",
        ),
        Figure(
            name="the same under one version, with every reason in words",
            value=f"{median(rating):.1f} s",
            beside="parsing the same facts out of JSON",
            there=f"{median(parsing):.1f} s",
            ratio=median([ours / peer for ours, peer in zip(rating, parsing, strict=True)]),
        ),
    ]


def _seconds(watch: Stopwatch) -> float:
    """Seconds of processor time for all contacts, at the pace of one round."""
    return watch.pace(A_ROUND).micros * CONTACTS / 1e6


def _parse(rows: list[Row]) -> float:
    watch = Stopwatch()
    for row in rows:
        json.loads(row.subjects)
    return _seconds(watch)


def _replay(old: Pack, new: Pack, rows: list[Row]) -> float:
    watch = Stopwatch()
    Backtest(old, new).replay(contacts_in(rows))
    return _seconds(watch)


def _rate(pack: Pack, rows: list[Row]) -> float:
    watch = Stopwatch()
    for row in rows:
        for _position, facts in json.loads(row.subjects):
            rate(pack, facts_from(facts))
    return _seconds(watch)
