"""What our processes export, and what a PromQL expression asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser
from prometheus_client.metrics import MetricWrapperBase

from shared.metrics import Metrics

TARGET = frozenset({"job", "instance"})
"""Prometheus puts these on everything it scrapes."""
_ENDINGS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
OF_PROMETHEUS = {"up": TARGET}


@dataclass(frozen=True)
class Asked:
    """A series that an expression names, with the labels it names of it."""

    metric: str
    labels: frozenset[str]


def exported() -> dict[str, frozenset[str]]:
    """Each series of a process by name, with its labels."""
    found: dict[str, frozenset[str]] = dict(OF_PROMETHEUS)
    metrics = Metrics()
    metrics.heartbeats.watch("x", within_seconds=1)  # a collector of its own: its labels are seen where it has a sample
    for family in metrics.registry.collect():
        for sample in family.samples:
            found[sample.name] = TARGET | frozenset(sample.labels)
    for collector in set(metrics.registry._collector_to_names):
        if isinstance(collector, MetricWrapperBase):
            labels = TARGET | frozenset(collector._labelnames)
            for ending in _ENDINGS[str(collector._type)]:
                own = {"le"} if ending == "_bucket" else set[str]()
                found[collector._name + ending] = labels | own
    return found


def asked(expression: str) -> list[Asked]:
    """Every series that an expression reads. Raises ValueError for one that does not parse."""
    return list(_selectors(promql_parser.parse(expression), frozenset()))


def _selectors(node: Any, grouped: frozenset[str]) -> Iterator[Asked]:
    match node:
        case promql_parser.VectorSelector():
            matched = {matcher.name for matcher in node.matchers.matchers}
            yield Asked(str(node.name), grouped | matched)
        case promql_parser.MatrixSelector():
            yield from _selectors(node.vector_selector, grouped)
        case promql_parser.AggregateExpr():
            labels = set(node.modifier.labels) if node.modifier else set[str]()
            yield from _selectors(node.expr, grouped | labels)
        case promql_parser.BinaryExpr():
            yield from _selectors(node.lhs, grouped)
            yield from _selectors(node.rhs, grouped)
        case promql_parser.Call():
            for argument in node.args:
                yield from _selectors(argument, grouped)
        case promql_parser.ParenExpr() | promql_parser.UnaryExpr() | promql_parser.SubqueryExpr():
            yield from _selectors(node.expr, grouped)
        case _:
            pass
