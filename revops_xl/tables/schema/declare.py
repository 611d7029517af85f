"""How a sheet, its tables and their columns are declared: once, for template, reader, messages and references."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from revops_xl.model.bounds import Bounds


class Kind(StrEnum):
    """What a column's cells hold."""

    TEXT = "text"
    NODE = "node"
    MONEY = "money"
    NUMBER = "number"
    FACTOR = "factor"
    PERCENT = "percent"
    INTEGER = "whole number"
    BOOLEAN = "TRUE/FALSE"
    DATE = "date"
    TIME = "date and time"
    CHOICE = "choice"
    COLUMNS = "column list"
    ANY = "any"


#: Number formats for amounts that need no cents, and for ratios as analysts read them.
WHOLE_MONEY, QUOTIENT, COVERAGE = "#,##0;[Red]-#,##0", '0.00"×"', '0.0#"×"'
NUMERIC = frozenset({Kind.MONEY, Kind.NUMBER, Kind.FACTOR, Kind.PERCENT, Kind.INTEGER})


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: Header, exactly.
        kind: What its cells hold.
        help: What it means, in one sentence; shown beside the cell and in the help.
        required: Every row needs a value.
        optional: The whole column may be missing.
        unit: Unit of the numbers, as shown to people.
        choices: Allowed texts.
        minimum: Smallest allowed number.
        above: The number must be greater than this.
        maximum: Largest allowed number.
        width: Characters wide on the sheet.
        number_format: How a spreadsheet shows the number; "": as its kind is shown.
        frame_name: Name in a DataFrame; "": made from the header.
        entry: People fill it in, although the table is a result.
        wrap: Its texts run over several lines of a cell.
        hidden: Formulas and other tables need it, readers do not: it is out of sight.
    """

    name: str
    kind: Kind
    help: str
    required: bool = False
    optional: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    width: int = 14
    number_format: str = ""
    frame_name: str = ""
    entry: bool = False
    wrap: bool = False
    hidden: bool = False

    @property
    def bounds(self) -> Bounds:
        """What its numbers may be."""
        return Bounds(self.minimum, self.above, self.maximum, whole=self.kind is Kind.INTEGER)

    @property
    def snake(self) -> str:
        """Name in a DataFrame: "Over-assignment %" is over_assignment."""
        return self.frame_name or snake(self.name)


@dataclass(frozen=True)
class Table:
    """One Excel table.

    Attributes:
        name: Its name in the workbook, the same wherever it stands.
        help: What it is for.
        columns: In order.
        result: True for tables that a run fills; False for inputs.
        free_columns: What further columns of any name mean; "" if they mean nothing to us.
        keys: Of a result table, the columns that tell its rows apart.
        totals: Whether a report that is pasted may bring totals as rows: "named": those that are called so; "summed":
            those, and a row that is the sum of others is told.
        id_column: Column of ids, whose rows are no totals if they have one.
        retired: Of a result table, columns that earlier versions filled: where they still stand they are emptied.
    """

    name: str
    help: str
    columns: tuple[Column, ...]
    result: bool = False
    free_columns: str = ""
    keys: tuple[str, ...] = ()
    totals: str = ""
    id_column: str = ""
    retired: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column with this header."""
        return next(column for column in self.columns if column.name == name)

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers in order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Sheet:
    """One sheet of the plan workbook and the tables that the template puts on it."""

    name: str
    help: str
    tables: tuple[Table, ...]


def snake(header: str) -> str:
    """A header as a DataFrame column name.

    Example:
        >>> snake("Over-assignment %"), snake("IC"), snake("Base quota")
        ('over_assignment', 'ic', 'base_quota')
    """
    words = "".join(char if char.isalnum() else " " for char in header.lower())
    return "_".join(words.split())
