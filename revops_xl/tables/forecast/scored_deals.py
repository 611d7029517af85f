"""Sheet Scored deals: what each open deal is worth, and why."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.forecast import HIGH_RISK, MEDIUM_RISK, RiskFlag
from revops_xl.model.parts import Part
from revops_xl.model.revenue import Revenue
from revops_xl.tables.schema.days import to_date
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import InSight, Words
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultColumn, ResultTable, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

PERCENT_1, DELTA = "0.0%", "#,##0;-#,##0"
#: Chances to be won in each quarter of the year ahead.
CHANCES = ("This quarter", "Next quarter", "In 2 quarters", "In 3 quarters")
TABLE = Table(
    "ScoredDeals",
    "Every open deal, the weightiest first: by the larger of what rep and model expect of it.",
    (
        Column("Deal ID", Kind.TEXT, "Id of the deal.", width=12),
        Column("Account ID", Kind.TEXT, "Its account.", width=12),
        Column("Rep", Kind.TEXT, "Its rep.", width=18),
        Column("Rep probability", Kind.PERCENT, "Win probability by the rep.", unit="%", width=11, number_format="0%"),
        Column("Model probability", Kind.PERCENT, "Win probability by the model; by the rep where there is none.", unit="%", width=11, number_format=PERCENT_1),
        Column("Rep expected value", Kind.MONEY, "Rep probability x amount.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Model expected value", Kind.MONEY, "Model probability x value if won.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Delta risk", Kind.MONEY, "Rep less model: what the rep expects too much.", unit="currency", width=14, number_format=DELTA),
        Column("Risk flag", Kind.TEXT, f"High: the rep's probability is {HIGH_RISK:.0%} points or more above the model's; Medium: {MEDIUM_RISK:.0%}; Upside: as far below.".replace("% points", " points"), width=10),
        Column("Key drivers", Kind.TEXT, "What moves the probability away from that of the usual deal, in percentage points.", width=62),
        Column("Stage", Kind.TEXT, "Stage in the CRM.", width=14),
        Column("Amount", Kind.MONEY, "Amount by the rep.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Value if won", Kind.MONEY, "What the deal is expected to bring if it is won.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Lower quartile", Kind.MONEY, "It brings less with a chance of a quarter.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Upper quartile", Kind.MONEY, "It brings more with a chance of a quarter.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Expected close", Kind.DATE, "Day by which half of the chance to win has come. Where too little is known of past deals: the close date, moved by how late deals of its age close if it has passed.", unit="date", width=12),
        Column("Quarter", Kind.TEXT, "Quarter of the expected close.", width=10),
        Column(CHANCES[0], Kind.PERCENT, "Chance to be won in the rest of the running quarter.", unit="%", width=9, number_format=PERCENT_1),
        Column(CHANCES[1], Kind.PERCENT, "Chance to be won in the next quarter.", unit="%", width=9, number_format=PERCENT_1),
        Column(CHANCES[2], Kind.PERCENT, "Chance to be won in the quarter after that.", unit="%", width=9, number_format=PERCENT_1),
        Column(CHANCES[3], Kind.PERCENT, "Chance to be won in the last quarter of the year ahead.", unit="%", width=9, number_format=PERCENT_1),
        Column("Note", Kind.TEXT, "What to know about the row.", width=46),
    ),
    result=True,
    keys=("Deal ID",),
)  # fmt: skip

_CHANCE, _MODEL, _REP_VALUE, _MODEL_VALUE, _AMOUNT, _VALUE = (
    this_row(TABLE.name, name)
    for name in (
        "Rep probability",
        "Model probability",
        "Rep expected value",
        "Model expected value",
        "Amount",
        "Value if won",
    )
)
_GAP = f"ROUND({_CHANCE}-{_MODEL},6)"
FORMULAS = {
    "Rep expected value": f'IF(OR({_CHANCE}="",{_AMOUNT}=""),"",ROUND({_CHANCE}*{_AMOUNT},2))',
    "Model expected value": f"ROUND({_MODEL}*{_VALUE},2)",
    "Delta risk": f'IF({_REP_VALUE}="","",ROUND({_REP_VALUE}-{_MODEL_VALUE},2))',
    "Risk flag": f'IF(OR({_CHANCE}="",{_MODEL}=""),"",IF({_GAP}>={HIGH_RISK},"{RiskFlag.HIGH}",IF({_GAP}>={MEDIUM_RISK},"{RiskFlag.MEDIUM}",'
    f'IF({_GAP}<=-{MEDIUM_RISK},"{RiskFlag.UPSIDE}","{RiskFlag.NONE}"))))',
}


def render(revenue: Revenue | None) -> ResultTable:
    """One row per open deal; expected values, delta and flag are formulas while there are few."""
    if revenue is None:
        return ResultTable.empty(TABLE)
    scored, deals = revenue.scored, revenue.deals
    rows = scored.row
    amount = deals.amount[rows]
    stage = deals.stage.values[rows]
    values: dict[str, ResultColumn] = {
        "Deal ID": [str(each) for each in deals.ids[rows]],
        "Account ID": Coded(deals.account.codes[rows], deals.account.names),
        "Rep": Coded(deals.rep.codes[rows], deals.rep.names),
        "Rep probability": scored.rep_probability,
        "Model probability": scored.probability,
        "Rep expected value": scored.rep_value,
        "Model expected value": scored.model_value,
        "Delta risk": np.round(scored.rep_value - scored.model_value, 2),
        "Risk flag": [str(flag) for flag in scored.flag],
        "Key drivers": list(scored.drivers),
        "Stage": Coded(np.where(np.isnan(stage), -1, stage).astype(np.int32), list(deals.stage.levels)),
        "Amount": amount,
        "Value if won": scored.value,
        "Lower quartile": scored.lower,
        "Upper quartile": scored.upper,
        "Expected close": [to_date(day) for day in scored.close.tolist()],
        "Quarter": [
            revenue.forecast.calendar.quarter_name(revenue.forecast.first + q) for q in scored.quarter.tolist()
        ],
        **{name: scored.won_in[:, q] for q, name in enumerate(CHANCES)},
        "Note": [_note(revenue, i) for i in range(len(scored))],
    }
    live = len(scored) <= LIVE_CHECK_ROWS
    for name, formula in FORMULAS.items() if live else ():
        listed = values[name]
        if name != "Risk flag" or any(scored.flag):
            cells: list[Any] = listed.tolist() if isinstance(listed, np.ndarray) else list(listed)  # type: ignore[arg-type]
            values[name] = [Formula(formula, "" if cell != cell else cell) for cell in cells]  # noqa: PLR0124  (NaN)
    return ResultTable.of_columns(TABLE, values)


def _note(revenue: Revenue, i: int) -> str:
    """What a reader should know about a deal."""
    scored, deals = revenue.scored, revenue.deals
    row = int(scored.row[i])
    notes = []
    if scored.moved[i]:
        entered = to_date(float(deals.close[row]))
        notes.append(f"close date {entered} has passed" if entered else "no close date")
    elif deals.calendar.quarter_at(float(deals.close[row])) != revenue.forecast.first + scored.quarter[i]:
        notes.append(f"close date {to_date(float(deals.close[row]))}")
    if not deals.amount[row] > 0:
        notes.append("no amount" if np.isnan(scored.value[i]) else "no amount: value from like deals")
    if scored.large[i]:
        notes.append("mega deal")
    if scored.quarter[i] >= revenue.rules.quarters:
        notes.append("closes after the forecast")
    return "; ".join(notes)


SHEET = ResultSheet(
    "Scored deals",
    "What each open deal is worth, and why",
    (TABLE,),
    Part.FORECAST,
    lambda outcome: [render(outcome.revenue)],
    (
        Words.of(TABLE.name, "Risk flag", [RiskFlag.HIGH, RiskFlag.MEDIUM, RiskFlag.UPSIDE]),
        InSight(TABLE.name, "Account ID"),
    ),
)
