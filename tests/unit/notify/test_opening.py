"""Whether the referrer hears that somebody is looking is the pack's; as shipped nobody does."""

from __future__ import annotations

from dataclasses import replace

from services.notify.domain.model import Contact, Decision, Kind, State
from services.notify.domain.policy import owed
from services.notify.domain.policy.owed import Occasion, on_opening
from shared.policy.model import Pack
from tests.support.builders_notify import NOON, Life, southampton
from tests.support.every_pack import every_pack
from tests.support.fakes_notify import MemoryWork

from .test_handlers import hear, messages

OCCASION = Occasion(at=NOON, correlation_id=Life().id, traceparent=None)


def telling() -> Pack:
    """The default pack where professionals hear of it."""
    pack, kinds = southampton(), frozenset({"involved_professional", "professional"})
    rules = tuple(
        replace(rule, referrer_kinds=kinds) if rule.on.event == "ContactOpened" else rule for rule in pack.messages
    )
    return replace(pack, messages=rules)


def a_contact(kind: str = "professional") -> Contact:
    return Contact(contact_id=Life().id, referrer_kind=kind, has_address=True, undecided=1, received_at=NOON)


async def test_as_shipped_opening_sends_nothing() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.opened()])
    assert {message.kind for message in messages(work, life)} == {Kind.ACKNOWLEDGEMENT}
    rules = [rule for pack in every_pack() for rule in pack.messages if rule.on.event == "ContactOpened"]
    assert len(rules) == len(every_pack())
    assert all(rule.template == "professional-opened" and not rule.referrer_kinds for rule in rules)


def test_where_the_pack_says_so_professionals_hear_once_and_others_never() -> None:
    (message,) = on_opening(telling(), a_contact(), OCCASION)
    assert (message.template, message.tells_outcome, message.state) == ("professional-opened", False, State.WAITING)
    assert on_opening(telling(), a_contact(), OCCASION)[0].id == message.id
    for kind in ("family", "public", "anonymous"):
        assert on_opening(telling(), a_contact(kind), OCCASION) == []


def test_decided_before_it_went_out_it_does_not_go() -> None:
    contact = a_contact()
    (message,) = on_opening(telling(), contact, OCCASION)
    assert owed.stale(contact, [message]) == []
    decision = Decision(version=1, outcome="signpost", reason_codes=(), service_codes=(), policy="x@1")
    contact.decide(Life().subject(1), decision)
    contact.undecided = 0
    assert owed.stale(contact, [message]) == [message]
    assert on_opening(telling(), contact, OCCASION) == []
