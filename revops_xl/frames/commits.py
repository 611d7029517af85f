"""The public functions of the commit review: commits against their history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from revops_xl.engine.commits.bias import review
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import Given, to_frame
from revops_xl.model.bounds import BIAS_INTERVAL, PART, SEED, SHRINKAGE
from revops_xl.model.commits import CommitRules
from revops_xl.tables.commits import commit_review, commits

if TYPE_CHECKING:
    import pandas as pd
from revops_xl.frames.common.given import check_number, typed_table


def bias_quotients(
    history: Given,
    *,
    neutral_band: float = 0.1,
    shrinkage: float | None = None,
    interval: float = 0.8,
    seed: int = 1,
) -> pd.DataFrame:
    """Judge each manager's commits by what became of them.

    The quotient is the sum of the actuals / the sum of the commits over closed periods, drawn together across managers as far
    as their differences may be chance (from three managers). A manager whose interval lies above 1 + band is a sandbagger,
    below 1 - band has happy ears, inside is neutral; else it is not clear yet.

    Args:
        history: One row per manager and period: manager, period, commit (0 or more), actual, in currency. A blank
            actual is an open period and left out of both sums.
        neutral_band: Half the width of neutral, 0 to 1.
        shrinkage: None: drawn together across managers. Periods of unbiased commits to add to each history; 0: the plain quotient.
        interval: Confidence of the interval, 0 to 0.999; 0: none, and labels go by the quotient alone. Of plain quotients it
            needs three closed periods.
        seed: Seed of the bootstrap: same seed, same interval.

    Returns:
        One row per manager, by name: manager, periods, commit, actual, plain_quotient, own_weight (part of the difference from
        the mean of all that counts), bias_quotient, low, high, trend (change of the quotient per period), label. NaN where
        undefined; without a closed period the quotient is the mean of all, or 1 where quotients are not drawn together.

    Raises:
        PlanError: With every problem found.

    Source:
        `revops-xl guide commits`.

    Example:
        >>> import pandas as pd
        >>> past = pd.DataFrame({"manager": ["A", "A", "B", "B", "C", "C"], "period": ["Q1 2026", "Q2 2026"] * 3,
        ...                      "commit": [200, 250, 300, 350, 90, 110], "actual": [300, 375, 270, 280, 80, 130]})
        >>> bias_quotients(past)[["manager", "plain_quotient", "bias_quotient", "label"]].round(4)
          manager  plain_quotient  bias_quotient          label
        0       A          1.5000         1.4756     sandbagger
        1       B          0.8462         0.8672  not clear yet
        2       C          1.0500         1.0587  not clear yet
    """
    rules = _rules(None, neutral_band, shrinkage, interval, seed)
    frame = _reviewed(None, history, rules)
    return frame.iloc[:, : list(frame.columns).index("label") + 1]


def reconcile_commits(
    commits: Given | None,
    history: Given,
    machine_weight: float | None = None,
    *,
    neutral_band: float = 0.1,
    shrinkage: float | None = None,
    interval: float = 0.8,
    seed: int = 1,
) -> pd.DataFrame:
    """Correct current commits by the bias of their managers, and blend them with machine forecasts.

    Adjusted = commit x quotient; blended = (1 - weight) x adjusted + weight x machine forecast; both to the cent.

    Args:
        commits: One row per manager: manager, commit (0 or more, in currency) and, if there are any, machine_forecast; None: none.
        history: As in `bias_quotients`.
        machine_weight: Weight of the machine forecast, 0 to 1; None: learned from the column machine_forecast of the history, if it
            has twelve of them, else 0.5.
        neutral_band: As in `bias_quotients`.
        shrinkage: As in `bias_quotients`.
        interval: As in `bias_quotients`.
        seed: As in `bias_quotients`.

    Returns:
        One row per manager of either table, by name: the columns of the table CommitReview in snake_case. A manager
        without history has the mean quotient of all, or 1, and the note says so; blended_forecast is the adjusted commit where there is no machine forecast; NaN without a commit.

    Raises:
        PlanError: With every problem found.

    Example:
        >>> import pandas as pd
        >>> past = pd.DataFrame({"manager": ["A", "A"], "period": ["Q1 2026", "Q2 2026"],
        ...                      "commit": [200, 250], "actual": [300, 375]})
        >>> now = pd.DataFrame({"manager": ["A", "New"], "commit": [100, 80], "machine_forecast": [120, None]})
        >>> reconcile_commits(now, past)[["manager", "adjusted_commit", "blended_forecast"]]
          manager  adjusted_commit  blended_forecast
        0       A            150.0             135.0
        1     New             80.0              80.0
    """
    return _reviewed(commits, history, _rules(machine_weight, neutral_band, shrinkage, interval, seed))


def _rules(
    machine_weight: float | None, band: float, shrinkage: float | None, interval: float, seed: int
) -> CommitRules:
    """The rules, if they are in their bounds."""
    problems: list[Problem] = []
    if machine_weight is not None:
        check_number("machine_weight", machine_weight, PART, problems)
    check_number("neutral_band", band, PART, problems)
    if shrinkage is not None:
        check_number("shrinkage", shrinkage, SHRINKAGE, problems)
    check_number("interval", interval, BIAS_INTERVAL, problems)
    check_number("seed", seed, SEED, problems)
    if problems:
        raise PlanError(problems)
    return CommitRules(
        float(band),
        None if machine_weight is None else float(machine_weight),
        None if shrinkage is None else float(shrinkage),
        float(interval),
        int(seed),
    )


def _reviewed(current: Given | None, history: Given, rules: CommitRules) -> pd.DataFrame:
    problems: list[Problem] = []
    past = typed_table(history, commits.HISTORY, "history", problems)
    now = typed_table(current, commits.COMMITS, "commits", problems) if current is not None else None
    found = commits.parse(past, now, None, rules) if not problems else None
    if problems:
        raise PlanError(problems)
    return to_frame(
        commit_review.render(found, review(found.history, found.current, rules) if found is not None else None)
    )
