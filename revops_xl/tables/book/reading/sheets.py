"""Sheets Summary and Start: the plan on a page, and the steps to it."""

from __future__ import annotations

from revops_xl.tables.book import headlines
from revops_xl.tables.book.reading import charts, freshness, page
from revops_xl.tables.schema.result_sheet import ResultSheet

SUMMARY, START = "Summary", "Start"
SUMMARY_SHEET = ResultSheet(
    SUMMARY,
    "The plan on a page",
    (
        page.TABLE,
        *charts.TABLES,
        headlines.HEADLINES,
        headlines.STATUS,
        freshness.TABLE,
        freshness.TOTALS,
    ),
    exported=False,
)
START_SHEET = ResultSheet(START, "Where the plan stands, and what to do next", (), exported=False)
