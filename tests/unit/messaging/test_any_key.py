"""A record that some other program put on the topic, with a key that is no text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from shared.messaging import kafka_subscription


def test_a_key_that_is_no_text_reaches_the_consumer_which_can_park_it() -> None:
    message = SimpleNamespace(topic="mash.intake.v1", partition=3, offset=7, key=b"\xff\xfe", value=b"", headers=())
    delivered = kafka_subscription._delivered(cast("Any", message))
    assert (delivered.partition, delivered.offset) == (3, 7)
    assert delivered.record.key == "\ufffd\ufffd"
