"""A plan written as text in any locale, separator and encoding and brought back is the same plan, or is refused; never another."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from pathlib import Path
from typing import Any

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from revops_xl.errors import PlanError
from revops_xl.usecases.import_files import import_files
from tests.imports.test_import_files import rows

LOCALES = ("en_US", "de_DE", "fr_FR", "de_CH")
SEPARATORS = (",", ";", "\t", "|", "sep=;")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzäöüéèñß -'", min_size=1, max_size=12).filter(
    lambda text: (
        text.strip() == text
        and "  " not in text
        and text[0].isalpha()
        and text.casefold() not in {"nan", "total", "sum"}
    )
)
MONEY = st.decimals(min_value=0, max_value=10**7, places=2, allow_nan=False).map(float)
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2026, 11, 1))


@st.composite
def deals(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Closed and open deals, each with an id of its own."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        created = draw(DAYS)
        status = draw(st.sampled_from(["Won", "Lost", "Open"]))
        found.append(
            {
                "Deal ID": f"D{number:03}", "Account ID": draw(NAMES), "Rep": draw(NAMES), "Stage": "Proposal", "Status": status,
                "Amount": draw(MONEY), "Created": created, "Close date": created + dt.timedelta(draw(st.integers(1, 29))),
            }
        )  # fmt: skip
    return found


def text_of(found: list[dict[str, Any]], locale: str, separator: str) -> str:
    """As a program set to the locale would export it."""

    def shown(value: Any) -> str:
        if isinstance(value, dt.date):
            return format_date(value, "short" if locale != "en_US" else "M/d/yyyy", locale=locale)
        return format_decimal(value, locale=locale, format="#,##0.00") if isinstance(value, float) else str(value)

    out = io.StringIO()
    mark = separator.removeprefix("sep=")
    if separator.startswith("sep="):
        out.write(f"sep={mark}\r\n")
    writer = csv.writer(out, delimiter=mark, lineterminator="\r\n")
    writer.writerow(list(found[0]))
    writer.writerows([[shown(value) for value in deal.values()] for deal in found])
    return out.getvalue().replace(
        "\u202f", "\xa0"
    )  # the narrow blank of today's French, as programs of cp1252 write it


@pytest.mark.deep
@pytest.mark.parametrize(("locale", "separator"), list(itertools.product(LOCALES, SEPARATORS)))
@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=6, deadline=None)
@given(found=deals())
def test_what_comes_back_is_the_same_or_refused(
    tmp_path_factory: pytest.TempPathFactory, locale: str, separator: str, encoding: str, found: list[dict[str, Any]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("trip")
    (folder / "deals.csv").write_bytes(text_of(found, locale, separator).encode(encoding))
    plan = folder / "plan.xlsx"
    try:
        import_files(plan, [folder / "deals.csv"], apply=True)
    except PlanError:
        return  # two readings, said with their cells
    again = rows(plan, "Deals")
    assert len(again) == len(found)
    for deal, brought in zip(found, again, strict=True):
        for name, value in deal.items():
            seen = brought[name].date() if isinstance(brought[name], dt.datetime) else brought[name]
            assert seen == value, (name, value)
    assert import_files(plan, [folder / "deals.csv"]).imports[0].changes.same == len(found)  # twice is once


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_file_that_leaves_no_doubt_is_brought_in(tmp_path: Path, separator: str, encoding: str) -> None:
    found = [
        {"Deal ID": "D1", "Account ID": "Müller & Söhne", "Rep": "José", "Stage": "Proposal", "Status": "Won", "Amount": 1234567.5, "Created": dt.date(2026, 1, 25), "Close date": dt.date(2026, 2, 3)},
        {"Deal ID": "D2", "Account ID": "Öl; | AG", "Rep": "Zoë", "Stage": "Demo", "Status": "Open", "Amount": 0.25, "Created": dt.date(2026, 1, 2), "Close date": dt.date(2027, 2, 3)},
    ]  # fmt: skip
    for locale in LOCALES:
        folder = tmp_path / locale
        folder.mkdir()
        (folder / "deals.csv").write_bytes(text_of(found, locale, separator).encode(encoding))
        import_files(folder / "plan.xlsx", [folder / "deals.csv"], apply=True)
        again = rows(folder / "plan.xlsx", "Deals")
        assert [(each["Account ID"], each["Amount"], each["Created"].date()) for each in again] == [
            (each["Account ID"], each["Amount"], each["Created"]) for each in found
        ]
