"""What is wrong with a plan, where it is, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in the input that cannot be used as written, or that deserves a look.

    Attributes:
        sheet: Sheet name, or the name of the file, table or argument when there is no sheet.
        cell: A1 address of the cell ("D7"), a list of them, or "" when the problem has no cell.
        message: What was found and what is needed, without a full stop.
        fix: What to do about it, as a sentence; "" when the message says it all.

    Example:
        >>> print(Problem("Metrics", "D7", "weight -0.2; weights are 0 or more", "Use direction inverse."))
        Metrics!D7: weight -0.2; weights are 0 or more. Use direction inverse.
    """

    sheet: str
    cell: str
    message: str
    fix: str = ""

    @property
    def where(self) -> str:
        """Sheet and cell as a spreadsheet writes them."""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}"
        return f"{text}. {self.fix}" if self.fix else text


class PlanError(Exception):
    """The input was refused; nothing was written. Carries every problem found, not only the first.

    Example:
        >>> str(PlanError([Problem("Settings", "B7", "Target is blank")]))
        'Settings!B7: Target is blank'
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
