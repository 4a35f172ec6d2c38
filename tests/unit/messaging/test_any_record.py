"""Whatever stands on the bus is an event or is said to be none: no other error reaches the consumer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import LAST_SEQUENCE, UnreadableEvent, headers_of, read_event
from shared.contracts.intake import ContactErased
from shared.contracts.topics import EVENTS
from shared.messaging.bus import Delivered, Record
from shared.messaging.outbox import headers_from, headers_json
from shared.messaging.parking import describe
from tests.support.deliveries import NOON, event_of

EVENT = event_of(ContactErased(reason_code="x"), contact_id=UUID(int=7), sequence=1)
GOOD = dict(headers_of(EVENT))
VALUE = EVENT.data.model_dump_json().encode()

odd_texts = st.text() | st.sampled_from(
    ["", "\0", "٣", "1_0", " 1", "-1", "0", "9" * 5000, "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
     "2026-11-20", "2026-11-20T12:00:00", "/mash/", "triage", "{00000000-0000-0000-0000-000000000007}"]
)  # fmt: skip
odd_values = odd_texts.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary()
headers = st.dictionaries(st.sampled_from(sorted(GOOD)) | st.text(), odd_values, max_size=4).map(
    lambda odd: tuple({**GOOD, **odd}.items())
)
bodies = st.binary() | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
).map(lambda value: json.dumps(value).encode())


@settings(max_examples=120, deadline=None)
@given(headers, st.just(VALUE) | bodies)
def test_a_record_is_an_event_or_unreadable(given_headers: tuple[tuple[str, bytes], ...], value: bytes) -> None:
    try:
        event = read_event(given_headers, value, EVENTS)
    except UnreadableEvent as unreadable:
        assert unreadable.reason.startswith("unreadable:")  # noqa: PT017 -- either way is right
        return
    assert 1 <= event.sequence <= LAST_SEQUENCE
    assert event.time.utcoffset() is not None
    assert event.producer.isascii()
    assert event.producer.isalpha()


@settings(max_examples=120, deadline=None)
@given(headers, st.just(VALUE) | bodies, st.text() | st.just(str(EVENT.contact_id)))
def test_whatever_failed_can_be_described(given_headers: tuple[tuple[str, bytes], ...], value: bytes, key: str) -> None:
    delivered = Delivered(Record("mash.intake.v1", key, value, given_headers), 0, 1)
    about = describe(delivered, "x", now=NOON)
    assert describe(delivered, "x", now=NOON) == about
    if about is not None:
        assert about.time.tzinfo is not None
        assert about.time.astimezone(UTC) <= datetime.max.replace(tzinfo=UTC)
        assert "\0" not in about.producer


@settings(deadline=None)
@given(headers)
def test_headers_can_be_kept_and_good_ones_come_back(given_headers: tuple[tuple[str, bytes], ...]) -> None:
    kept = headers_json(given_headers)
    assert "\\u0000" not in kept
    assert len(headers_from(kept)) == len(given_headers)
    assert headers_from(headers_json(tuple(GOOD.items()))) == tuple(GOOD.items())


@pytest.mark.parametrize(("sequence", "held"), [("1", True), (str(LAST_SEQUENCE), True), ("0", False), ("-1", False)])
def test_sequence_numbers_are_those_the_tables_hold(sequence: str, *, held: bool) -> None:
    changed = {**GOOD, "ce_sequence": sequence.encode()}
    if held:
        assert read_event(changed.items(), VALUE, EVENTS).sequence == int(sequence)
    else:
        with pytest.raises(UnreadableEvent):
            read_event(changed.items(), VALUE, EVENTS)
