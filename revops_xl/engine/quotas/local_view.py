"""Quotas in the currency of those who carry them: each team's adds up in its own."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import Floats, apportion, round_half_away
from revops_xl.model.org import OrgTree
from revops_xl.model.rates import MIXED, LocalView, PlanMoney


def local_view(tree: OrgTree, quota: Floats, money: PlanMoney | None) -> LocalView | None:
    """Quotas in local currency; None where everybody's is the plan's."""
    if money is None or not any(money.codes):
        return None
    codes = currencies_below(tree, list(money.codes), money.rates.plan)
    return LocalView(tuple(codes), local_quotas(tree, quota, codes, money))


def currencies_below(tree: OrgTree, codes: list[str], plan: str) -> list[str]:
    """The currency of each node: of an IC its row's, of a team that of all its ICs, else `mixed`.

    Args:
        tree: The org.
        codes: The currency of each input row; "" for the plan's.
        plan: The plan's currency.
    """
    found = [""] * len(tree)
    for node in range(len(tree) - 1, -1, -1):  # children come after their parents
        if tree.is_ic[node]:
            found[node] = codes[int(tree.row[node])] or plan
        else:
            below = {found[child] for child in tree.children(node)} - {""}
            found[node] = next(iter(below)) if len(below) == 1 else MIXED if below else plan
    return found


def local_quotas(tree: OrgTree, quota: Floats, codes: list[str], money: PlanMoney) -> Floats:
    """The quota of each node in its own currency; NaN for a node of several.

    What a team hands down is converted once, and its members' quotas are parts of it by the plan's quotas, so that they
    add up; a member of a team of several currencies is converted alone.

    Args:
        tree: The org.
        quota: Quota of each node in the plan's currency.
        codes: The currency of each node, as `currencies_below` says.
        money: Rates of exchange, of which the newest counts, and the unit of each currency.
    """
    found = np.full(len(tree), np.nan)

    def alone(nodes: list[int], code: str) -> None:
        rate, unit = money.rates.rate(code), money.units.get(code)
        if rate is None or unit is None:
            return
        total = int(round_half_away(unit.in_units(float(quota[nodes].sum()) / float(rate))))
        found[nodes] = unit.to_amount(apportion(total, quota[nodes]))

    if codes[0] != MIXED:
        alone([0], codes[0])
    for node in range(len(tree)):
        below = list(tree.children(node))
        if not below:
            continue
        if codes[node] != MIXED:
            alone(below, codes[node])
        else:
            for child in below:
                if codes[child] != MIXED:
                    alone([child], codes[child])
    return found
