"""How a sheet's tables look beyond their columns: colours by meaning, outlines, what stays in sight, charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from revops_xl.model.verdicts import Level, level_of

#: First and last header of a run of columns.
Span = tuple[str, str]


class Tone(StrEnum):
    """What a colour means; a word in the cell always says the same."""

    GOOD = "good"
    WATCH = "watch"
    ACT = "act"
    QUIET = "quiet"
    OTHER = "other"
    LINK = "link"


#: The colour of each level of the one scale of verdicts.
TONES = {Level.FINE: Tone.GOOD, Level.WATCH: Tone.WATCH, Level.ACT: Tone.ACT, Level.NONE: Tone.QUIET}


@dataclass(frozen=True)
class Words:
    """Words of a column, each with its tone."""

    table: str
    column: str
    tones: Mapping[str, Tone]

    @classmethod
    def of(cls, table: str, column: str, verdicts: Iterable[str]) -> Words:
        """Verdicts of a column, coloured by how serious they are."""
        return cls(table, column, {str(each): TONES[level_of(each)] for each in verdicts if each})


@dataclass(frozen=True)
class Highlight:
    """Columns of the rows in which a formula holds; {Header} stands for that column's cell of the row."""

    table: str
    columns: tuple[Span, ...]
    where: str
    tone: Tone | None = None


@dataclass(frozen=True)
class Outline:
    """Nodes indented by the column Depth, the top levels shaded.

    Attributes:
        table: With the columns Node and Depth.
        rest: Columns that are shaded with the node.
        teams: Formula that holds in the rows of teams, which are bold then; "": only the top levels are.
        ics: Formula that holds in the rows of ICs.
    """

    table: str
    rest: tuple[Span, ...]
    teams: str = ""
    ics: str = ""


@dataclass(frozen=True)
class TopNode:
    """The row of the node without a parent is shaded."""

    table: str
    columns: tuple[Span, ...]


@dataclass(frozen=True)
class InSight:
    """Columns before a header stay in sight when the sheet is scrolled, and on each printed page."""

    table: str
    before: str
    on_paper: bool = False


@dataclass(frozen=True)
class Drawing:
    """A chart over a table, by the name under which the workbook knows to draw it."""

    table: str
    chart: str


Look = Words | Highlight | Outline | TopNode | InSight | Drawing
