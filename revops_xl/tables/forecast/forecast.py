"""Sheet Forecast: revenue by quarter and scenario, what may be spent, and what reps and model say along the org."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.forecast import YEAR_QUARTERS, Scenario, ValueBasis
from revops_xl.model.money import Floats, to_cents
from revops_xl.model.org import OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.plan import Outlook
from revops_xl.model.revenue import Revenue
from revops_xl.tables.forecast.cohorts import LAG
from revops_xl.tables.forecast.scored_deals import CHANCES
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Drawing, TopNode
from revops_xl.tables.schema.result import (
    LIVE_CHECK_ROWS,
    Formula,
    ResultColumn,
    ResultTable,
    all_distinct_criteria,
    matches_itself,
    this_row,
)
from revops_xl.tables.schema.result_sheet import ResultSheet

OUTSIDE = "(not in Hierarchy)"


def _money(name: str, text: str, width: int = 15) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=width, number_format=WHOLE_MONEY)


FORECAST = Table(
    "Forecast",
    "Revenue by scenario and quarter. The year is in Budget.",
    (
        Column("Scenario", Kind.TEXT, "As in Scenarios.", width=14),
        Column("Quarter", Kind.TEXT, "Calendar quarter; the first is that of the day As of.", width=11),
        _money("Deals", "From open deals: their chances to be won in it x value if won."),
        _money("Unseen", "From deals that do not exist yet: Cohorts."),
        _money("Total", "Both."),
        _money("Low", "The total lies below with half the chance that Forecast interval leaves; simulated."),
        _money("High", "The total lies above with the other half."),
        Column("Quarters ahead", Kind.INTEGER, "Quarters from the running one.", width=10),
        _money("Won", "Won already in the quarter, up to As of; not in the total, which looks ahead."),
        Column("Delay", Kind.NUMBER, "Delay of the scenario.", unit="quarters", width=8, number_format="0.##"),
        _money("So far", "Total of the quarters from the running one up to this one."),
        _money("So far low", "Lower end of its interval."),
        _money("So far high", "Upper end."),
    ),
    result=True,
    keys=("Scenario", "Quarter"),
)
BUDGET = Table(
    "Budget",
    "The year, which is the next four quarters, or this fiscal year if the setting Forecast year says so; and what may be spent of it.",
    (
        Column("Scenario", Kind.TEXT, "As in Scenarios.", width=14),
        _money("Year forecast", "Sum of its quarters; of this fiscal year with what was won in it already."),
        _money("Year low", "Lower end of its interval."),
        _money("Year high", "Upper end."),
        _money("Safe OpEx", "OpEx limit x year forecast."),
        Column("Confidence", Kind.PERCENT, "The setting Budget confidence.", unit="%", width=11, number_format="0%"),
        _money("Exceeded with it", "The amount that the year exceeds with this confidence; simulated."),
        _money("Cautious OpEx", "OpEx limit x what is exceeded with confidence."),
        _money(
            "Rep target", "What reps expect: rep probability x amount of all open deals. Blank if no rep says anything."
        ),
        _money("Model value", "Probability x value of all open deals in this scenario, whenever they close."),
        _money("Delta risk", "Rep target less the model value of the same deals in this scenario."),
    ),
    result=True,
    keys=("Scenario",),
)
ALLOCATION = Table(
    "RiskAllocation",
    "What reps and model expect of the open deals, along the org, and each node's part of the safe OpEx of the Baseline.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node.", width=24),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        Column("Open deals", Kind.NUMBER, "How many; a split IC's are divided.", width=9, number_format="#,##0.##"),
        _money("Rep expected value", "Rep probability x amount."),
        _money("Model expected value", "Model probability x value if won."),
        _money("Delta risk", "Rep less model, over the deals for which the rep says something."),
        Column("Delta risk %", Kind.PERCENT, "Delta risk / rep expected value.", unit="%", width=10, number_format="0.0%;-0.0%"),
        _money("Budget allocation", "Part of the safe OpEx, by the model expected value of the deals due in the year."),
        _money("Won this quarter", "What was won in the running quarter up to As of."),
        _money("Due this quarter", "Model expected value of deals due in the running quarter."),
        _money("Machine forecast", "Both: what the running quarter is expected to bring. Feeds the commit review."),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
)  # fmt: skip
ESTIMATES = Table(
    "CohortEstimates",
    "What past deals suggest for Cohorts. Nothing is taken over by itself.",
    (
        Column("Cohort", Kind.TEXT, "As the column of Deals says it.", width=18),
        _money("Baseline", "Created a quarter x conversion x won value."),
        Column("Growth rate", Kind.PERCENT, "Growth of created deals a quarter, shrunk towards 0 where it may be chance.", unit="%", width=11, number_format="0.0%"),
        Column(LAG, Kind.NUMBER, "Median quarters from creation to winning.", unit="quarters", width=11, number_format="0.0"),
        Column("Quarters seen", Kind.INTEGER, "Whole quarters of created deals.", width=10),
        Column("Created a quarter", Kind.NUMBER, "Deals created a quarter, by the trend at its end.", width=11, number_format="#,##0.0"),
        Column("Conversion", Kind.PERCENT, "Part of them that is won: young deals that are still open are not failed ones.", unit="%", width=11, number_format="0.0%"),
        Column("Wins", Kind.INTEGER, "Won deals that this hangs on.", width=8),
        _money("Won value", "Mean of what a won deal brings; what mega deals bring beyond the usual is spread over all cohorts."),
    ),
    result=True,
    keys=("Cohort",),
)  # fmt: skip


def render(revenue: Revenue | None, outlook: Outlook) -> ResultTable:
    """One row per scenario and quarter; deals, unseen and total are formulas over ScoredDeals, Cohorts and Scenarios."""
    if revenue is None:
        return ResultTable.empty(FORECAST)
    result = revenue.forecast
    names = [scenario.name for scenario in result.scenarios]
    # a spreadsheet finds a scenario by its name
    live = all(map(matches_itself, names)) and outlook.live_scenarios
    live_deals = 0 < len(revenue.scored) <= LIVE_CHECK_ROWS and (live or not outlook.live_scenarios)
    has_cohorts = bool(len(revenue.cohorts.names))
    live_unseen = has_cohorts and outlook.live_cohorts and (live or not outlook.live_scenarios)
    rows: list[dict[str, Any]] = []
    mine = this_row("Forecast", "Deals"), this_row("Forecast", "Unseen")
    sums = to_cents(np.cumsum(result.total, axis=1))
    ahead, name = this_row("Forecast", "Quarters ahead"), this_row("Forecast", "Scenario")
    so_far = f'ROUND(SUMIFS(Forecast[Total],Forecast[Scenario],{name},Forecast[Quarters ahead],"<="&{ahead}),2)'
    for s, scenario in enumerate(result.scenarios):
        unseen = _unseen_formula(scenario, has_lag=outlook.has_lag, live=live) if live_unseen else None
        for q, quarter in enumerate(result.quarter_names):
            parts = float(result.deals[s, q]), float(result.unseen[s, q])
            deals = _deals_formula(scenario, q, result.rest, live=live) if live_deals and q < YEAR_QUARTERS else None
            delay = _setting("Delay (quarters)", "0", scenario.delay, live=True) if live else None
            rows.append(
                {
                    "Scenario": scenario.name,
                    "Quarter": quarter,
                    "Deals": Formula(deals, parts[0]) if deals else parts[0],
                    "Unseen": Formula(unseen, parts[1]) if unseen else parts[1],
                    "Total": Formula(f"ROUND({mine[0]}+{mine[1]},2)", float(result.total[s, q])),
                    "Low": float(result.low[s, q]),
                    "High": float(result.high[s, q]),
                    "Quarters ahead": q,
                    "Won": revenue.won_already if not q else 0.0,
                    "Delay": Formula(delay, scenario.delay) if delay and outlook.live_scenarios else scenario.delay,
                    "So far": Formula(so_far, float(sums[s, q])) if live else float(sums[s, q]),
                    "So far low": float(result.so_far_low[s, q]),
                    "So far high": float(result.so_far_high[s, q]),
                }
            )
    return ResultTable.of_rows(FORECAST, rows)


def _setting(column: str, blank: str, value: float, table: str = "Forecast", *, live: bool) -> str:
    """A cell of the row's scenario; a constant where the standard scenarios are used."""
    if not live:
        return f"{value:.15g}"
    cell = f"INDEX(Scenarios[{column}],MATCH({this_row(table, 'Scenario')},Scenarios[Scenario],0))"
    return f'IF({cell}="",{blank},{cell})'


def _worth(scenario: Scenario, table: str, *, live: bool) -> str:
    """Probability x value of every scored deal in the row's scenario."""
    factor = _setting("Conversion factor", "1", scenario.conversion, table, live=live)
    chance = "ScoredDeals[Model probability]"
    raised = f"(({chance}*{factor}>1)+({chance}*{factor}<=1)*{chance}*{factor})"
    return f"{raised}*{_basis(scenario, table, live=live)}"


def _basis(scenario: Scenario, table: str, *, live: bool) -> str:
    """The value of every scored deal that counts in the row's scenario."""
    columns = {ValueBasis.MEAN: "Value if won", ValueBasis.UPPER: "Upper quartile", ValueBasis.LOWER: "Lower quartile"}
    if live:
        basis = f"TRIM(INDEX(Scenarios[Value basis],MATCH({this_row(table, 'Scenario')},Scenarios[Scenario],0)))"
        value = "+".join(f'({basis}="{kind}")*ScoredDeals[{column}]' for kind, column in columns.items())
    else:
        value = f"ScoredDeals[{columns[scenario.basis]}]"
    return f"({value})"


def _deals_formula(scenario: Scenario, quarter: int, rest: float, *, live: bool) -> str:
    """What the deals bring in a quarter: chances to be won in it, after the delay, times value; each deal to the cent."""
    factor = _setting("Conversion factor", "1", scenario.conversion, live=live)
    chance = "ScoredDeals[Model probability]"
    raised = f"(({chance}*{factor}<=1)*{factor}+({chance}*{factor}>1)/({chance}+({chance}=0)))"
    timed = _timed(quarter, rest) if live else _timed_by(scenario.in_time(rest, YEAR_QUARTERS)[quarter])
    return f"ROUND(SUMPRODUCT(ROUND({raised}*({timed})*{_basis(scenario, 'Forecast', live=live)},2)),2)"


def _timed_by(parts: Floats) -> str:
    """Chance to be won in a quarter, as constant parts of the chances without a delay."""
    terms = [f"{part:.15g}*ScoredDeals[{name}]" for part, name in zip(parts.tolist(), CHANCES, strict=True) if part]
    return "+".join(terms).replace("1*S", "S") if terms else "0*ScoredDeals[Model probability]"


def _timed(quarter: int, rest: float) -> str:
    """The same with the delay in the row: the rule of `Scenario.in_time`."""
    delay = this_row("Forecast", "Delay")
    ends = [rest + q for q in range(quarter + 1)]
    starts = [0.0, *ends[:-1]]

    def before(at: float) -> str:
        return f"MAX({at!r}/(1+{delay}),{at!r}-{delay})" if at else "0"

    first, last = before(starts[quarter]), before(ends[quarter])
    terms = [
        f"MAX(0,MIN({last},{end!r})-MAX({first},{start!r}))/{end - start!r}*ScoredDeals[{name}]"
        for start, end, name in zip(starts, ends, CHANCES, strict=False)
    ]
    return "+".join(terms)


def _unseen_formula(scenario: Scenario, *, has_lag: bool, live: bool) -> str:
    """Baseline x (1 + growth)^t over the cohorts, after their lag."""
    factor = _setting("Unseen factor", "1", scenario.unseen, live=live)
    t = this_row("Forecast", "Quarters ahead")
    grown = f"Cohorts[Baseline]*(1+Cohorts[Growth rate])^{t}"
    if has_lag:
        part = f"({t}+1-Cohorts[{LAG}])"
        grown += f"*(({part}>=1)+({part}>0)*({part}<1)*{part})"
    return f"ROUND(SUMPRODUCT({grown})*{factor},2)"


def render_budget(revenue: Revenue | None, outlook: Outlook) -> ResultTable:
    """One row per scenario, as formulas over Forecast, ScoredDeals and the settings."""
    if revenue is None:
        return ResultTable.empty(BUDGET)
    result, rules, scored = revenue.forecast, revenue.rules, revenue.scored
    year = result.year(result.total)
    live = all_distinct_criteria(scenario.name for scenario in result.scenarios)
    name = this_row("Budget", "Scenario")
    won = f"{result.won_before!r}+" if result.won_before else ""
    total = f'ROUND({won}SUMIFS(Forecast[Total],Forecast[Scenario],{name},Forecast[Quarters ahead],"<{result.year_quarters}"),2)'
    few = 0 < len(scored) <= LIVE_CHECK_ROWS
    said = ~np.isnan(scored.rep_value)
    target = round(float(scored.rep_value[said].sum()), 2) if said.any() else None
    rows: list[dict[str, Any]] = []
    for s, scenario in enumerate(result.scenarios):
        values = revenue.scored.worth_in(scenario)
        model, forecast = round(float(values.sum()), 2), float(year[s])
        worth = f"ROUND(SUMPRODUCT(ROUND({_worth(scenario, 'Budget', live=live and outlook.live_scenarios)},2)),2)"
        rows.append(
            {
                "Scenario": scenario.name,
                "Year forecast": Formula(total, forecast) if live else forecast,
                "Year low": float(result.year_low[s]),
                "Year high": float(result.year_high[s]),
                "Safe OpEx": Formula(f"ROUND(OpEx_limit*{this_row('Budget', 'Year forecast')},2)", _cents(rules.opex_limit * forecast)),
                "Confidence": rules.confidence,
                "Exceeded with it": float(result.exceeded[s]),
                "Cautious OpEx": Formula(f"ROUND(OpEx_limit*{this_row('Budget', 'Exceeded with it')},2)", _cents(rules.opex_limit * float(result.exceeded[s]))),
                "Rep target": Formula("ROUND(SUM(ScoredDeals[Rep expected value]),2)", target) if few and target is not None else target,
                "Model value": Formula(worth, model) if few and (live or not outlook.live_scenarios) else model,
                "Delta risk": None if target is None else _cents(target - float(values[said].sum())),
            }
        )  # fmt: skip
    return ResultTable.of_rows(BUDGET, rows)


def _cents(value: float) -> float:
    return float(to_cents(np.array([value]))[0])


def render_allocation(tree: OrgTree, revenue: Revenue | None) -> ResultTable:
    """One row per node that has deals, in outline order; reps outside come last."""
    if revenue is None or revenue.nodes is None:
        return ResultTable.empty(ALLOCATION)
    nodes = revenue.nodes
    said = not np.isnan(revenue.scored.rep_value).all()
    place = {int(node): i for i, node in enumerate(nodes.node.tolist())}
    order = [node for node in [*tree.outline.tolist(), -1] if node in place]
    live = len(order) <= LIVE_CHECK_ROWS
    rep, won, due = (
        this_row("RiskAllocation", name) for name in ("Rep expected value", "Won this quarter", "Due this quarter")
    )
    rows: list[dict[str, Any]] = []
    for node in order:
        i = place[node]
        delta = float(nodes.delta[i])
        machine = _cents(float(nodes.won[i] + nodes.this_quarter[i]))
        share = delta / float(nodes.rep_value[i]) if nodes.rep_value[i] else None
        rows.append(
            {
                "Level": tree.levels[tree.level[node]] if node >= 0 else "",
                "Node": tree.reference(node) if node >= 0 else OUTSIDE,
                "Parent": tree.reference(int(tree.parent[node])) if node > 0 else None,
                "Open deals": round(float(nodes.count[i]), 6),
                "Rep expected value": float(nodes.rep_value[i]) if said else None,
                "Model expected value": float(nodes.model_value[i]),
                "Delta risk": delta if said else None,
                "Delta risk %": Formula(f'IF({rep}=0,"",{this_row("RiskAllocation", "Delta risk")}/{rep})', "" if share is None else share) if live else share,
                "Budget allocation": float(nodes.allocation[i]),
                "Won this quarter": float(nodes.won[i]),
                "Due this quarter": float(nodes.this_quarter[i]),
                "Machine forecast": Formula(f"ROUND({won}+{due},2)", machine) if live else machine,
            }
        )  # fmt: skip
    return ResultTable.of_rows(ALLOCATION, rows)


def render_estimates(revenue: Revenue | None) -> ResultTable:
    """One row per cohort of past deals."""
    if revenue is None or revenue.estimates is None:
        return ResultTable.empty(ESTIMATES)
    e = revenue.estimates
    columns: dict[str, ResultColumn] = {
        "Cohort": list(e.names),
        "Baseline": np.round(e.baseline, 2),
        "Growth rate": np.round(e.growth, 4),
        "Lag (quarters)": np.round(e.lag, 2),
        "Quarters seen": [e.quarters] * len(e.names),
        "Created a quarter": np.round(e.created, 2),
        "Conversion": np.round(e.conversion, 4),
        "Wins": e.wins,
        "Won value": np.round(e.won_value, 2),
    }
    return ResultTable.of_columns(ESTIMATES, columns)


def _tables(outcome: Outcome) -> list[ResultTable]:
    revenue, outlook = outcome.revenue, outcome.plan.outlook
    return [
        render(revenue, outlook),
        render_budget(revenue, outlook),
        render_allocation(outcome.quotas.inputs.tree, revenue),
        render_estimates(revenue),
    ]


SHEET = ResultSheet(
    "Forecast",
    "Revenue by quarter and scenario, and what may be spent",
    (FORECAST, BUDGET, ALLOCATION, ESTIMATES),
    Part.FORECAST,
    _tables,
    (
        TopNode(ALLOCATION.name, (("Level", "Level"), ("Node", "Node"), ("Parent", "Machine forecast"))),
        Drawing("DollarBias", "said against came"),
    ),
)
