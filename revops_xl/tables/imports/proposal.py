"""What an import would do to one table of a plan, before it does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from revops_xl.errors import Problem
from revops_xl.model.wording import counted
from revops_xl.tables.imports.columns import FileColumn

HISTORY = "history"
#: Rows that are named of those that come, change and go.
SHOWN = 5


@dataclass(frozen=True)
class Proposal:
    """What becomes of a file.

    Attributes:
        source: The file and its sheet.
        table: The table of the plan that it fills.
        columns: Each column of the file.
        headers: All columns of the file.
        told: How the file was read, what was made of it and what was left out, in words.
        values: The values of each column of the table that it fills, all of one length.
        keys: Columns that tell rows apart.
        numbers: Columns that hold amounts of the plan and are not declared.
        levels: Level columns of Hierarchy, the top first; empty: they stay.
        settings: Settings that follow, by name; only where the plan has none.
        problems: Why nothing can be taken over.
        foreign: Currencies of its amounts that are not the plan's.
        only_known: Rows of people who are not in the plan are left out: the file is their history.
    """

    source: str
    table: str
    columns: tuple[FileColumn, ...]
    told: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    only_known: bool = False
    foreign: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.values.values()), ()))

    @property
    def kind(self) -> str:
        """What the file is: the table that it fills, or history of people who are in it."""
        return HISTORY if self.only_known else self.table

    @property
    def headers(self) -> tuple[str, ...]:
        """Columns of the file."""
        return tuple(each.header for each in self.columns)


@dataclass(frozen=True)
class RowChanges:
    """What an import changes among the rows of a table.

    Attributes:
        added: Index of each row of the import that is new.
        changed: Row of the table by the index in the import, and which columns change.
        same: How many rows stay as they are.
        gone: Rows of the table that the file does not have, which the user may have typed.
        names: What the rows that come, change and go are called, as far as they are shown.
        unknown: Rows of the file of people who are not in the plan.
    """

    added: tuple[int, ...]
    changed: Mapping[int, tuple[int, tuple[str, ...]]]
    same: int
    gone: tuple[int, ...]
    names: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The same in words, a line each."""
        counts = (("added", len(self.added)), ("changed", len(self.changed)), ("gone", len(self.gone)))
        lines = []
        for what, count in counts:
            if count:
                shown = self.names.get(what, ())[:SHOWN]
                more = f" and {count - len(shown):,} more" if count > len(shown) else ""
                them = ("it stays, --remove-gone takes it out", "they stay, --remove-gone takes them out")[count > 1]
                stay = f"; {them}" if what == "gone" else ""
                word = "not in the file" if what == "gone" else what
                lines.append(f"{counted(count, 'row')} {word}: {', '.join(shown)}{more}{stay}")
        if self.same:
            lines.append(f"{counted(self.same, 'row')} as before")
        if self.unknown:
            listed = ", ".join(self.unknown[:SHOWN])
            more = f" and {len(self.unknown) - SHOWN:,} more" if len(self.unknown) > SHOWN else ""
            lines.append(
                f"{counted(len(self.unknown), 'row')} left out, of people who are not in the plan: {listed}{more}"
            )
        return lines or ["nothing changes"]
