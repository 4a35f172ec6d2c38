"""Registry, worker tables and examples agree: nobody handles what they do not hear, nothing is said to nobody."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import pytest

from shared.contracts.envelope import EventData
from shared.contracts.topics import EVENTS, TOPIC_OF, TOPICS, topics_heard_by

from .sources import ROOT, SERVICES, report

UNHEARD: dict[str, str] = {
    "StaffAlerted": "for the ledger of who was alerted; nobody's state depends on it yet",
}
"""Events that no service handles, and why they are said all the same."""
EXAMPLES = ROOT / "shared" / "contracts" / "examples"


def handlers(service: str) -> Mapping[type[EventData], object]:
    return importlib.import_module(f"services.{service}.entrypoints.worker").HANDLERS


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_handles_only_what_it_hears(service: str) -> None:
    heard = {event for topic in TOPICS if service in topic.consumers for event in topic.events}
    offenders = [event.__name__ for event in handlers(service) if event not in heard]
    assert not offenders, report(offenders)
    assert set(topics_heard_by(service)) == {topic.name for topic in TOPICS if service in topic.consumers}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_what_to_do_when_an_event_is_parked(service: str) -> None:
    worker = importlib.import_module(f"services.{service}.entrypoints.worker")
    assert callable(worker.WHEN_PARKED)


def test_every_topic_is_heard_for_a_reason() -> None:
    offenders = [
        f"{service} hears {topic.name} and handles nothing of it"
        for topic in TOPICS
        for service in topic.consumers
        if not set(topic.events) & set(handlers(service))
    ]
    assert not offenders, report(offenders)


def test_every_event_is_handled_or_deliberately_unheard() -> None:
    handled = {event for service in SERVICES for event in handlers(service)}
    unheard = {event.__name__ for event in EVENTS.values() if event not in handled}
    assert unheard == set(UNHEARD)


def test_everybody_forgets_what_is_to_be_forgotten() -> None:
    for service in topics_heard_by_name("ContactErased"):
        assert "ContactErased" in {event.__name__ for event in handlers(service)}


def topics_heard_by_name(event: str) -> list[str]:
    return [
        service for topic in TOPICS for service in topic.consumers if event in {one.__name__ for one in topic.events}
    ]


def test_every_event_is_its_producers_own() -> None:
    for topic in TOPICS:
        assert topic.name == f"mash.{topic.producer}.v1" == TOPIC_OF[topic.producer]
        assert topic.producer not in topic.consumers
        for event in topic.events:
            assert event.producer == topic.producer
            assert event.__doc__
            assert event.__module__ == f"shared.contracts.{topic.producer}"


def test_every_event_version_has_its_example_and_nothing_else_has() -> None:
    expected = {f"{event.__name__}.v{event.version}.json" for event in EVENTS.values()}
    there = {path.name for path in EXAMPLES.glob("*.json")}
    assert expected - there == set()
    # Examples of old versions stay for ever; a new file must be some version of an event that exists.
    names = {event.__name__ for event in EVENTS.values()}
    assert {name for name in there if name.split(".")[0] not in names} == set()
