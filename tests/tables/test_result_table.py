"""A result table is what its declaration says, or a slip of the program that shows at once."""

from __future__ import annotations

import pytest

from revops_xl.tables.book.run_log import TABLE
from revops_xl.tables.schema.result import ResultTable


def test_columns_that_are_missing_are_refused_when_it_is_made() -> None:
    columns = tuple([1.0, 2.0] for _ in TABLE.columns)
    assert len(ResultTable(TABLE, columns)) == 2
    with pytest.raises(ValueError, match=f"table RunLog has {len(columns)} columns, not {len(columns) - 1}"):
        ResultTable(TABLE, columns[:-1])
    with pytest.raises(ValueError, match="have \\[1, 2\\] rows"):
        ResultTable(TABLE, (*columns[:-1], [1.0]))
