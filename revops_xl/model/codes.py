"""Text columns as numbers: which distinct texts there are, and which one each row holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column as codes.

    Attributes:
        codes: One per row; -1 where the cell is blank.
        names: The distinct texts; a code is an index into it.
        increasing: Whether the names are known to be in code-point order.
        no_blanks: Whether it is known that no name consists of blanks only.
    """

    codes: Int32s
    names: list[str]
    increasing: bool = False
    no_blanks: bool = False

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Coded:
        """Number the distinct texts of a column; None and "" are blank.

        Example:
            >>> coded = Coded.of(["EMEA", "NA", None, "EMEA"])
            >>> coded.codes.tolist(), coded.names
            ([0, 1, -1, 0], ['EMEA', 'NA'])
        """
        distinct: dict[str | None, int] = dict.fromkeys(texts, -1)
        names = [text for text in distinct if text]
        if len(names) == len(texts):  # all different and none blank: the usual IC column
            return cls(np.arange(len(names), dtype=np.int32), names)
        distinct.update(zip(names, range(len(names)), strict=True))
        return cls(np.fromiter(map(distinct.__getitem__, texts), dtype=np.int32, count=len(texts)), names)

    def __len__(self) -> int:
        return len(self.codes)

    def texts(self) -> list[str | None]:
        """The column as texts again; None where blank."""
        names: list[str | None] = [*self.names, None]
        return [names[code] for code in self.codes.tolist()]

    def ranks(self) -> Int32s:
        """Position of each distinct text in code-point order, so that row order never matters."""
        names = self.names
        rank = np.arange(len(names), dtype=np.int32)
        if self.increasing or all(map(str.__lt__, names, islice(names, 1, None))):
            return rank
        order = sorted(range(len(names)), key=names.__getitem__)
        rank[order] = np.arange(len(names), dtype=np.int32)
        return rank
