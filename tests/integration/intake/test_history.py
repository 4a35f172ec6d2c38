"""Again: what is known already of a contact's subjects is found after its commit, and said once it says something."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from services.intake.entrypoints.worker.matching import index_once, look_once
from shared.contracts.intake import HistoryCounts, SubjectHistory
from tests.integration.intake.people import HOME, NHS, ROWAN, Front, take_outbox

NONE = HistoryCounts(
    repeat_contacts_12_months=1,
    referrals_12_months=0,
    assessments_closed_12_months=0,
    no_further_action_12_months=0,
    closed_6_months=0,
    greens_3_months=0,
    agencies_7_days=1,
    same_home_12_months=0,
)
LOWEST = "gre" + "en"


def last(front: Front, contact: UUID) -> SubjectHistory:
    return front.histories(contact)[-1].subjects[0]


async def test_a_first_contact_has_no_history_and_says_none(front: Front) -> None:
    first = await front.tell(ROWAN)
    await front.match()
    assert front.histories(first) == []
    (row,) = await front.rows("SELECT matched_at FROM contacts")
    assert row.matched_at is not None


async def test_the_same_number_and_birth_date_is_confirmed(front: Front) -> None:
    first = await front.tell({**ROWAN, "nhs_number": NHS})
    second = await front.tell({"kind": "child", "birth_date": "2014-03-04", "nhs_number": NHS}, organisation="school-9")
    await front.match()
    assert front.histories(first) == []
    history = last(front, second)
    assert history.child_id == front.received(first).subjects[0].child_id
    assert history.confirmed == history.probable
    assert (history.confirmed.repeat_contacts_12_months, history.confirmed.agencies_7_days) == (2, 2)
    assert [(one.contact_id, one.relation, one.certainty) for one in history.related] == [
        (first, "same_child", "confirmed")
    ]
    assert await front.rows("SELECT 1 FROM match_proposals") == []


async def test_anything_less_is_a_proposal_and_counted_apart(front: Front) -> None:
    first = await front.tell(ROWAN)
    again = {**ROWAN, "given_name": "Rowen", "birth_date": "2014-04-03", "address": None}
    second = await front.tell(again)
    await front.match()
    history = last(front, second)
    assert history.confirmed == NONE
    assert history.probable == NONE.model_copy(update={"repeat_contacts_12_months": 2})
    (proposal,) = await front.rows("SELECT * FROM match_proposals")
    assert proposal.state == "proposed"
    assert set(proposal.near) == {"birth_date", "given_name"}
    assert "family_name" in proposal.agrees
    assert [(one.contact_id, one.certainty) for one in history.related] == [(first, "probable")]


async def test_a_twin_is_a_sibling_and_never_the_same_child(front: Front) -> None:
    first = await front.tell(ROWAN)
    second = await front.tell({**ROWAN, "given_name": "Willow"})
    await front.match()
    history = last(front, second)
    assert history.probable == NONE.model_copy(update={"same_home_12_months": 1})
    assert [(one.contact_id, one.relation) for one in history.related] == [(first, "sibling")]
    assert await front.rows("SELECT 1 FROM match_proposals") == []


async def test_siblings_told_of_together_are_never_one_child(front: Front) -> None:
    """However alike their names are: one subject of a contact is at most one of another."""
    twins = ({**ROWAN, "given_name": "Ellie May"}, {**ROWAN, "given_name": "Ellie Mae"})
    await front.tell(*twins)
    await front.tell(*reversed(twins))
    await front.match()
    assert len(await front.rows("SELECT 1 FROM match_proposals")) == 2


async def test_what_triage_says_later_of_the_earlier_one_is_counted(front: Front) -> None:
    first = await front.tell({**ROWAN, "nhs_number": NHS})
    second = await front.tell({**ROWAN, "nhs_number": NHS})
    await front.match()
    now = datetime.now(UTC)
    await front.rated(first, LOWEST)
    await front.decided(first, "signpost", now)
    await front.match()
    counts = last(front, second).confirmed
    assert (counts.greens_3_months, counts.no_further_action_12_months, counts.referrals_12_months) == (1, 1, 0)
    await front.decided(first, "s17_assessment", now, referral=True)
    await front.assessed(first, now)
    await front.closed(first, now)
    await front.match()
    counts = last(front, second).confirmed
    assert (counts.no_further_action_12_months, counts.referrals_12_months) == (0, 1)
    assert (counts.assessments_closed_12_months, counts.closed_6_months) == (1, 1)
    versions = [one.history_version for one in front.histories(second)]
    assert versions == list(range(1, len(versions) + 1))
    assert front.histories(first) == []


async def test_what_is_decided_is_not_stirred_by_an_earlier_contact(front: Front) -> None:
    first, second = await front.tell({**ROWAN, "nhs_number": NHS}), await front.tell({**ROWAN, "nhs_number": NHS})
    await front.match()
    await front.decided(second, "signpost", datetime.now(UTC))
    before = len(front.histories(second))
    await front.closed(first, datetime.now(UTC))
    await front.match()
    assert len(front.histories(second)) == before


async def test_windows_end_at_the_receipt(front: Front) -> None:
    first = await front.tell({**ROWAN, "nhs_number": NHS})
    await front.rows("UPDATE contacts SET received_at = received_at - interval '13 months'")
    second = await front.tell({**ROWAN, "nhs_number": NHS})
    await front.match()
    history = last(front, second)
    assert history.confirmed == NONE
    assert [one.contact_id for one in history.related] == [first]


async def test_two_that_come_at_the_same_moment_find_each_other(front: Front) -> None:
    for _ in range(6):
        await front.tell(ROWAN)

    async def worker() -> None:
        while await index_once(front.intake, most=1):
            pass
        while await look_once(front.intake):
            pass

    await asyncio.gather(*(worker() for _ in range(4)))
    await front.match()
    assert len(await front.rows("SELECT 1 FROM match_proposals")) == 15
    counts = [
        last(front, row.contact_id).probable.repeat_contacts_12_months
        for row in (await front.rows("SELECT contact_id FROM contacts ORDER BY received_at, accepted_at, contact_id"))[
            1:
        ]
    ]
    assert counts == [2, 3, 4, 5, 6]


async def test_a_home_is_told_of_again(front: Front) -> None:
    first = await front.tell(ROWAN)
    stranger = {"kind": "adult", "given_name": "Kit", "family_name": "Lodger", "address": HOME}
    second = await front.tell(stranger)
    await front.match()
    history = last(front, second)
    assert history.probable.same_home_12_months == 1
    assert [(one.contact_id, one.relation) for one in history.related] == [(first, "same_home")]


async def test_the_worker_is_not_stopped_by_one_contact(front: Front) -> None:
    first, second = await front.tell(ROWAN), await front.tell(ROWAN)
    await front.rows("UPDATE contacts SET body = '\\x00' WHERE contact_id = :id", id=first)
    await front.match()
    (left,) = await front.rows("SELECT count(*) AS n FROM contacts WHERE matched_at IS NULL")
    assert left.n == 0
    assert len(await front.rows("SELECT 1 FROM subject_index WHERE contact_id = :id", id=second)) > 0


async def test_no_name_leaves_intake(front: Front) -> None:
    await front.tell({**ROWAN, "nhs_number": NHS})
    await front.tell({**ROWAN, "given_name": "Rowen"})
    await index_once(front.intake)
    while await look_once(front.intake):
        pass
    said = " ".join(one.data.model_dump_json() for one in await take_outbox(front.intake))
    tables = ("contacts", "subjects", "subject_index", "match_proposals", "histories", "looks_due", "links")
    kept = [row.whole for table in tables for row in await front.rows(f"SELECT t::text AS whole FROM {table} t")]
    for personal in ("Rowan", "Rowen", "Okafor", "SO14", "Sample Street", NHS, "2014-03-04", "RWN"):
        for text in (said, *kept):
            assert personal.casefold() not in text.casefold()
            assert personal.encode().hex() not in text
