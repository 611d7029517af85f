"""Numbers typed as text: one reading under each locale, or none."""

from __future__ import annotations

import pytest

from revops_xl.tables.schema.number_text import NumberLocale

LOCALES = (("en-US", "USD"), ("de-DE", "EUR"), ("fr-FR", "EUR"), ("de-CH", "CHF"))
#: Spelling: what it means in en-US, de-DE, fr-FR and de-CH; None is refused.
SPELLINGS: dict[str, tuple[float | None, float | None, float | None, float | None]] = {
    "1234": (1234, 1234, 1234, 1234),
    "-5": (-5, -5, -5, -5),
    "+5": (5, 5, 5, 5),
    "\u22125": (-5, -5, -5, -5),
    "1,234": (1234, 1.234, 1.234, None),
    "1.234": (1.234, 1234, None, 1.234),
    "1.234,56": (None, 1234.56, None, None),
    "1,234.56": (1234.56, None, None, None),
    "1 234": (None, None, 1234, None),
    "1\u00a0234": (None, None, 1234, None),
    "1\u202f234,5": (None, None, 1234.5, None),
    "1’234.50": (None, None, None, 1234.5),
    "1'234": (None, None, None, 1234),
    "12,5": (None, 12.5, 12.5, None),
    "12.5": (12.5, None, None, 12.5),
    ".5": (0.5, None, None, 0.5),
    ",5": (None, 0.5, 0.5, None),
    "1,23,456": (None, None, None, None),
    "12,34": (None, 12.34, 12.34, None),
    "1,234,567": (1234567, None, None, None),
    "1.234.567": (None, 1234567, None, None),
    "(1,000)": (-1000, -1, -1, None),
    "(5)": (-5, -5, -5, -5),
    "(-5)": (None, None, None, None),
    "(5": (None, None, None, None),
    "5-": (None, None, None, None),
    "--5": (None, None, None, None),
    "$1,200": (1200, None, None, None),
    "-$1,200.50": (-1200.5, None, None, None),
    "$-5": (-5, None, None, None),
    "USD 5": (5, None, None, None),
    "5 USD": (5, None, None, None),
    "€5": (None, 5, 5, None),
    "5 €": (None, 5, 5, None),
    "CHF 5": (None, None, None, 5),
    "$5$": (None, None, None, None),
    "50%": (0.5, 0.5, 0.5, 0.5),
    "50 %": (0.5, 0.5, 0.5, 0.5),
    " 7 ": (7, 7, 7, 7),
    "7\u00a0": (7, 7, 7, 7),
    "1E5": (None, None, None, None),
    "1/2": (None, None, None, None),
    "0x10": (None, None, None, None),
    "NaN": (None, None, None, None),
    "inf": (None, None, None, None),
    "": (None, None, None, None),
    "-": (None, None, None, None),
    "n/a": (None, None, None, None),
    "12345678901234567": (None, None, None, None),
}


@pytest.mark.parametrize("text", SPELLINGS)
def test_spelling(text: str) -> None:
    readings = []
    for locale, currency in LOCALES:
        read = NumberLocale(locale, currency).read(text)
        readings.append(None if read is None else read.value)
    assert tuple(readings) == SPELLINGS[text]


def test_there_are_forty() -> None:
    assert len(SPELLINGS) >= 40


def test_indian_grouping() -> None:
    read = NumberLocale("en-IN", "INR").read("₹12,34,567.50")
    assert read is not None
    assert read.value == 1234567.5
