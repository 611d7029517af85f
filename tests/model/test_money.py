"""Rounding and apportioning, against exact decimal arithmetic."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops_xl.model.money import Unit, apportion, round_half_away


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_rounds_as_a_spreadsheet_does(amount: Decimal) -> None:
    expected = (amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    found = round_half_away(Unit.of("0.01").in_units(float(amount)))
    assert int(found) == int(expected)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_parts_add_up_and_stay_within_one(total: int, shares: list[int]) -> None:
    parts = apportion(total, shares)
    assert parts.sum() == total
    weights = np.array(shares if sum(shares) else [1] * len(shares), dtype=float)
    assert (np.abs(parts - total * weights / weights.sum()) < 1 + 1e-3).all()


@given(st.integers(0, 10**9), st.integers(1, 50))
def test_equal_weights_differ_by_one_at_most(total: int, count: int) -> None:
    parts = apportion(total, [1] * count)
    assert parts.max() - parts.min() <= 1


@pytest.mark.parametrize("bad", [[], [-1, 2], [float("nan")], [[1, 2]]])
def test_wrong_shares_are_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="share"):
        apportion(10, bad)


@given(st.integers(0, 999_999_999_999_999))
def test_money_is_exact_to_the_cent(cents: int) -> None:
    unit = Unit.of(0.01)
    amount = float(unit.to_amount(np.array([cents]))[0])
    assert f"{amount:.2f}" == f"{Decimal(cents) / 100:.2f}"
    assert unit.exactly(amount) == cents


@pytest.mark.parametrize(("size", "decimals"), [(0.01, 2), (1, 0), (1000, -3), (0.05, None), (0.5, None)])
def test_digits_for_round(size: float, decimals: int | None) -> None:
    assert Unit.of(size).decimals == decimals


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf"), "x"])
def test_wrong_units_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="unit"):
        Unit.of(bad)
