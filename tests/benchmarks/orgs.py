"""The org that every benchmark uses: five levels, ten ICs a manager, four metrics of four quarters."""

from __future__ import annotations

import numpy as np
import pandas as pd

LEVELS = ["Company", "Region", "VP", "Manager", "IC"]
METRICS = ("Attainment", "CloudSeats", "DCSeats", "Expansion")


def org(ics: int, *, shuffled: bool = False) -> pd.DataFrame:
    """A path table with `ics` rows."""
    rng = np.random.default_rng(1)
    index = np.arange(ics)
    table = pd.DataFrame(
        {
            "Company": ["Global"] * ics,
            "Region": [f"R{i * 4 // ics}" for i in index],
            "VP": [f"V{i // 1000:04d}" for i in index],
            "Manager": [f"M{i // 10:06d}" for i in index],
            "IC": [f"IC_{i:07d}" for i in index],
        }
    )
    # A VP must not straddle two regions.
    table["VP"] = table["Region"] + "_" + table["VP"]
    table["Manager"] = table["VP"] + "_" + table["Manager"]
    for metric in METRICS:
        for quarter in range(1, 5):
            table[f"Q{quarter}_{metric}"] = np.round(rng.uniform(2, 1000, ics), 2)
    return table.sample(frac=1, random_state=2).reset_index(drop=True) if shuffled else table
