"""Commands that say again, count what is behind, and move business time, on the databases of all four services."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

from mash.services import SERVICE_NAMES
from tests.support.commands import SECRET, Mash, a_contact, park, sql


def log_event(settings: dict[str, str], contact: UUID, sequence: int) -> None:
    sql(
        settings,
        "intake",
        "INSERT INTO event_log (contact_id, sequence, event_id, topic, headers, value)"
        " VALUES (:contact, :sequence, :id, 'mash.intake.v1', '[]', :value)",
        contact=contact, sequence=sequence, id=uuid4(), value=SECRET.encode(),
    )  # fmt: skip


def test_what_was_said_is_said_again(mash: Mash, settings: dict[str, str]) -> None:
    one, other = uuid4(), uuid4()
    for sequence in (1, 2, 3):
        log_event(settings, one, sequence)
    log_event(settings, other, 1)
    assert json.loads(mash("republish", "intake", str(one), "--first", "2", "--json").output) == {"events": 2}
    assert json.loads(mash("republish", "intake", "--all", "--json").output) == {"events": 4}
    mash("republish", "intake", str(uuid4()), code=1)
    keys = [key for (key,) in sql(settings, "intake", "SELECT key FROM outbox ORDER BY id")]
    assert keys.count(str(one)) == 5
    assert keys.count(str(other)) == 1


def test_status_counts_what_is_behind_in_children(mash: Mash, settings: dict[str, str]) -> None:
    assert "nothing is behind" in mash("status").output
    assert json.loads(mash("status", "--json").output) == {"behind": []}
    unsent, parked = a_contact(settings), a_contact(settings, children=3)
    sql(
        settings,
        "triage",
        "INSERT INTO outbox (event_id, topic, key, headers, value, created_at)"
        " VALUES (:id, 'mash.triage.v1', :key, '[]', '', now() - interval '1 minute')",
        id=uuid4(), key=str(unsent),
    )  # fmt: skip
    park(settings, parked, 1)
    park(settings, parked, 2, state="waiting")
    found = {one["what"]: one for one in json.loads(mash("status", "--json", code=1).output)["behind"]}
    assert found["triage: said but not sent"]["children"] == 2
    assert found["notify: set aside (ValueError)"]["children"] == 3
    assert found["notify: set aside (ValueError)"]["contacts"] == 1
    assert "said but not sent" in mash("status", code=1).output


def test_business_time_is_shown_sped_up_and_stepped(mash: Mash) -> None:
    before = json.loads(mash("clock", "show", "--json").output)
    assert set(before) == set(SERVICE_NAMES)
    assert "1" in mash("clock", "show").output
    assert json.loads(mash("clock", "speed", "0", "--json").output)["speed"] == 0
    still = json.loads(mash("clock", "show", "--json").output)
    assert len({one["at"] for one in still.values()}) == 1
    assert json.loads(mash("clock", "advance", "20d", "--json").output)["at"] > still["intake"]["at"]
    assert "steps; it is" in mash("clock", "advance", "1h", "--quiet").output
    mash("clock", "advance", "soon", code=2)
