"""Others' tools read our messages, and we read theirs: CloudEvents 1.0 in Kafka's binary mode, as the SDK has it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent

from shared.contracts.envelope import LAST_SEQUENCE, EventData, headers_of, read_event
from shared.contracts.topics import EVENTS

from .samples import TYPES, event, example

each = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)


def message(kind: type[EventData]) -> KafkaMessage:
    said = event(kind)
    return KafkaMessage(
        headers=dict(headers_of(said)), key=str(said.contact_id).encode(), value=said.data.model_dump_json().encode()
    )


@each
def test_the_sdk_reads_ours(kind: type[EventData]) -> None:
    said = event(kind)
    read = from_binary_event(message(kind))
    assert read.get_id() == str(said.id)
    assert read.get_type() == kind.ce_type()
    assert read.get_source() == f"/mash/{kind.producer}"
    assert read.get_specversion() == "1.0"
    assert read.get_time() == said.time
    assert read.get_subject() == str(said.contact_id)
    assert read.get_datacontenttype() == "application/json"
    assert read.get_data() == example(kind)
    assert read.get_extension("sequence") == "00000000000000000007"
    assert read.get_extension("correlationid") == str(said.correlation_id)
    assert read.get_extension("causationid") == str(said.causation_id)
    assert read.get_extension("traceparent") == said.traceparent


@each
def test_we_read_the_sdks(kind: type[EventData]) -> None:
    said = event(kind)
    theirs = CloudEvent(
        attributes={
            "id": str(said.id),
            "type": kind.ce_type(),
            "source": f"/mash/{kind.producer}",
            "specversion": "1.0",
            "time": said.time,
            "subject": str(said.contact_id),
            "datacontenttype": "application/json",
            "sequence": "7",
            "correlationid": str(said.correlation_id),
            "causationid": str(said.causation_id),
            "traceparent": said.traceparent,
        },
        data=json.loads(said.data.model_dump_json()),
    )
    sent = to_binary_event(theirs)
    assert read_event(sent.headers.items(), sent.value, EVENTS) == said


def test_sequences_sort_as_text() -> None:
    said = event(TYPES[0])
    numbers = [dict(headers_of(replace(said, sequence=n)))["ce_sequence"] for n in (1, 9, 10, 99, LAST_SEQUENCE)]
    assert numbers == sorted(numbers)
