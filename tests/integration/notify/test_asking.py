"""A question, an answer and a revision from event to letter, over a real database."""

from __future__ import annotations

from shared.contracts.notify import ReferrerInformed
from tests.support.builders_asking import AskedLife
from tests.support.builders_notify import southampton

from .conftest import Desk


async def test_a_question_goes_out_in_the_packs_words(desk: Desk) -> None:
    life = AskedLife()
    await desk.hear([life.received(), life.rated("amber", pages=False), life.asked("injury_detail")])
    await desk.deliver()
    bodies = [letter.body for letter in desk.channel.taken if "need to ask you" in letter.body]
    assert len(bodies) == 1
    assert southampton().questions["injury_detail"] in bodies[0]


async def test_a_challenge_is_answered_and_the_revision_told_each_once(desk: Desk) -> None:
    life = AskedLife()
    await desk.hear([life.received(), life.rated("amber", pages=False), life.decided()])
    await desk.deliver()
    revised, answered = life.revised(outcome="s17_assessment"), life.challenge_answered("upheld", "threshold_s17")
    await desk.hear([revised, answered, revised, answered])
    await desk.deliver()
    assert sorted(letter.subject.split(" MASH")[0] for letter in desk.channel.taken) == [
        "Answer to your challenge",
        "Changed decision on your contact",
        "Decision on your contact",
        "We have your contact",
    ]
    stands = southampton().outcomes["s17_assessment"].plain_words
    assert sum(stands in letter.body for letter in desk.channel.taken) == 2
    informed = [data.decisions for data in await desk.said() if isinstance(data, ReferrerInformed)]
    assert informed == [{life.subject(1): 1}, {life.subject(1): 2}]


async def test_a_link_is_kept_from_one_transaction_to_the_next(desk: Desk) -> None:
    life = AskedLife()
    await desk.hear([life.received(), life.linked()])
    await desk.hear([life.opened()])
    assert (await desk.rows("SELECT linked_at FROM contacts"))[0]["linked_at"] is not None
    await desk.hear([life.unlinked()])
    assert (await desk.rows("SELECT linked_at FROM contacts"))[0]["linked_at"] is None
