"""Checks of amounts in other currencies."""

from __future__ import annotations

from revops_xl.model.plan import Plan
from revops_xl.tables.schema.check import NOTE, Check


def currency_checks(plan: Plan) -> list[Check]:
    """What was converted; nothing where every amount is in the plan's currency."""
    if plan.money is None:
        return []
    found = []
    for (table, code), rows in plan.money.converted.items():
        rate = plan.money.rates.rate(code)
        at = "by the rate of its day" if plan.money.rates.dated else f"at {float(rate):g}" if rate is not None else ""
        advice = (
            f"Each amount in {code} is converted into {plan.money.rates.plan} {at}, to the cent, before anything is added up. "
            f"A sum that is converted once may differ by half a cent a row."
        )
        found.append(Check(f"{code} in {table} converted", NOTE, rows, None, "Rates", advice))
    return found
