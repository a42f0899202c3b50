from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.nip import TaxId, clean_tax_id


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        pytest.param("1234563218", "PL", ("PL", "1234563218", True), id="bare"),
        pytest.param("123-456-32-18", "PL", ("PL", "1234563218", True), id="dashes"),
        pytest.param(" 123 456 32 18 ", "PL", ("PL", "1234563218", True), id="spaces"),
        pytest.param("PL1234563218", "PL", ("PL", "1234563218", True), id="prefix"),
        pytest.param("pl 123-456-32-18", "", ("PL", "1234563218", True), id="small-prefix-without-country"),
        pytest.param("NIP: 123-456-32-18", "PL", ("PL", "1234563218", True), id="label"),
        pytest.param("NIP UE PL1234563218", "PL", ("PL", "1234563218", True), id="label-and-prefix"),
        pytest.param("1234563218", "", ("PL", "1234563218", True), id="ten-digits-without-country"),
        pytest.param("１２３４５６３２１８", "PL", ("PL", "1234563218", True), id="wide-digits"),
        pytest.param("PL1234563218", "DE", ("PL", "1234563218", True), id="prefix-goes-before-the-address"),
        pytest.param("1234563219", "PL", ("PL", "1234563219", False), id="wrong-check-digit"),
        pytest.param("123456321", "PL", ("PL", "123456321", False), id="too-short"),
        pytest.param("0000000000", "PL", ("PL", "0000000000", False), id="zeros-agree-but-ksef-refuses"),
        pytest.param("1234563218", "DE", ("DE", "1234563218", False), id="polish-number-at-a-german-address"),
        pytest.param("DE 136,695 976", "DE", ("DE", "136695976", True), id="german"),
        pytest.param("136695976", "DE", ("DE", "136695976", True), id="german-without-prefix"),
        pytest.param("DE136695978", "", ("DE", "136695978", False), id="german-wrong"),
        pytest.param("CZ00000019", "CZ", ("CZ", "00000019", True), id="czech-of-the-sample-order"),
        pytest.param("ATU13585627", "AT", ("AT", "U13585627", True), id="austrian-keeps-its-u"),
        pytest.param("FR40303265045", "", ("FR", "40303265045", True), id="french"),
        pytest.param("EL 094259216", "GR", ("GR", "094259216", True), id="greek-prefix"),
        pytest.param("094259216", "EL", ("GR", "094259216", True), id="greek-country-as-prefix"),
        pytest.param("XI980780684", "", ("XI", "980780684", True), id="northern-ireland"),
        pytest.param("GB980780684", "GB", ("GB", "980780684", True), id="british"),
        pytest.param("123456789", "US", ("US", "123456789", False), id="country-without-a-rule"),
        pytest.param("123456789", "", ("", "123456789", False), id="nothing-tells-the-country"),
        pytest.param("", "PL", ("PL", "", False), id="empty"),
        pytest.param("brak", "PL", ("PL", "", False), id="words"),
        pytest.param("-", "", ("", "", False), id="dash"),
        pytest.param("123", "not a country", ("NOT A COUNTRY", "123", False), id="country-garbage"),
    ],
)  # fmt: skip
def test_a_tax_number_is_cleaned(text: str, country: str, expected: tuple[str, str, bool]) -> None:
    assert clean_tax_id(text, country) == TaxId(*expected, original=text)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("123-456-32-18", "PL", "PL1234563218"),
        ("094259216", "GR", "EL094259216"),
        ("ATU13585627", "", "ATU13585627"),
        ("brak", "PL", ""),
    ],
)
def test_a_tax_number_is_written_with_its_prefix(text: str, country: str, expected: str) -> None:
    assert clean_tax_id(text, country).vat_number == expected


def test_a_number_does_not_reach_a_log_by_repr() -> None:
    assert repr(clean_tax_id("123-456-32-18", "PL")) == "TaxId(country='PL', valid=True)"


nips = st.integers(0, 99).map(lambda tail: f"12345632{tail:02d}")
typed = st.one_of(
    st.text(max_size=30),
    st.text("PLDEATUNIP0123456789 -.", max_size=16),
    st.builds(
        lambda before, nip, after: before + nip + after,
        st.text("PL NIP:-", max_size=6),
        nips,
        st.text(" -.", max_size=2),
    ),
)


@settings(max_examples=100)
@given(typed, st.sampled_from(["PL", "DE", "", "ES", "US", "EL"]))
def test_garbage_never_raises_and_a_valid_number_stays_as_it_is(text: str, country: str) -> None:
    once = clean_tax_id(text, country)
    assert once.original == text
    if once.valid:
        assert clean_tax_id(once.number, once.country) == replace(once, original=once.number)
