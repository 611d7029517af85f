"""The texts of the pages for readers, Summary and Start, in one table: a row for each place on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import KnownTable
from revops_xl.model.verdicts import Level, level_of
from revops_xl.model.wording import counted
from revops_xl.tables.book.reading import charts, decisions, freshness, steps, story, tiles
from revops_xl.tables.book.reading.cells import address_of
from revops_xl.tables.book.reading.facts import Facts
from revops_xl.tables.book.reading.freshness import WHOLE, changed, of_the_run, stale
from revops_xl.tables.book.reading.marks import MARKS, marked
from revops_xl.tables.schema.check import ALARM, FAILED, NOTE, OK, STATUSES, WARNING, quoted
from revops_xl.tables.schema.days import to_date
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.raw import column_letters
from revops_xl.tables.schema.result import Formula, ResultTable

#: Heights in pixels of the rows of Summary above its charts, of those beside them, and the rows that a chart takes.
HEIGHTS, ROW, BAND = (34, 19, 8, 30, 22, 22, 8, 24, 36, 19, 21, 10), 21, 14
#: Rows of Summary (from 1) that a plan shows from its first run on, with their heights: empty charts say nothing.
SHOWN_LATER = {row + 1: HEIGHTS[row] if row < len(HEIGHTS) else ROW for row in range(6, len(HEIGHTS) + 2 * BAND + 2)}
#: Lines of Start about what to look at first.
LOOK_AT = 5
#: Letters of a line there.
_LONGEST = 70
TABLE = Table(
    "PageTexts",
    "What stands on Summary and Start, place by place.",
    (
        Column("Place", Kind.TEXT, "Where it stands.", width=14),
        Column("Text", Kind.TEXT, "What stands there.", width=40),
        Column("Figure", Kind.ANY, "The exact figure behind it.", width=16),
        Column("Shown", Kind.TEXT, "The figure as it is shown.", width=12),
        Column("Beside", Kind.TEXT, "What stands beside or below it.", width=40),
        Column("Verdict", Kind.TEXT, "Its verdict, with its mark.", width=30),
        Column("Link", Kind.TEXT, "Where a link leads.", width=30),
        Column("Label", Kind.TEXT, "What the link is called.", width=24),
    ),
    result=True,
    keys=("Place",),
)
PLACES = (
    "title", "headline", "supports", "against",
    *(f"tile {i}" for i in range(1, tiles.COUNT + 1)),
    *(f"chart {i}" for i in range(1, 5)),
    "decisions", *(f"decision {i}" for i in range(1, decisions.COUNT + 1)),
    "foot", "unit", "next", *(f"look {i}" for i in range(1, LOOK_AT + 1)), "more",
    *(f"step {i}" for i in range(1, len(steps.STEPS) + 1)),
)  # fmt: skip


def row_of(place: str) -> int:
    """Row of a place in the table, from 1."""
    return PLACES.index(place) + 1


@dataclass(frozen=True)
class Where:
    """Which tables a workbook has, or gets by this run, and where.

    Attributes:
        tables: Each with its place.
        rows: Row of each node in Quotas, from 1.
    """

    tables: Mapping[str, KnownTable]
    rows: Mapping[str, int]

    @property
    def sheets(self) -> set[str]:
        """Sheets on which they stand."""
        return {table.sheet for table in self.tables.values()}

    def link(self, table: str, node: str = "") -> tuple[Any, str]:
        """A link to a table, or to the row of a node in Quotas, and its label; blanks where it does not exist."""
        there = self.tables.get(table)
        if there is None:
            return None, ""
        if not node:
            return address_of(there.sheet), f"Open {there.sheet} →"
        top, head = address_of(there.sheet, ""), f"{table}[[#Headers],[Node]]"
        found = f"ROW({head})+IFERROR(MATCH({quoted(node)},{table}[Node],0),0)"
        column = column_letters(there.left + there.headers.index("Node"))
        cell = f"${column}${there.top + self.rows.get(node, 0)}"
        return Formula(f"{quoted(top)}&ADDRESS({found},COLUMN({head}))", top + cell), f"Open {there.sheet}: {node} →"

    def place(self, named: str) -> tuple[Any, str]:
        """A link to what a text names first, a cell, a node of Quotas, a table or a sheet, and its label; blanks for none of them."""
        sheets = self.sheets
        sheet, bang, cell = named.partition("!")
        if bang and sheet.strip("'") in sheets:
            label = f"{named.split(',', maxsplit=1)[0]} →"
            return address_of(sheet.strip("'"), cell.split(",")[0].split(" ")[0]), label
        whole = named.split(",", maxsplit=1)[0]
        for first in (whole, whole.split(" and ", maxsplit=1)[0], whole.split(":", maxsplit=1)[0]):
            if first in sheets:
                return address_of(first), f"{first} →"
            if first in self.tables:
                return self.link(first)[0], f"{self.tables[first].sheet} →"
            if first in self.rows and "Quotas" in self.tables:
                return self.link("Quotas", first)[0], f"{first} →"
        return None, ""

    def sheet_link(self, sheet: str) -> tuple[Any, str]:
        """A link to a sheet, where one of its tables stands on it."""
        return (address_of(sheet), f"{sheet} →") if sheet in self.sheets else (None, "")


def facts_of(outcome: Outcome, checked: ResultTable) -> Facts:
    """What the pages start from."""
    statuses = list(checked.values("Status"))
    failed = [
        str(name) for name, status in zip(checked.values("Check"), statuses, strict=True) if status in {FAILED, ALARM}
    ]
    return Facts(outcome, tuple(failed), sum(status in {FAILED, ALARM, WARNING} for status in statuses))


def render(
    outcome: Outcome,
    checked: ResultTable,
    when: dt.datetime,
    where: Where,
    rows: Mapping[str, int],
    left: Collection[str] = (),
) -> list[ResultTable]:
    """Everything behind Summary and Start.

    Args:
        outcome: What was computed.
        checked: The checks.
        when: Of the run.
        where: Which tables the workbook has.
        rows: Rows of its tables that no run fills.
        left: Parts that stay as an earlier run left them.
    """
    facts = facts_of(outcome, checked)
    pictures = charts.pictures(facts)
    texts = _Texts(facts, when, where)
    places = [
        *texts.head(),
        *texts.tiles(),
        *texts.charts(pictures),
        *texts.decisions(),
        texts.foot(checked),
        *texts.look(checked),
        *texts.steps(rows),
    ]
    blank = dict.fromkeys(TABLE.headers)
    by_place = {each["Place"]: blank | each for each in places}
    table = ResultTable.of_rows(TABLE, (by_place.get(place, blank | {"Place": place}) for place in PLACES))
    return [
        table,
        *(picture.table for picture in pictures),
        freshness.render_totals(outcome),
        freshness.render(outcome, when, left),
    ]


@dataclass(frozen=True)
class _Texts:
    """The places of the pages."""

    facts: Facts
    when: dt.datetime
    where: Where

    @property
    def day(self) -> str:
        return of_the_run(self.when)

    def head(self) -> list[dict[str, Any]]:
        """Title, state, and the three lines; of inputs that have changed since, the first line says so."""
        told, settings = story.story(self.facts), self.facts.outcome.plan.settings
        revenue = self.facts.outcome.revenue
        as_of = to_date(revenue.as_of) if revenue is not None else None
        about = [
            "The plan on a page",
            settings.period,
            f"{self.facts.scale.words} {settings.currency} unless stated",
            f"deals as of {of_the_run(dt.datetime(as_of.year, as_of.month, as_of.day))}" if as_of is not None else "",  # noqa: DTZ001
            f"run of {self.day}, {self.when:%H:%M} UTC",
        ]
        old = stale([WHOLE])
        again = f'"Run again: "&{changed(WHOLE)}&" changed since the run of {self.day}. What follows is of that run."'
        current, outdated = marked(Level.FINE, "Up to date"), marked(Level.WATCH, "Run again")
        calm = "no input has changed since the run"
        return [
            {
                "Place": "title",
                "Text": self._title(),
                "Beside": " · ".join(filter(None, about)),
                "Verdict": Formula(f'IF({old},"{outdated}","{current}")', current),
                "Shown": Formula(f'IF({old},"changed: "&{changed(WHOLE)},"{calm}")', calm),
            },
            {"Place": "unit", "Beside": f" · amounts in {settings.currency}"},
            {"Place": "headline", "Text": Formula(f"IF({old},{again},{quoted(told.headline)})", told.headline)},
            {
                "Place": "supports",
                "Text": Formula(f"IF({old},{quoted(told.headline)},{quoted(told.supports)})", told.supports),
            },
            {
                "Place": "against",
                "Text": Formula(f"IF({old},{quoted(told.supports)},{quoted(told.against)})", told.against),
            },
        ]

    def _title(self) -> Any:
        """Name of the plan. Where quotas are formulas it asks for the cascade first.

        LibreOffice calculates cells in the order in which they are asked for, and a cascade that it enters by its
        hedged layer comes out wrong (7.4); this is the first formula of the first sheet.
        """
        name = self.facts.outcome.plan.settings.plan
        if self.facts.outcome.steps is None:
            return name
        return Formula(f'IF(SUM(Cascade[Base units])<0,"",{quoted(name)})', name)

    def tiles(self) -> Iterable[dict[str, Any]]:
        """Six figures."""
        for i, tile in enumerate(tiles.tiles(self.facts), start=1):
            yield {
                "Place": f"tile {i}",
                "Text": tile.name,
                "Figure": tile.value,
                "Shown": tile.shown,
                "Beside": tile.beside,
                "Verdict": tile.verdict_of(self.day),
            }

    def charts(self, pictures: list[charts.Picture]) -> Iterable[dict[str, Any]]:
        """Titles; of figures that are of before, with their day."""
        for i, picture in enumerate(pictures, start=1):
            title: Any = picture.title
            if picture.parts:
                title = Formula(f'{quoted(picture.title)}&IF({stale(picture.parts)}," · {self.day}","")', picture.title)
            yield {"Place": f"chart {i}", "Text": title, "Beside": picture.unit}

    def decisions(self) -> Iterable[dict[str, Any]]:
        """What to decide; where inputs have changed since, as of the run."""
        heading, found = decisions.decisions(self.facts)
        yield {
            "Place": "decisions",
            "Text": Formula(f'{quoted(heading)}&IF({stale([WHOLE])}," · {self.day}","")', heading),
        }
        for i, each in enumerate(found, start=1):
            address, label = self.where.link(each.table, each.node)
            lines = each.lines
            yield {
                "Place": f"decision {i}",
                "Text": f"{i}  {each.what}",
                "Figure": each.amount,
                "Shown": each.shown or self.facts.scale.say(each.amount),
                "Beside": lines[0] if lines else None,
                "Verdict": lines[1] if len(lines) > 1 else None,
                "Link": address,
                "Label": label or None,
            }

    def foot(self, checked: ResultTable) -> dict[str, Any]:
        """What the marks mean, and how the checks went."""
        counts = {status: list(checked.values("Status")).count(status) for status in STATUSES}
        bad = counts[FAILED] + counts[ALARM]
        judged, spoken = self.facts.outcome.planning.attainability, self.facts.outcome.planning.ground.target_range
        other = ""
        if self.facts.spoken is None and spoken is not None and spoken.complete and judged is not None:
            other = f"Bookings alone: {spoken.chance:.0%} (Plan health says why two)"
        texts = [
            "   ".join(f"{MARKS[level]} {level if level is not Level.NONE else 'no verdict'}" for level in Level),
            f"Checks: {counts[OK]} hold, {counts[WARNING]} to look at, {bad} failed",
            other,
        ]
        return {"Place": "foot", "Text": "      ".join(filter(None, texts))}

    def look(self, checked: ResultTable) -> Iterable[dict[str, Any]]:
        """What to look at first, and what to do next."""
        names = ("Status", "Check", "Value", "Where", "What to do")
        rows = list(zip(*(checked.values(name) for name in names), strict=True))
        worst = [row for wanted in (FAILED, ALARM, WARNING) for row in rows if row[0] == wanted]
        for i, (status, name, value, place, advice) in enumerate(worst[:LOOK_AT], start=1):
            address, label = self.where.place(str(place))
            if address is None:
                address, label = self.where.link("Checks")[0], "Checks →"
            yield {
                "Place": f"look {i}",
                "Text": str(name),
                "Figure": value if isinstance(value, int | float) else None,
                "Shown": _plain(value),
                "Beside": _first(str(advice or "")),
                "Verdict": MARKS[level_of(str(status))],
                "Link": address,
                "Label": label or None,
            }
        rest, notes = len(worst) - LOOK_AT, sum(row[0] == NOTE for row in rows)
        more = f"{rest} more, and {counted(notes, 'note')}, on Checks →" if rest > 0 else f"{counted(notes, 'note')} on Checks →"  # fmt: skip
        yield {"Place": "more", "Text": more, "Link": self.where.link("Checks")[0], "Label": more}
        again = f'"Run again: "&{changed(WHOLE)}&" changed."'
        todo = self._next(worst)
        yield {"Place": "next", "Text": Formula(f"IF({stale([WHOLE])},{again},{quoted(todo)})", todo)}

    def _next(self, worst: list[tuple[Any, ...]]) -> str:
        """What to do next, in one line."""
        if self.facts.failed:
            return f"Next: see why “{self.facts.failed[0]}” failed; the quotas cannot be used before."
        if worst:
            return f"Next: {counted(len(worst), 'thing')} below to look at, then the decisions on Summary."
        return "Next: the decisions on Summary, then hand the quotas out."

    def steps(self, rows: Mapping[str, int]) -> Iterable[dict[str, Any]]:
        """The steps of a plan."""
        for i, (step, state) in enumerate(zip(steps.STEPS, steps.states(self.facts, rows), strict=True), start=1):
            address, label = self.where.sheet_link(step.sheet)
            yield {
                "Place": f"step {i}",
                "Text": step.name,
                "Beside": state.what,
                "Verdict": state.state,
                "Link": address,
                "Label": label or None,
            }


def _plain(value: Any) -> str | None:
    """A check's value as people read it."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value:
        return None
    return f"{value:,.0f}" if abs(value) >= 1 else f"{value:.0%}"


def _first(advice: str) -> str:
    """The first sentence of an advice, no longer than its line."""
    sentence = advice.split(". ", maxsplit=1)[0].rstrip(".")
    return sentence if len(sentence) <= _LONGEST else sentence[: _LONGEST - 2].rsplit(" ", 1)[0] + " …"
