"""Checks of amounts in other currencies."""

from __future__ import annotations

import numpy as np

from revops_xl.model.outcome import Outcome
from revops_xl.tables.schema.check import NOTE, Check, zero


def currency_checks(outcome: Outcome) -> list[Check]:
    """What was converted, and whether local quotas are those of the plan; nothing where there is one currency."""
    plan = outcome.plan
    if plan.money is None:
        return []
    found = _local(outcome)
    for (table, code), rows in plan.money.converted.items():
        rate = plan.money.rates.rate(code)
        at = "by the rate of its day" if plan.money.rates.dated else f"at {float(rate):g}" if rate is not None else ""
        advice = (
            f"Each amount in {code} is converted into {plan.money.rates.plan} {at}, to the cent, before anything is added up. "
            f"A sum that is converted once may differ by half a cent a row."
        )
        found.append(Check(f"{code} in {table} converted", NOTE, rows, None, "Rates", advice))
    return found


def _local(outcome: Outcome) -> list[Check]:
    """Local quotas belong to the quotas, and are worth them but for what rounding takes."""
    money, local = outcome.plan.money, outcome.local
    if money is None or local is None:
        return []
    quota = outcome.quotas.quota
    rates = np.array([float(money.rates.rate(code) or np.nan) for code in local.codes])
    units = np.array([float(money.units[code].size) if code in money.units else np.nan for code in local.codes])
    off = np.abs(local.amounts * rates - quota) / (units * rates)
    most = float(np.nanmax(off)) if np.isfinite(off).any() else 0.0
    nodes = int(np.isfinite(local.amounts).sum())
    return [
        zero(
            "Local quotas are those of Quotas",
            "ROUND(SUM(LocalQuotas[Quota])-SUM(Quotas[Quota]),2)",
            0.0,
            0.005,
            "LocalQuotas, Quotas",
            "A quota has changed since the run: run again.",
        ),
        zero(
            "Local quotas are worth the quotas",
            None,
            round(most, 6),
            1.5,
            f"LocalQuotas: {nodes} nodes",
            "In units of the local currency, the most that a local quota differs from its quota at the rate. More than rounding explains: check the rates.",
        ),
    ]
