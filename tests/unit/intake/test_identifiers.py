"""NHS numbers, pupil numbers and postcodes: what holds and what is kept as unverified."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.model.identifiers import (
    is_synthetic,
    nhs_number_holds,
    plain,
    postcode_form_holds,
    upn_form_holds,
)

digits = st.lists(st.integers(0, 9), min_size=9, max_size=9)


def wide(text: str) -> str:
    """The same in full-width characters, as some keyboards type it."""
    return "".join(chr(ord(one) + 0xFEE0) if one != " " else one for one in text)


def check_digit(nine: list[int]) -> int:
    """As the NHS Data Dictionary words it: 11 less the remainder; 11 is written 0, 10 is never given out."""
    weighted = sum(digit * (10 - place) for place, digit in enumerate(nine))
    check = 11 - weighted % 11
    return 0 if check == 11 else check


@given(digits)
def test_the_check_digit_is_the_data_dictionarys(nine: list[int]) -> None:
    right = check_digit(nine)
    stem = "".join(map(str, nine))
    holding = [last for last in range(10) if nhs_number_holds(f"{stem}{last}")]
    repeated = len(set(stem)) == 1 and right == nine[0]
    assert holding == ([] if right == 10 or repeated else [right])


@given(digits, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_never_holds(nine: list[int], place: int, by: int) -> None:
    check = check_digit(nine)
    wrong = list(nine)
    wrong[place] = (wrong[place] + by) % 10
    if check != 10:
        assert not nhs_number_holds("".join(map(str, wrong)) + str(check))


@pytest.mark.parametrize("digit", "0123456789")
def test_ten_times_the_same_digit_is_nobodys_number(digit: str) -> None:
    assert not nhs_number_holds(digit * 10)


@pytest.mark.parametrize(
    "text",
    ["9434765919", "943 476 5919", "943-476-5919", " 9434765919\n", wide("9434765919"), "943\u00a0476\u00a05919"],
)
def test_however_it_is_typed(text: str) -> None:
    assert nhs_number_holds(text)
    assert plain(text) == "9434765919"


@pytest.mark.parametrize(
    "text", ["", "943476591", "94347659190", "943476591X", "٩٤٣٤٧٦٥٩١٩", "943476591²", "+9434765919", "0x34765919"]
)
def test_what_is_no_nhs_number(text: str) -> None:
    assert not nhs_number_holds(text)


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(nhs_number_holds(text), bool)
    assert isinstance(upn_form_holds(text), bool)
    assert isinstance(postcode_form_holds(text), bool)


def test_the_synthetic_range() -> None:
    assert is_synthetic("999 000 0026")
    assert is_synthetic(wide("9990000026"))
    assert not is_synthetic("9434765919")


@pytest.mark.parametrize(
    "text",
    ["SO14 7LY", "so147ly", " SW1A 1AA ", "M1 1AE", "CR2 6XH", "DN55 1PT", "W1A 0AX", "EC1A 1BB", "GIR 0AA", "BFPO 58",
     "BFPO1234", "ZZ99 3VZ", wide("SO14 7LY"), "SO14\u00a07LY", "SO14  7LY"],
)  # fmt: skip
def test_postcodes_that_hold(text: str) -> None:
    assert postcode_form_holds(text)


@pytest.mark.parametrize(
    "text", ["", "SO14", "7LY SO14", "SO14 LY7", "nowhere", "SO14 7LY, UK", "123 456", "S014-7LYX"]
)
def test_postcodes_that_do_not(text: str) -> None:
    assert not postcode_form_holds(text)


@pytest.mark.parametrize("text", ["H801200001001", "h801 2000 0100 1", "A82120000100A", wide("H801200001001")])
def test_pupil_numbers_that_hold(text: str) -> None:
    assert upn_form_holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I801200001001",
        "O801200001001",
        "S801200001001",
        "H80120000100",
        "H80120000100O",
        "8801200001001",
        "H٨01200001001",
    ],
)
def test_pupil_numbers_that_do_not(text: str) -> None:
    assert not upn_form_holds(text)
