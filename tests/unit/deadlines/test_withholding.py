"""What a partner is shown of its kind tells nobody apart: not alone, and not by taking its own away."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.deadlines.domain.model.endings import Ending, Endings, kind_of, together
from services.deadlines.domain.policy.withholding import FEWEST, shown_to_partner

OUTCOMES = ["s17_assessment", "early_help", "signpost", "not_decided"]


def endings(contacts: int, **by_outcome: int) -> Endings:
    return Endings(contacts=contacts, children=sum(by_outcome.values()), by_outcome=Counter(by_outcome))


def outcomes_shown(kind: Endings, own: Endings) -> dict[str, int | None] | None:
    seen = shown_to_partner(kind, own)
    return None if seen is None else dict(seen.by_outcome)


def test_a_few_are_withheld_and_a_second_count_with_them() -> None:
    own = endings(10, signpost=10)
    kind = endings(40, s17_assessment=3, early_help=12, signpost=30)
    assert outcomes_shown(kind, own) == {"s17_assessment": None, "early_help": None, "signpost": 30}


def test_what_the_own_counts_would_uncover_is_withheld() -> None:
    own = endings(10, s17_assessment=8, signpost=2)
    kind = endings(30, s17_assessment=9, early_help=6, signpost=20)
    assert outcomes_shown(kind, own) == {"s17_assessment": None, "early_help": None, "signpost": 20}


def test_many_of_each_are_shown() -> None:
    own, kind = endings(5, signpost=5), endings(30, s17_assessment=10, signpost=20)
    assert outcomes_shown(kind, own) == {"s17_assessment": 10, "signpost": 20}


def test_too_few_others_are_not_shown_at_all() -> None:
    assert outcomes_shown(endings(14, signpost=20), endings(10, signpost=15)) is None
    assert outcomes_shown(endings(20, signpost=19), endings(10, signpost=15)) is None
    assert outcomes_shown(endings(10, signpost=12), endings(10, signpost=12)) == {"signpost": 12}


@given(
    st.dictionaries(st.sampled_from(OUTCOMES), st.integers(0, 12)),
    st.dictionaries(st.sampled_from(OUTCOMES), st.integers(1, 12)),
)
def test_nobody_can_be_told_from_what_is_shown(own_counts: dict[str, int], others: dict[str, int]) -> None:
    own = endings(sum(own_counts.values()), **{code: number for code, number in own_counts.items() if number})
    kind = endings(own.contacts + sum(others.values()), **Counter(own_counts) + Counter(others))
    seen = shown_to_partner(kind, own)
    if seen is None:
        assert 0 < sum(others.values()) < FEWEST or 0 < kind.children < FEWEST
        return
    visible = {code: number for code, number in seen.by_outcome.items() if number is not None}
    for code, number in visible.items():
        assert not 0 < number < FEWEST
        assert not 0 < number - own.by_outcome[code] < FEWEST
    hidden = seen.by_outcome.keys() - visible.keys()
    hidden_others = seen.children - sum(visible.values()) - sum(own.by_outcome[code] for code in hidden)
    assert hidden_others == sum(others.get(code, 0) for code in hidden)
    assert not hidden or hidden_others >= FEWEST or not others


def ending(organisation: str | None, kind: str, *, number: int = 1, **of: object) -> Ending:
    said = {"ended": "decided", "outcome": "signpost", "level": 1, "rating": "green", "reasons": ()}
    said |= {"received": True, "stands_for_contact": True} | of
    return Ending(organisation_id=organisation, kind=kind, number=number, **said)  # type: ignore[arg-type]


def test_a_child_has_one_outcome_and_any_number_of_reasons() -> None:
    both = together(
        [
            ending("a", "2", number=2, reasons=("already_open", "lives_elsewhere")),
            ending("a", "2", outcome=None, ended="closed", level=None, stands_for_contact=False),
            ending("a", "2", outcome=None, ended="open", received=False),
        ]
    )
    assert (both.contacts, both.children) == (3, 3)
    assert both.by_outcome == {"signpost": 2, "closed_undecided": 1}
    assert both.by_level == {"1": 2, "not_known": 1}
    assert both.by_reason == {"already_open": 2, "lives_elsewhere": 2}


def test_an_organisations_kind_is_what_it_mostly_is() -> None:
    sent = [ending("a", "3", number=2), ending("a", "2"), ending("b", "2", number=9)]
    assert (kind_of(sent, "a"), kind_of(sent, "b"), kind_of(sent, "c")) == ("3", "2", None)
