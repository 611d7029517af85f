"""Sheet Model report: how the deal model was chosen, what it reads, and how well it did on deals it had not seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.deal_model import Family, Report, Use, ValueStanding
from revops_xl.model.parts import Part
from revops_xl.model.revenue import Revenue
from revops_xl.model.wording import counted
from revops_xl.tables.schema.days import to_date
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Drawing, Highlight, Tone, Words
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

FIGURE = "[>=100]#,##0;0.000"
SIGNED_PERCENT = "+0.0%;-0.0%;0.0%"
REPORT = Table(
    "ModelReport",
    "Deals that were open at the start of each past quarter, forecast by what was known then, against what was won in it. Without usable days: the last fifth of the closed deals.",
    (
        Column("Measure", Kind.TEXT, "What is measured.", width=26),
        Column("Model", Kind.NUMBER, "The model.", width=14, number_format=FIGURE),
        Column("Base rate", Kind.NUMBER, "What deals of the same age have shown; without usable days the overall win rate.", width=14, number_format=FIGURE),
        Column("Reps", Kind.NUMBER, "The reps' own probabilities and amounts, on the deals that have some.", width=14, number_format=FIGURE),
        Column("What it means", Kind.TEXT, "How to read it.", width=70),
    ),
    result=True,
    keys=("Measure",),
)  # fmt: skip
CHOICE = Table(
    "ModelChoice",
    "What was tried on earlier deals, cut in time three times; the hold-out had no part in it.",
    (
        Column("Question", Kind.TEXT, "Chance to win, or value if won.", width=16),
        Column("Candidate", Kind.TEXT, "What was tried.", width=44),
        Column("Loss", Kind.NUMBER, "Log-loss of the chance; of a value the root mean square error, in currency.", width=12, number_format=FIGURE),
        Column("Bias", Kind.PERCENT, "Of a value: predicted / actual - 1.", unit="%", width=10, number_format=SIGNED_PERCENT),
        Column("Chosen", Kind.TEXT, "Whether it is the one.", width=9),
        Column("Remark", Kind.TEXT, "Why it was not tried.", width=60),
    ),
    result=True,
    keys=("Question", "Candidate"),
)  # fmt: skip
COLUMNS = Table(
    "ModelColumns",
    "What the model reads, the strongest first, and what was left out and why.",
    (
        Column("Feature", Kind.TEXT, "A column of Deals, or what is derived from it as of each day.", width=30),
        Column("Use", Kind.TEXT, "Used, or left out.", width=26),
        Column("Effect (pts)", Kind.NUMBER, "Mean size of its part in a probability, over the open deals, in percentage points.", unit="pts", width=11, number_format="0.0"),
        Column("More of it", Kind.TEXT, "Whether more of it makes winning likelier.", width=12),
        Column("Why", Kind.TEXT, "What was found out about it.", width=80),
    ),
    result=True,
    keys=("Feature",),
)  # fmt: skip
RELIABILITY = Table(
    "Reliability",
    "Deals of the report in groups of nearly equal probability: how many were won.",
    (
        Column("Group", Kind.TEXT, "From the least to the most likely.", width=10),
        Column("Deals", Kind.INTEGER, "How many.", width=9),
        Column("Predicted", Kind.PERCENT, "Mean probability.", unit="%", width=11, number_format="0.0%"),
        Column("Won", Kind.PERCENT, "Part that was won.", unit="%", width=11, number_format="0.0%"),
        Column("Low", Kind.PERCENT, "If the probabilities are right, Won lies above this and below High in nine of ten groups.", unit="%", width=11, number_format="0.0%"),
        Column("High", Kind.PERCENT, "The upper end.", unit="%", width=11, number_format="0.0%"),
    ),
    result=True,
    keys=("Group",),
)  # fmt: skip
DOLLARS = Table(
    "DollarBias",
    "Said against came: what the deals open at its start were forecast to bring in each past quarter, and what they brought; then by region.",
    (
        Column("Part", Kind.TEXT, "Quarter or Region.", width=10),
        Column("Name", Kind.TEXT, "Which one.", width=22),
        Column("Deals", Kind.INTEGER, "How many.", width=9),
        Column("Predicted", Kind.MONEY, "Probability x value, added up.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Actual", Kind.MONEY, "What the won ones brought.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Reps", Kind.MONEY, "What the reps' probabilities, amounts and close dates said then, as far as past runs kept them.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Bias", Kind.PERCENT, "Predicted / actual - 1; positive: too much was forecast.", unit="%", width=10, number_format=SIGNED_PERCENT),
        Column("Low", Kind.MONEY, "Lower end of the forecast's interval.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("High", Kind.MONEY, "Upper end.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("In interval", Kind.TEXT, "Whether what came lies in it.", width=11),
    ),
    result=True,
    keys=("Part", "Name"),
)  # fmt: skip
DERIVED = "derived from Deals, as of each day"


def render(revenue: Revenue | None) -> list[ResultTable]:
    """All tables of the sheet; empty without a model."""
    if revenue is None or revenue.model is None:
        return [ResultTable.empty(table) for table in SHEET.tables]
    return [
        _report(revenue.report),
        _choice(revenue),
        _columns(revenue),
        _reliability(revenue.report),
        _dollars(revenue.report),
    ]


def _report(report: Report | None) -> ResultTable:
    if report is None:
        return ResultTable.empty(REPORT)
    since = to_date(report.since)
    what = f"Deals that closed from {since} on. The reps are judged by those that have a rep probability."
    if report.past_quarters:
        what = f"Open at the start of {counted(report.past_quarters, 'past quarter')} from {since} on; columns as of today."
    measures = (
        (
            "Deals",
            "deals",
            what,
        ),
        ("Log-loss", "log_loss", "Mean surprise; lower is better. The base rate is what the model must beat."),
        ("Brier score", "brier", "Mean squared error of the probability; lower is better."),
        (
            "ROC AUC",
            "auc",
            "Part of the pairs of a won and a lost deal that are ordered rightly; 0.5 is chance, 1 is perfect.",
        ),
        (
            "Calibration error",
            "calibration_error",
            "Mean distance of probability and win rate over the groups of Reliability.",
        ),
        (
            "… by chance alone",
            "calibration_noise",
            "Calibration error of probabilities that are right, by chance: so many deals show no less.",
        ),
        ("Forecast", "predicted", "Probability x value, added up."),
        ("Actual", "actual", "What the won deals brought."),
        ("Dollar bias", "dollar_bias", "Forecast / actual - 1; positive: too much was forecast."),
    )
    rows: list[dict[str, Any]] = [
        {"Measure": name}
        | {
            column: None if each is None else _number(getattr(each, field))
            for column, each in (("Model", report.model), ("Base rate", report.base), ("Reps", report.reps))
        }
        | {"What it means": text}
        for name, field, text in measures
    ]
    rows += [
        {"Measure": "Parts in their interval", "Model": _number(report.covered), "Base rate": None, "Reps": None, "What it means": "Part of the quarters and regions of DollarBias whose dollars lie in their 80 % interval."},
        {"Measure": "Values in their interval", "Model": _number(report.values_covered), "Base rate": None, "Reps": None, "What it means": "Part of the won deals that brought between the 10 % and the 90 % quantile of their value; blank: values are the amounts."},
    ]  # fmt: skip
    return ResultTable.of_rows(REPORT, rows)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _choice(revenue: Revenue) -> ResultTable:
    model = revenue.model
    if model is None:
        return ResultTable.empty(CHOICE)
    rows: list[dict[str, Any]] = [
        {
            "Question": "Chance to win",
            "Candidate": str(standing.candidate),
            "Loss": _number(standing.loss),
            "Bias": None,
            "Chosen": "yes" if standing.chosen else "",
            "Remark": standing.why_not,
        }
        for standing in model.standings
    ]
    rows.append(
        {
            "Question": "Chance to win",
            "Candidate": f"correction: {model.treatment}",
            "Loss": None,
            "Bias": None,
            "Chosen": "yes",
            "Remark": "" if str(model.treatment) != "none" else "the probabilities held on later deals as they were",
        }
    )
    if all(not standing.chosen for standing in model.value_standings) or not model.value_standings:
        rows.append(
            {
                "Question": "Value if won",
                "Candidate": str(model.form),
                "Loss": None,
                "Bias": None,
                "Chosen": "yes",
                "Remark": "the won deals show no other value than their amount"
                if model.form == "the amount as entered"
                else "",
            }
        )
    rows += [
        {
            "Question": "Value if won",
            "Candidate": _named(standing),
            "Loss": standing.error,
            "Bias": _number(standing.bias),
            "Chosen": "yes" if standing.chosen else "",
            "Remark": "",
        }
        for standing in model.value_standings
    ]
    return ResultTable.of_rows(CHOICE, rows)


def _columns(revenue: Revenue) -> ResultTable:
    model = revenue.model
    if model is None:
        return ResultTable.empty(COLUMNS)
    entered = {column.name: column for column in model.columns}
    word = {1: "likelier", -1: "less likely", 0: ""}
    reads = model.is_learned or bool(revenue.effects)
    rows: list[dict[str, Any]] = []
    for effect in revenue.effects:
        column = entered.get(effect.name)
        rows.append(
            {
                "Feature": effect.name,
                "Use": str(Use.USED),
                "Effect (pts)": effect.points,
                "More of it": word[effect.direction],
                "Why": column.why if column else DERIVED,
            }
        )
    shown = {effect.name for effect in revenue.effects}
    idle = "not read: the chosen model does without"
    rows += [
        {
            "Feature": column.name,
            "Use": str(column.use) if column.use != Use.USED or reads else idle,
            "Effect (pts)": None,
            "More of it": "",
            "Why": column.why,
        }
        for column in sorted(model.columns, key=lambda each: (each.use != Use.LEAK, each.use != Use.USED, each.name))
        if column.name not in shown
    ]
    return ResultTable.of_rows(COLUMNS, rows)


def _reliability(report: Report | None) -> ResultTable:
    bins = report.bins if report is not None else ()
    return ResultTable.of_rows(
        RELIABILITY,
        [
            {
                "Group": f"Group {i}",
                "Deals": each.deals,
                "Predicted": each.predicted,
                "Won": each.actual,
                "Low": each.low,
                "High": each.high,
            }
            for i, each in enumerate(bins, start=1)
        ],
    )


def _dollars(report: Report | None) -> ResultTable:
    parts = report.parts if report is not None else ()
    return ResultTable.of_rows(
        DOLLARS,
        [
            {
                "Part": part.kind,
                "Name": part.name,
                "Deals": part.deals,
                "Predicted": round(part.predicted, 2),
                "Actual": round(part.actual, 2),
                "Reps": None if part.reps is None else round(part.reps, 2),
                "Bias": part.predicted / part.actual - 1 if part.actual > 0 else None,
                "Low": round(part.low, 2),
                "High": round(part.high, 2),
                "In interval": "yes" if part.inside else "no",
            }
            for part in parts
        ],
    )


def _named(standing: ValueStanding) -> str:
    """A form of the value as people say it."""
    by = {Family.LOGISTIC: ": ridge regression", Family.BOOSTING: ": gradient boosting"}.get(standing.family, "")
    return f"{standing.form}{by}" + (", large deals capped" if standing.capped else "")


SHEET = ResultSheet(
    "Model report",
    "How the deal model was chosen, and how well it did",
    (REPORT, CHOICE, COLUMNS, RELIABILITY, DOLLARS),
    Part.FORECAST,
    lambda outcome: render(outcome.revenue),
    (
        Highlight(CHOICE.name, (("Candidate", "Chosen"),), '{Chosen}="yes"', Tone.GOOD),
        Highlight(COLUMNS.name, (("Use", "Use"),), f'{{Use}}="{Use.LEAK}"', Tone.WATCH),
        Words(DOLLARS.name, "In interval", {"yes": Tone.GOOD, "no": Tone.WATCH}),
        Drawing(RELIABILITY.name, "reliability"),
    ),
)
