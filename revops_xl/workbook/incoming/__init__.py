"""Files of other programs as grids of cells: text, workbooks, Parquet."""
