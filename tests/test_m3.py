"""The baseline on real series of the M3 competition; the data are not part of the project."""

from __future__ import annotations

import numpy as np
import pytest

from revops_xl.engine.planning.baseline.trials import predict, smape
from revops_xl.model.bookings import COMBINED
from tests.benchmarks.bookings import FOLDER, OURS, judge, m3

pytestmark = [
    pytest.mark.deep,
    pytest.mark.other_peoples_files(present=FOLDER.is_dir()),
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the series of the M3 competition are not here"),
]
#: Every so many-th series is tried from all its origins; `python -m tests.benchmarks.bookings` does so with all of them.
EVERY = 40


@pytest.mark.parametrize(
    ("season", "count", "every", "goal", "naive2"), [(4, 756, 1, 9.2, 9.95), (12, 357, 4, 14.4, 16.89)]
)
def test_the_combination_on_real_series(season: int, count: int, every: int, goal: float, naive2: float) -> None:
    """sMAPE of what is used unless another method is clearly better; every quarterly series, every fourth monthly one."""
    given = [one for one in m3() if one.season == season][::every]
    assert len(given) == count
    said = [predict(one.past, season, 0, len(one.came))[COMBINED] for one in given]
    error = 100 * float(np.mean([smape(one.came, each) for one, each in zip(given, said, strict=True)]))
    assert error <= goal < naive2


def test_intervals_hold_about_as_often_as_they_say() -> None:
    outcomes = [judge(one) for one in m3(EVERY)]
    for season in (4, 12):
        group = [one for one in outcomes if one.season == season]
        assert 0.7 < np.mean([one.scores[OURS].held for one in group]) < 0.92
        assert 0.66 < np.mean([one.year_held for one in group]) < 0.95
