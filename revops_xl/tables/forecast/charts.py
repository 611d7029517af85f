"""The rows behind the dashboard's charts of the forecast."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import to_cents
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.revenue import Revenue
from revops_xl.tables.forecast.forecast import OUTSIDE
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Drawing
from revops_xl.tables.schema.result import Formula, ResultTable, all_distinct_criteria, matches_itself, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

TOP_DEALS = 12
#: More branches than this nobody reads in a chart; the largest are shown.
MOST_REGIONS = 20


def _money(name: str, text: str) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=20, number_format=WHOLE_MONEY)


QUARTERS = Table(
    "QuarterForecast",
    "The Baseline by quarter, with its interval.",
    (
        Column("Forecast quarter", Kind.TEXT, "The quarter.", width=20),
        _money("Quarter deals", "From open deals."),
        _money("Quarter unseen", "From deals that do not exist yet."),
        _money("Quarter total", "Both."),
        _money("Quarter low", "Lower end of the interval."),
        _money("Quarter high", "Upper end."),
    ),
    result=True,
    keys=("Forecast quarter",),
)
YEARS = Table(
    "ScenarioYear",
    "The year by scenario.",
    (
        Column("Year scenario", Kind.TEXT, "As in Scenarios.", width=20),
        _money("Year total", "Sum of the first four quarters."),
        _money("Year OpEx", "What may safely be spent of it."),
    ),
    result=True,
    keys=("Year scenario",),
)
REGIONS = Table(
    "RegionRisk",
    "What reps and model expect of the open deals, by branch.",
    (
        Column("Risk branch", Kind.NODE, "The node right below the top node.", width=20),
        _money("Reps expect", "Rep probability x amount."),
        _money("Model expects", "Model probability x value."),
    ),
    result=True,
    keys=("Risk branch",),
)
DEALS = Table(
    "TopDeals",
    f"The {TOP_DEALS} open deals of which most is expected, by rep or model.",
    (
        Column("Top deal", Kind.TEXT, "Deal and rep.", width=30),
        _money("Deal by rep", "Rep probability x amount."),
        _money("Deal by model", "Model probability x value."),
        Column("Deal risk", Kind.TEXT, "Risk flag.", width=12),
    ),
    result=True,
    keys=("Top deal",),
)
TABLES = (QUARTERS, YEARS, REGIONS, DEALS)


def render(outcome: Outcome) -> list[ResultTable]:
    """All four; empty without a forecast."""
    revenue = outcome.revenue
    if revenue is None:
        return [ResultTable.empty(table) for table in TABLES]
    return [_quarters(revenue), _years(revenue), _regions(outcome, revenue), _deals(revenue)]


def _quarters(revenue: Revenue) -> ResultTable:
    result, s = revenue.forecast, revenue.forecast.baseline
    name = result.scenarios[s].name
    live = matches_itself(name) and all_distinct_criteria(each.name for each in result.scenarios)
    quarter = this_row("QuarterForecast", "Forecast quarter")

    def cell(column: str, value: float) -> object:
        formula = f'SUMIFS(Forecast[{column}],Forecast[Scenario],"{name}",Forecast[Quarter],{quarter})'
        return Formula(formula, value) if live else value

    rows = [
        {
            "Forecast quarter": label,
            "Quarter deals": cell("Deals", float(result.deals[s, q])),
            "Quarter unseen": cell("Unseen", float(result.unseen[s, q])),
            "Quarter total": cell("Total", float(result.total[s, q])),
            "Quarter low": cell("Low", float(result.low[s, q])),
            "Quarter high": cell("High", float(result.high[s, q])),
        }
        for q, label in enumerate(result.quarter_names)
    ]
    return ResultTable.of_rows(QUARTERS, rows)


def _years(revenue: Revenue) -> ResultTable:
    result = revenue.forecast
    live = all_distinct_criteria(each.name for each in result.scenarios)
    mine = this_row("ScenarioYear", "Year scenario")
    year = result.year(result.total)

    def cell(column: str, value: float) -> object:
        return Formula(f"SUMIFS(Budget[{column}],Budget[Scenario],{mine})", value) if live else value

    rows = []
    for s, scenario in enumerate(result.scenarios):
        total = float(year[s])
        spend = float(to_cents(np.array([revenue.rules.opex_limit * total]))[0])
        rows.append(
            {
                "Year scenario": scenario.name,
                "Year total": cell("Year forecast", total),
                "Year OpEx": cell("Safe OpEx", spend),
            }
        )
    return ResultTable.of_rows(YEARS, rows)


def _regions(outcome: Outcome, revenue: Revenue) -> ResultTable:
    nodes, tree = revenue.nodes, outcome.quotas.inputs.tree
    if nodes is None:
        return ResultTable.empty(REGIONS)
    listed = [
        (tree.reference(node) if node >= 0 else OUTSIDE, float(rep), float(model))
        for node, rep, model in zip(nodes.node.tolist(), nodes.rep_value, nodes.model_value, strict=True)
        if node < 0 or tree.depth[node] == 1
    ]
    listed = [row for row in listed if row[1] or row[2]]
    largest = sorted(listed, key=lambda row: (-max(row[1], row[2]), row[0]))[:MOST_REGIONS]
    names = [row[0] for row in largest]
    live = all_distinct_criteria([name for name in names if name != OUTSIDE]) and OUTSIDE not in names
    mine = this_row("RegionRisk", "Risk branch")

    def cell(column: str, value: float) -> object:
        formula = f"SUMIFS(RiskAllocation[{column}],RiskAllocation[Node],{mine})"
        return Formula(formula, value) if live else value

    rows = [
        {
            "Risk branch": name,
            "Reps expect": cell("Rep expected value", rep),
            "Model expects": cell("Model expected value", model),
        }
        for name, rep, model in largest
    ]
    return ResultTable.of_rows(REGIONS, rows)


def _deals(revenue: Revenue) -> ResultTable:
    scored, deals = revenue.scored, revenue.deals
    rows = []
    for i in range(min(len(scored), TOP_DEALS)):
        row = int(scored.row[i])
        code = int(deals.rep.codes[row])
        rep = f" ({deals.rep.names[code]})" if code >= 0 else ""
        value = float(scored.rep_value[i])
        rows.append(
            {
                "Top deal": f"{deals.ids[row]}{rep}",
                "Deal by rep": None if np.isnan(value) else value,
                "Deal by model": float(scored.model_value[i]),
                "Deal risk": str(scored.flag[i]),
            }
        )
    return ResultTable.of_rows(DEALS, rows)


CHARTS = ResultSheet(
    "Forecast",
    "The forecast in charts",
    (QUARTERS, YEARS),
    Part.FORECAST,
    lambda outcome: render(outcome)[:2],
    (Drawing(QUARTERS.name, "forecast by quarter"), Drawing(YEARS.name, "year by scenario")),
    exported=False,
)
DEAL_CHARTS = ResultSheet(
    "Scored deals",
    "Open deals in charts",
    (REGIONS, DEALS),
    Part.FORECAST,
    lambda outcome: render(outcome)[2:],
    (Drawing(REGIONS.name, "reps against model"), Drawing(DEALS.name, "largest deals")),
    exported=False,
)
