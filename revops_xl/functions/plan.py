"""The tables of a plan as arguments: read by the same rules as those of a workbook, computed once for equal ones."""

from __future__ import annotations

from dataclasses import replace

from revops_xl.engine.planning.planning import groundwork, with_derived
from revops_xl.engine.quotas.cascade import cascade
from revops_xl.errors import PlanError, Problem
from revops_xl.functions.arguments import Arguments
from revops_xl.functions.cells import as_day
from revops_xl.functions.declare import Parameter, Takes
from revops_xl.functions.kept import Kept
from revops_xl.model import bounds
from revops_xl.model.plan import Plan
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.book import setting_list, settings
from revops_xl.tables.book.plan import parse
from revops_xl.tables.pipeline import thresholds
from revops_xl.tables.quotas import hierarchy, levels, metrics, overrides
from revops_xl.tables.schema.declare import Kind
from revops_xl.tables.schema.raw import RawBook, RawTable

NODE = Parameter("node", Takes.NAMES, "A node, or a range of nodes; Level: Name where two levels share a text.", needed=True, blank=True)  # fmt: skip
NEEDED = (
    Parameter("hierarchy", Takes.TABLE, "One row per IC: the level columns from the top node to the IC, then metric columns, as table Hierarchy.", needed=True, tables=(hierarchy.TABLE,)),
    Parameter("target", Takes.NUMBER, "Quota of the top node, in currency.", needed=True, above=0),
    Parameter("levels", Takes.TABLE_OR_TEXTS, "Names of the level columns, top first: a range, one text with commas, or table Levels with hedges.", needed=True, tables=(levels.LEVELS,)),
)  # fmt: skip
OPTIONAL = (
    Parameter("metrics", Takes.TABLE, "Table Metrics: what makes the shares. Blank: all columns *_Attainment.", tables=(metrics.TABLE,)),
    Parameter("hedges", Takes.TABLE_OR_NUMBER, "Default hedge of managers without one in levels, such as 1.05; or table NodeHedges. Blank: as settings say, else 1.", tables=(levels.NODE_HEDGES,), above=0),
    Parameter("overrides", Takes.TABLE, "Table Overrides: amounts fixed by node.", tables=(overrides.TABLE,)),
    Parameter("settings", Takes.TABLE, "Table Settings, or some of its rows: Setting and Value. What is an argument of its own stands instead of its row.", tables=(settings.TABLE,)),
)  # fmt: skip
PLAN = (*NEEDED, *OPTIONAL)
PIPELINE = Parameter("pipeline", Takes.TEXT, "Names of the pipeline columns of hierarchy, with commas; * stands for any text.", needed=True)  # fmt: skip
THRESHOLDS = Parameter("thresholds", Takes.TABLE, "Table Thresholds: coverage that is healthy and at risk, by node. Blank: 2 and 1.", tables=(thresholds.TABLE,))  # fmt: skip
MAX_CHANGE = Parameter("max_adjustment", Takes.NUMBER, "Most that a quota may move, as a part of it. Blank: as settings say, else 0.2.", **bounds.PART.limits)  # fmt: skip

#: How the tables of a plan workbook are written: headers and rows, without a totals row.
_NEEDED_FORMULA, _OPTIONAL_FORMULA = (
    ",".join(name if name == "Target" else f"{name}[[#Headers],[#Data]]" for name in names)
    for names in (("Hierarchy", "Target", "Levels"), ("Metrics", "NodeHedges", "Overrides", "Settings"))
)
PLAN_FORMULA = f"{_NEEDED_FORMULA},{_OPTIONAL_FORMULA}"
PIPELINE_FORMULA = f'{_NEEDED_FORMULA},"Pipeline_*",Thresholds[[#Headers],[#Data]],{_OPTIONAL_FORMULA}'

_PARTS = (*(each.name for each in PLAN), PIPELINE.name, THRESHOLDS.name, MAX_CHANGE.name)
#: Rows that an argument makes in Settings; far below those that a caller gives.
_OWN_ROWS = 10_000_000
_kept = Kept[tuple[Plan, QuotaPlan]](8)


def planned(arguments: Arguments) -> tuple[Plan, QuotaPlan]:
    """The plan of these arguments and its quotas.

    Raises:
        PlanError: With every problem, each named by its argument.
    """
    return _kept.get(arguments.key(*_PARTS), lambda: _plan(arguments))


def _plan(arguments: Arguments) -> tuple[Plan, QuotaPlan]:
    plan, problems = parsed(arguments)
    if plan is None or problems:
        raise PlanError(problems)
    given = plan.planning.inputs
    if given.tenure is None or given.period is None:
        return plan, cascade(plan.inputs)
    ground = groundwork(given, plan.inputs.target, plan.inputs.tree)  # who is there when
    return plan, cascade(with_derived(plan.inputs, ground))


def parsed(arguments: Arguments) -> tuple[Plan | None, list[Problem]]:
    """The plan of these arguments, None where it has problems, each named by its argument."""
    book, made = _book(arguments)
    plan, problems = parse(book)
    return plan, list(dict.fromkeys(_by_argument(problem, made) for problem in problems))


def _book(arguments: Arguments) -> tuple[RawBook, list[str]]:
    """The arguments as the tables of a workbook, and the argument that each row made for Settings stands for."""
    tables: dict[str, RawTable] = {}

    def add(name: str, table: str) -> None:
        raw = arguments.table(name, table) if name in {each.name for each in arguments.function.parameters} else None
        if raw is not None:
            tables[table] = raw

    add("hierarchy", "Hierarchy")
    add("metrics", "Metrics")
    add("overrides", "Overrides")
    add("thresholds", "Thresholds")
    rows: dict[str, tuple[str, object]] = {"Target": ("target", arguments.number("target"))}
    if arguments.given("hedges"):
        if arguments.is_table("hedges", "Node"):
            add("hedges", "NodeHedges")
        else:
            rows["Default hedge"] = ("hedges", arguments.number("hedges"))
    if arguments.given("pipeline"):
        rows["Pipeline columns"] = ("pipeline", ", ".join(arguments.texts("pipeline")))
    if arguments.given("max_adjustment"):
        rows["Max adjustment %"] = ("max_adjustment", arguments.number("max_adjustment"))
    if MAX_CHANGE.name in {each.name for each in arguments.function.parameters}:
        rows["Adjustment mode"] = (MAX_CHANGE.name, setting_list.REDISTRIBUTE)  # who asks what moves wants it moved
    tables["Levels"] = _levels(arguments)
    tables["Settings"] = _settings(arguments.table("settings", "Settings"), {k: v for k, (_, v) in rows.items()})
    arguments.refuse()
    return RawBook("the arguments", tables), [name for name, _ in rows.values()]


def _levels(arguments: Arguments) -> RawTable:
    if arguments.is_table("levels", "Level"):
        given = arguments.table("levels", "Levels")
        if given is not None:
            return given
    names = arguments.texts("levels")
    return RawTable("Levels", "levels", ("Level", "Hedge"), (names, [None] * len(names)), range(1, len(names) + 1))


def _settings(given: RawTable | None, rows: dict[str, object]) -> RawTable:
    """Settings with rows of our own instead of those of the same name."""
    if given is None or not {"Setting", "Value"} <= set(given.headers):
        if given is not None:
            raise PlanError([Problem("settings", "", "needs the columns Setting and Value")])
        given = RawTable("Settings", "settings", ("Setting", "Value"), ([], []), [])
    names = list(given.column("Setting"))
    days = {s.name.lower() for s in setting_list.SETTINGS if s.column.kind is Kind.DATE}
    values = [
        as_day(value) or value if str(name).strip().lower() in days and not isinstance(value, bool) else value
        for name, value in zip(names, given.column("Value"), strict=True)
    ]
    ours = {name.lower() for name in rows}
    kept = [i for i, name in enumerate(names) if str(name).lower() not in ours]  # blanks around a name are refused
    columns = ([*(names[i] for i in kept), *rows], [*(values[i] for i in kept), *rows.values()])
    numbers = [*(int(given.rows[i]) for i in kept), *range(_OWN_ROWS, _OWN_ROWS + len(rows))]
    return RawTable("Settings", "settings", ("Setting", "Value"), columns, numbers)


def _by_argument(problem: Problem, made: list[str]) -> Problem:
    """A problem of a row that an argument made is one of that argument."""
    number = problem.cell.removeprefix("row ").partition(",")[0]
    if problem.sheet == "settings" and number.isdigit() and int(number) >= _OWN_ROWS:
        return replace(problem, sheet=made[int(number) - _OWN_ROWS], cell="")
    return problem
