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


def test_cells_are_given_by_header_and_none_may_lack_or_be_too_many() -> None:
    row = {header: i for i, header in enumerate(reversed(TABLE.headers))}
    made = ResultTable.of_rows(TABLE, [row])
    assert [made.values(header) for header in TABLE.headers] == [[row[header]] for header in TABLE.headers]
    assert ResultTable.of_columns(TABLE, {header: [value] for header, value in row.items()}).columns == made.columns
    with pytest.raises(ValueError, match="is given, or lacks, Who"):
        ResultTable.of_rows(TABLE, [{header: 1 for header in TABLE.headers if header != "Who"}])
    with pytest.raises(ValueError, match="is given, or lacks, Whom"):
        ResultTable.of_columns(TABLE, {header: [1] for header in (*TABLE.headers, "Whom")})
