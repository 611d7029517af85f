"""A plan, wherever it is open: what use cases read from and write to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from revops_xl.tables.schema.raw import RawBook
from revops_xl.tables.schema.result import ResultTable


class PlanBook(Protocol):
    """A file, a workbook that is open in Excel, or a document that is open in Calc."""

    @property
    def name(self) -> str:
        """Name of the workbook, for messages."""

    @property
    def home(self) -> Path | None:
        """Where the results lie on this machine; None: nowhere."""

    def read(self, names: Collection[str]) -> RawBook:
        """The named tables, as rows that know their cells.

        Raises:
            PlanError: A table cannot be read.
        """

    def write(self, tables: Sequence[ResultTable]) -> None:
        """Give tables their new rows, all of them or none; tables and columns that are not there are added.

        Raises:
            PlanError: A table cannot take its rows; the workbook is as it was.
        """
