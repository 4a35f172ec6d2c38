"""The folder of the embedded run."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from services.notify.adapters.channels.mail import Sender
from services.notify.adapters.channels.mailbox import Mailbox, MailboxChannel
from services.notify.application.ports import Accepted, Letter, Refused
from shared.clock import FixedClock
from tests.support.builders_notify import EMAIL, NOON

SENDER = Sender(name="MASH front door", address="front-door@example.org")


def a_letter(subject: str = "We have your contact", to: str = EMAIL) -> Letter:
    return Letter(message_id=uuid4(), to=to, subject=subject, body="Thank you — £.\n", template_hash="abc")


async def test_letters_stand_in_the_folder_newest_first(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    channel, mailbox = MailboxChannel(tmp_path / "box", SENDER, clock), Mailbox(tmp_path / "box")
    assert await mailbox.newest(10) == []
    first, second = a_letter("first"), a_letter("second")
    for letter in (first, second, first):
        assert await channel.send(letter) == Accepted()
        clock.advance(60)
    found = await mailbox.newest(10)
    assert [posted.subject for posted in found] == ["first", "second"]
    assert (found[0].to, found[0].body) == (EMAIL, "Thank you — £.\n")
    assert await mailbox.one(second.message_id) == found[1]
    assert await mailbox.one(uuid4()) is None
    assert [path.suffix for path in (tmp_path / "box").iterdir()] == [".eml", ".eml"]


async def test_an_unusable_address_is_refused(tmp_path: Path) -> None:
    assert await MailboxChannel(tmp_path, SENDER, FixedClock(NOON)).send(a_letter(to="x")) == Refused(
        "address_unusable"
    )
