"""Whether a referrer's telephone number takes text messages."""

from __future__ import annotations

import pytest

from .test_reading import read


@pytest.mark.parametrize(
    ("phone", "production", "has_mobile"),
    [
        ("07700 900123", False, True),
        ("+44 7700 900123", False, True),
        ("07700 900123", True, False),  # kept for stories: nobody has it
        ("07400 123456", True, True),
        ("01632 960002", False, False),
        ("023 8083 3336", True, False),
        ("+33 6 12 34 56 78", True, False),
        ("ring the office", False, False),
    ],
)
def test_a_number_that_takes_text_messages_is_known_as_one(phone: str, *, production: bool, has_mobile: bool) -> None:
    told = read({"narrative": "x", "referrer": {"phone": phone}}, production=production)
    assert (told.referrer.has_mobile, told.referrer.has_address) == (has_mobile, False)


def test_nobody_anonymous_can_be_sent_a_text_message() -> None:
    told = read({"narrative": "x", "referrer": {"kind": "anonymous", "phone": "07700 900123"}})
    assert not told.referrer.has_mobile
