"""Why a deal is worth what the forecast says, as steps that a person can follow."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.forecast.scenarios import won_in
from revops_xl.model.deals import DealStatus
from revops_xl.model.money import to_cents
from revops_xl.model.results import Explanation, Step
from revops_xl.model.revenue import Revenue
from revops_xl.model.wording import money, number

#: Parts of a probability below this, in points, are added up in one line.
LEAST_POINTS = 0.5


def explain_deal(revenue: Revenue, deal: str) -> Explanation | None:
    """The derivation of one deal's expected value; None if there is no such deal."""
    rows = np.flatnonzero(revenue.deals.ids == deal)
    if not len(rows):
        return None
    row = int(rows[0])
    places = np.flatnonzero(revenue.scored.row == row)
    if not len(places):
        return Explanation(
            deal, f"a deal that is {_status(revenue, row)}: nothing to forecast", None, None, (_known(revenue, row),)
        )
    i = int(places[0])
    steps = (_known(revenue, row), _chance(revenue, i), _value(revenue, i), _rep(revenue, i), _scenarios(revenue, i))
    return Explanation(deal, "an open deal", None, None, steps)


def explain_nodes(revenue: Revenue, name: str, positions: list[int]) -> list[Step]:
    """What reps and model expect of the deals below a node."""
    nodes = revenue.nodes
    if nodes is None:
        return []
    here = np.isin(nodes.node, positions)
    if not here.any():
        return []
    rep, model, delta, due, won, share = (
        round(float(each[here].sum()), 2)
        for each in (nodes.rep_value, nodes.model_value, nodes.delta, nodes.this_quarter, nodes.won, nodes.allocation)
    )
    running = revenue.forecast.quarter_names[0]
    count = float(nodes.count[here].sum())
    lines = (
        f"{count:,.3g} open deals: the model expects {money(model)}, reps {money(rep)}; delta risk {money(delta)}",
        f"{running}: {money(won)} won already + {money(due)} due = machine forecast {money(won + due)}",
        f"{money(share)} of the safe OpEx, by model value",
    )
    facts: dict[str, object] = {
        "step": "open deals", "node": name, "open_deals": count, "model_expected_value": model, "rep_expected_value": rep, "delta_risk": delta,
        "won_this_quarter": won, "due_this_quarter": due, "machine_forecast": round(won + due, 2), "budget_allocation": share,
    }  # fmt: skip
    return [Step("Open deals", lines, facts)]


def _status(revenue: Revenue, row: int) -> str:
    return DealStatus(int(revenue.deals.status[row])).name.lower()


def _known(revenue: Revenue, row: int) -> Step:
    deals = revenue.deals
    account, rep = int(deals.account.codes[row]), int(deals.rep.codes[row])
    named = deals.account.names[account] if account >= 0 else "no account"
    whose = deals.rep.names[rep] if rep >= 0 else "no rep"
    amount = float(deals.amount[row])
    lines = [f"{named}, {whose}", "no amount" if np.isnan(amount) else f"amount {money(amount)}"]
    facts: dict[str, object] = {
        "step": "deal",
        "account": named,
        "rep": whose,
        "amount": number(amount),
        "status": _status(revenue, row),
    }
    brought = float(deals.won_amount[row])
    if not np.isnan(brought):
        lines.append(f"brought {money(brought)}")
        facts["won_amount"] = brought
    return Step("What is known", tuple(lines), facts)


def _chance(revenue: Revenue, i: int) -> Step:
    scored, model = revenue.scored, revenue.model
    chance = float(scored.probability[i])
    name = str(model.candidate) if model is not None else "the rep"
    facts: dict[str, object] = {"step": "probability", "by": name, "probability": number(chance)}
    if scored.parts is None or model is None:
        return Step(
            "Chance to win", (f"{'not known' if np.isnan(chance) else f'{chance:.2%}'}: {scored.drivers[i]}",), facts
        )
    points = 100 * scored.parts.points[i]
    order = np.argsort(-np.abs(points), kind="stable").tolist()
    shown = [column for column in order if abs(points[column]) >= LEAST_POINTS]
    lines = [f"the usual deal is won with {scored.parts.usual:.1%}"]
    lines += [f"{points[column]:+.1f} pts  {scored.parts.texts[i][column]}" for column in shown]
    rest = float(points.sum() - points[shown].sum())
    lines += [f"{rest:+.1f} pts  all else", f"= {chance:.2%}, by {name}, correction: {model.treatment}"]
    facts |= {
        "usual": scored.parts.usual,
        "parts": {scored.parts.names[column]: round(float(points[column]), 4) for column in order},
    }
    return Step("Chance to win", tuple(lines), facts)


def _value(revenue: Revenue, i: int) -> Step:
    scored = revenue.scored
    value, lower, upper = (float(each[i]) for each in (scored.value, scored.lower, scored.upper))
    facts: dict[str, object] = {
        "step": "value",
        "value_if_won": number(value),
        "lower_quartile": number(lower),
        "upper_quartile": number(upper),
        "model_expected_value": float(scored.model_value[i]),
    }
    if np.isnan(value):
        return Step("Value if won", ("not known: no amount, and nothing to learn one from",), facts)
    how = str(revenue.model.form) if revenue.model is not None else "the amount as entered"
    lines = (
        f"{money(value)} by {how}; quartiles {money(lower)} and {money(upper)}",
        f"expected: {scored.probability[i]:.2%} × {money(value)} = {money(float(scored.model_value[i]))}",
    )
    return Step("Value if won", lines, facts)


def _rep(revenue: Revenue, i: int) -> Step:
    scored = revenue.scored
    chance, value = float(scored.rep_probability[i]), float(scored.rep_value[i])
    facts: dict[str, object] = {
        "step": "rep",
        "rep_probability": number(chance),
        "rep_expected_value": number(value),
        "risk_flag": str(scored.flag[i]),
    }
    if np.isnan(chance):
        return Step("The rep", ("gives no probability",), facts)
    said = f"says {chance:.0%}" + ("" if np.isnan(value) else f", which makes {money(value)}")
    delta = "" if np.isnan(value) else f"; {money(value - float(scored.model_value[i]))} more than the model"
    return Step("The rep", (f"{said}{delta}", f"risk flag: {scored.flag[i] or 'none'}"), facts)


def _scenarios(revenue: Revenue, i: int) -> Step:
    scored, result = revenue.scored, revenue.forecast
    closes = np.datetime64(int(scored.close[i]), "D")
    why = ", moved: the entered one has passed or is missing" if scored.moved[i] else ""
    lines = [f"half of its chance comes by {closes}{why}"]
    counted = {}
    for scenario in result.scenarios:
        value = float(scored.worth_in(scenario)[i])
        basis = float(np.nan_to_num(scored.basis(scenario.basis))[i])
        parts = to_cents(won_in(scored, scenario, result.rest, revenue.rules.quarters)[i] * basis)
        brought = {name: round(float(part), 2) for name, part in zip(result.quarter_names, parts, strict=True) if part}
        brought |= {"later": round(value - float(parts.sum()), 2)} if round(value - float(parts.sum()), 2) else {}
        lines.append(
            f"{scenario.name}: {money(value)}" + "".join(f"; {name} {money(v)}" for name, v in brought.items())
        )
        counted[scenario.name] = {"value": value, "quarters": brought}
    return Step(
        "In the forecast",
        tuple(lines),
        {"step": "forecast", "closes": str(closes), "moved": bool(scored.moved[i]), "scenarios": counted},
    )
