"""A small company, for the examples of the functions. `NA` is a region, not a missing value."""

from __future__ import annotations

from typing import Any

Rows = tuple[tuple[Any, ...], ...]

HIERARCHY: Rows = (
    ("Global", "Region", "Director", "IC", "Q1_Attainment", "Q2_Attainment", "Q3_Attainment", "Q4_Attainment", "CloudSeats", "DCSeats", "Pipeline"),
    ("Global", "NA", "Dir_1", "Ann", 100, 120, 80, 100, 10, 40, 150),
    ("Global", "NA", "Dir_1", "Bob", 0, 0, 50, 70, 30, 0, 40),
    ("Global", "NA", "Dir_1", "Cy", 0, 0, 0, 0, 0, 0, 20),
    ("Global", "NA", "Dir_2", "Dee", 200, 180, 220, 200, 50, 20, 300),
    ("Global", "EMEA", "Dir_3", "Eli", 90, 60, 0, 50, 20, 80, 90),
    ("Global", "EMEA", "Dir_3", "Fay", 40, 40, 40, 40, 5, 10, 200),
)  # fmt: skip
LEVELS = "Global, Region, Director, IC"
METRICS: Rows = (
    ("Metric", "Use", "Direction", "Weight", "Columns"),
    ("Attainment", "blend", "proportional", 1, "*_Attainment"),
    ("CloudSeats", "blend", "proportional", 0.5, "CloudSeats"),
    ("DCSeats", "blend", "inverse", 0.4, "DCSeats"),
)
OVERRIDES: Rows = (("Node", "Amount", "Basis"), ("Bob", 100, "hedged"))
THRESHOLDS: Rows = (("Node", "Healthy", "At risk"), ("(default)", 0.5, 0.4), ("NA", 1.5, 0.8))
HISTORY: Rows = (
    ("Manager", "Period", "Commit", "Actual"),
    ("Dir_1", "Q1 2026", 200, 300),
    ("Dir_1", "Q2 2026", 250, 375),
    ("Dir_3", "Q1 2026", 300, 270),
    ("Dir_3", "Q2 2026", 350, 280),
)
COMMITS: Rows = (("Manager", "Commit", "Machine forecast"), ("Dir_1", 100, 120), ("Dir_3", 200, None))
DEALS: Rows = (
    ("Deal ID", "Account ID", "Rep", "Stage", "Status", "Amount", "Rep probability", "Created", "Close date"),
    *(
        (f"D{i:02d}", f"A{i % 7}", ("Ann", "Bob", "Eli")[i % 3], "Closed", "Won" if i % 4 == 0 else "Lost", 100 + i, None, 45658 + 6 * i, 45688 + 6 * i)
        for i in range(40)
    ),
    ("D90", "A1", "Ann", "Proposal", "Open", 200, 0.5, 45900, 46100),
    ("D91", "A2", "Eli", "Demo", "Open", 400, 0.9, 45920, 46190),
)  # fmt: skip
COHORTS: Rows = (("Cohort", "Baseline", "Growth rate"), ("Enterprise", 100, 0.1), ("SMB", 50, 0))
BOOKINGS: Rows = (
    ("Period", "Bookings"),
    *((f"{year}-Q{q}", amount + 4 * (year - 2023)) for year in (2023, 2024, 2025, 2026) for q, amount in enumerate((90, 100, 95, 115), 1)),
)  # fmt: skip
TERRITORIES: Rows = (
    ("Territory", "Historical revenue", "Conversion rate", "Capacity utilization", "Max quota"),
    ("North", 50, 0.3, 1, 60),
    ("South", 40, 0.2, 1, 80),
)
CURVE: Rows = (("From month", "Productivity"), (0, 0.2), (3, 0.5), (6, 1))
