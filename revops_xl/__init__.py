"""Sales-quota and revenue planning that lives in the spreadsheet. The public API; see `revops-xl guide python`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from revops_xl.version import __version__ as __version__

if TYPE_CHECKING:
    from revops_xl.errors import PlanError, Problem
    from revops_xl.frames.bookings import Baseline, baseline
    from revops_xl.frames.calendar import fiscal_calendar, fiscal_periods
    from revops_xl.frames.commits import bias_quotients, reconcile_commits
    from revops_xl.frames.forecast import DealModel, Forecast, fit_deals, forecast
    from revops_xl.frames.pipeline import coverage, redistribute
    from revops_xl.frames.planning import Planning, plan_ahead
    from revops_xl.frames.quotas import Cascade, cascade, suggest_weights
    from revops_xl.frames.territories import Optimum, Potential, optimise, potential
    from revops_xl.model.calendar import Calendar
    from revops_xl.model.inputs import Metric
    from revops_xl.usecases.accept import accept
    from revops_xl.usecases.collect import Collected, collect
    from revops_xl.usecases.compare import Differences, compare
    from revops_xl.usecases.freeze import freeze
    from revops_xl.usecases.import_files import Imported, ImportOptions, import_files
    from revops_xl.usecases.outputs import Results
    from revops_xl.usecases.packets import Made, make_packets
    from revops_xl.usecases.run import run

__all__ = [
    "Baseline",
    "Calendar",
    "Cascade",
    "Collected",
    "DealModel",
    "Differences",
    "Forecast",
    "ImportOptions",
    "Imported",
    "Made",
    "Metric",
    "Optimum",
    "PlanError",
    "Planning",
    "Potential",
    "Problem",
    "Results",
    "accept",
    "baseline",
    "bias_quotients",
    "cascade",
    "collect",
    "compare",
    "coverage",
    "fiscal_calendar",
    "fiscal_periods",
    "fit_deals",
    "forecast",
    "freeze",
    "import_files",
    "make_packets",
    "optimise",
    "plan_ahead",
    "potential",
    "reconcile_commits",
    "redistribute",
    "run",
    "suggest_weights",
]

_HOMES = {
    "Calendar": "model.calendar",
    "fiscal_calendar": "frames.calendar",
    "fiscal_periods": "frames.calendar",
    "Cascade": "frames.quotas",
    "DealModel": "frames.forecast",
    "Forecast": "frames.forecast",
    "fit_deals": "frames.forecast",
    "forecast": "frames.forecast",
    "Metric": "model.inputs",
    "PlanError": "errors",
    "Problem": "errors",
    "Results": "usecases.outputs",
    "Baseline": "frames.bookings",
    "Optimum": "frames.territories",
    "Planning": "frames.planning",
    "Potential": "frames.territories",
    "Collected": "usecases.collect",
    "Differences": "usecases.compare",
    "Made": "usecases.packets",
    "accept": "usecases.accept",
    "collect": "usecases.collect",
    "compare": "usecases.compare",
    "ImportOptions": "usecases.import_files",
    "Imported": "usecases.import_files",
    "import_files": "usecases.import_files",
    "freeze": "usecases.freeze",
    "make_packets": "usecases.packets",
    "baseline": "frames.bookings",
    "optimise": "frames.territories",
    "plan_ahead": "frames.planning",
    "potential": "frames.territories",
    "bias_quotients": "frames.commits",
    "cascade": "frames.quotas",
    "coverage": "frames.pipeline",
    "reconcile_commits": "frames.commits",
    "redistribute": "frames.pipeline",
    "run": "usecases.run",
    "suggest_weights": "frames.quotas",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `revops-xl --help` must not wait for NumPy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
