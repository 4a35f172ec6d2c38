"""Every kind of clock of the pack, met once and missed once, on real Kafka, in three months that take a minute."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from shared.policy.loader import load_pack
from shared.service import ROOT

from .plays import PLAYS
from .run import Contact, Seen

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]
PACK = load_pack(ROOT / "policies")
LIVE = {"running", "breached"}
MISSED = {(play.name, kind, due) for play in PLAYS for kind, dues in play.missed.items() for due in dues}
MET = {(play.name, kind, due) for play in PLAYS for kind, dues in play.met.items() for due in dues}


def test_every_kind_of_the_pack_is_met_once_and_missed_once() -> None:
    kinds = set(PACK.clocks)
    assert {kind for _, kind, _ in MET} == kinds, "a kind of clock that no contact meets in time"
    assert {kind for _, kind, _ in MISSED} == kinds, "a kind of clock that no contact misses"


def test_who_was_in_time_met_the_clock_at_the_moment_it_was_due(seen: Seen) -> None:
    met = {
        (name, one["kind"], _moment(one["due_at"]))
        for name, contact in seen.contacts.items()
        for one in contact.deadlines
        if one["state"] == "met" and one["breached_at"] is None
    }
    assert met == MET


def test_who_was_late_is_in_the_ledger_with_the_right_moment_and_no_one_else(seen: Seen) -> None:
    entries = Counter((seen.play_of(one["contact_id"]), one["kind"], _moment(one["due_at"])) for one in seen.ledger)
    assert set(entries) == MISSED
    assert set(entries.values()) == {1}
    for one in seen.ledger:
        assert one["late_seconds"] < 1, "stepped time goes from one due moment to the next: none is found late"
        assert one["minutes_over"] > 0
        assert one["late_before_arrival_minutes"] == 0


def test_what_was_late_was_said_once_on_kafka(seen: Seen) -> None:
    said = {one.id: one for one in seen.said if one.event == "DeadlineBreached"}.values()
    breached = Counter(
        (seen.play_of(one.contact_id), one.data["clock"]["kind"], _moment(one.data["clock"]["due_at"])) for one in said
    )
    assert set(breached) == MISSED
    assert set(breached.values()) == {1}
    assert all(one.data["breached_at"] == one.data["clock"]["due_at"] for one in said)


def test_what_was_late_keeps_its_breach_and_was_met_after_it(seen: Seen) -> None:
    for name, contact in seen.contacts.items():
        for one in contact.deadlines:
            if (name, one["kind"], _moment(one["due_at"])) in MISSED:
                assert one["state"] == "met", one
                assert _moment(one["breached_at"]) == _moment(one["due_at"])
                assert _moment(one["met_at"]) > _moment(one["due_at"])
                assert one["reason"] == "met_after_breach"


def test_every_other_clock_has_ended_without_either(seen: Seen) -> None:
    for play in PLAYS:
        others = [
            one
            for one in seen.contacts[play.name].deadlines
            if (play.name, one["kind"], _moment(one["due_at"])) not in MET | MISSED
        ]
        assert {one["kind"] for one in others} == play.rest, play.name
        assert {(one["state"], one["breached_at"]) for one in others} <= {("cancelled", None)}, play.name


def test_warnings_came_before_each_breach_and_none_after_it_was_met(seen: Seen) -> None:
    for one in seen.said:
        if one.event == "DeadlineApproaching":
            assert one.data["late_seconds"] < 1
            contact = seen.contacts[seen.play_of(one.contact_id)]
            clock = _clock(contact, one.data["clock"]["deadline_id"])
            ended = clock["met_at"] or clock["cancelled_at"]
            step = next(step for step in clock["steps"] if step["share"] == one.data["share"])
            assert _moment(step["at"]) <= _moment(ended)


def test_closed_contacts_keep_only_the_clocks_that_outlive_closure(seen: Seen) -> None:
    outliving = {rule.kind for rule in PACK.clocks.values() if rule.outlives_closure}
    kept: set[str] = set()
    for contacts in seen.on_the_way:
        for name, contact in contacts.items():
            if contact.stage == "closed":
                live = {one["kind"] for one in contact.deadlines if one["state"] in LIVE}
                assert live <= outliving, name
                kept |= live
    assert {"s17_assessment", "s47_conference"} <= kept, "the look was too late to see any"


def test_at_the_end_nothing_is_open_behind_or_aside(seen: Seen) -> None:
    assert {contact.stage for contact in seen.contacts.values()} == {"closed"}
    live = [one for contact in seen.contacts.values() for one in contact.deadlines if one["state"] in LIVE]
    assert live == []
    assert all(one["contacts"] == 0 for one in seen.stuck), seen.stuck
    assert seen.behind == []
    assert set(seen.parked.values()) == {0}


def _clock(contact: Contact, deadline_id: str) -> dict[str, Any]:
    return next(one for one in contact.deadlines if one["id"] == deadline_id)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
