"""The reference is read out on the telephone: one wrong character or two swapped never lead to another contact."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.model.reference import check_character, read_reference, reference_for

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
checked = st.text(ALPHABET, min_size=8, max_size=8).map(lambda eight: eight + check_character(eight))


@given(st.uuids())
def test_a_reference_is_read_back(contact_id: UUID) -> None:
    reference = reference_for(contact_id)
    assert read_reference(reference) == reference
    assert read_reference(reference.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == reference
    assert not set("ILOU") & set(reference.removeprefix("MASH"))


@given(checked)
def test_every_single_wrong_character_is_caught(nine: str) -> None:
    for place, other in product(range(9), ALPHABET):
        wrong = nine[:place] + other + nine[place + 1 :]
        assert (read_reference(f"MASH-{wrong}") is None) == (wrong != nine)


@given(checked)
def test_every_swap_of_neighbours_is_caught(nine: str) -> None:
    for place in range(8):
        swapped = nine[:place] + nine[place + 1] + nine[place] + nine[place + 2 :]
        assert (read_reference(f"MASH-{swapped}") is None) == (swapped != nine)


def test_neighbours_in_every_combination() -> None:
    """Exhaustive over what precedes (through the state it leaves) and both characters."""
    for before, first, second in product(ALPHABET, repeat=3):
        if first != second:
            assert check_character(before + first + second) != check_character(before + second + first)


@pytest.mark.parametrize(
    "text", ["", "MASH", "MASH-0000-0000", "MASH-0000-0000-1", "MASH-UUUU-0000-0", "x" * 1000, "\0"]
)
def test_what_is_no_reference(text: str) -> None:
    assert read_reference(text) is None


def test_a_known_one() -> None:
    assert read_reference("mash 7k3p 2qf9 5") == "MASH-7K3P-2QF9-5"
