"""A link's states, and what is said of it in which order."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.model.linking import Link, LinkRefused, LinkRelation, LinkState, Step, refuse_wrong_link

README = Path(__file__).resolve().parents[3] / "services" / "intake" / "README.md"
IDS = st.integers(1, 5).map(lambda number: UUID(int=number))


def link(primary: UUID, other: UUID, relation: LinkRelation = LinkRelation.DUPLICATE, number: int = 0) -> Link:
    return Link(
        link_id=UUID(int=1000 + number),
        contact_id=primary,
        other_contact_id=other,
        relation=relation,
        state=LinkState.REQUESTED,
        reason_code="same_incident",
        linked_at=datetime(2026, 11, 20, tzinfo=UTC),
        linked_by="a.manager",
        correlation_id=UUID(int=7),
    )


def test_the_page_draws_the_states_that_there_are() -> None:
    diagram = README.read_text(encoding="utf-8").split("### A link's state")[1].split("```")[1]
    drawn = set(re.findall(r"(?:^|--> |\n)\s*(\w+)(?= -->|:)", diagram)) - {"mermaid"}
    assert drawn == {state.value for state in LinkState}


@given(st.lists(st.tuples(IDS, IDS, st.sampled_from(list(LinkRelation))), max_size=12))
def test_whatever_is_tried_no_duplicate_has_duplicates(wishes: list[tuple[UUID, UUID, LinkRelation]]) -> None:
    live: list[Link] = []
    for number, (primary, other, relation) in enumerate(wishes):
        wish = link(primary, other, relation, number)
        ends = {primary, other}
        try:
            refuse_wrong_link(wish, [one for one in live if {one.contact_id, one.other_contact_id} & ends])
        except LinkRefused:
            continue
        live.append(wish)
    one_piece = [one for one in live if one.is_one_piece]
    duplicates = [one.other_contact_id for one in one_piece]
    assert len(duplicates) == len(set(duplicates))
    assert not set(duplicates) & {one.contact_id for one in one_piece}


RATINGS = st.sampled_from([{"s": (None, ())}, {"s": ("low", ("slow",))}, {"s": ("high", ("fast",))}])


@given(st.lists(st.one_of(RATINGS, st.just("echo")), max_size=12))
def test_the_primary_hears_it_first_and_again_only_when_something_is_new(happens: list[object]) -> None:
    one = link(UUID(int=1), UUID(int=2))
    ratings: dict[str, tuple[str | None, tuple[str, ...]]] = {"s": (None, ())}
    told: list[Step] = []
    for happened in [dict(ratings), *happens]:
        if isinstance(happened, dict):
            ratings = happened  # pyright: ignore[reportUnknownVariableType]
        else:
            one.hear_rating()
        while (step := one.next_step(ratings)) is not Step.NOTHING:
            told.append(step)
            if step is Step.TELL_PRIMARY:
                one.tell_primary(ratings)
            else:
                one.tell_duplicate()
        assert one.said == ratings
    assert told[0] is Step.TELL_PRIMARY
    assert told.count(Step.TELL_DUPLICATE) <= 1
    assert one.duplicate_told == (one.state is LinkState.JOINED)
    assert one.version == told.count(Step.TELL_PRIMARY)
