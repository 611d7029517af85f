"""What readers see above a table; its name stays for formulas."""

from __future__ import annotations

from collections.abc import Mapping

CAPTIONS: Mapping[str, str] = {
    "PlanStatus": "State of the plan",
    "Headlines": "Key figures",
    "Hierarchy": "People and history",
    "Levels": "Hedges by level",
    "NodeHedges": "Hedges of single teams",
    "Metrics": "What counts for the split",
    "Thresholds": "When pipeline is healthy",
    "Overrides": "Amounts fixed by hand",
    "AcceptedAdjustments": "Moves in force",
    "CommitHistory": "Past commits and results",
    "Commits": "Commits of this quarter",
    "Deals": "Deals",
    "Telemetry": "Product usage",
    "Cohorts": "Business not yet in the pipeline",
    "Scenarios": "Scenarios",
    "Bookings": "Past bookings",
    "PhaseShares": "Quarters set by hand",
    "Territories": "Territories",
    "Tiers": "Tiers",
    "RampCurves": "Ramp of new seats",
    "Branches": "Quota by region",
    "TopICs": "Largest quotas",
    "BranchCoverage": "Coverage by region",
    "BiasByManager": "Bias by manager",
    "QuarterForecast": "Forecast by quarter (chart)",
    "ScenarioYear": "Year by scenario",
    "RegionRisk": "Reps against the model, by region",
    "TopDeals": "Deals with most at risk",
    "BaselineLine": "Bookings (chart)",
    "PhasingBars": "Quota by quarter (chart)",
    "AttainBranches": "History behind quota, by region",
    "HedgeAudit": "What hedges add",
    "Weights": "Weight of each metric",
    "CommitReview": "Commits, corrected",
    "CommitRollUp": "Commits added up",
    "BiasByPeriod": "Bias by quarter",
    "PipelineHealth": "Pipeline against quota",
    "QuotaAdjustments": "Proposed moves of quota",
    "Forecast": "Forecast by quarter",
    "Budget": "What can be spent",
    "RiskAllocation": "Deals and spend by team",
    "CohortEstimates": "Cohorts as past deals show them",
    "ModelReport": "How good the deal model is",
    "ModelChoice": "Models that were tried",
    "ModelColumns": "What the model looks at",
    "Reliability": "Said and won",
    "DollarBias": "Forecast against actual",
    "TargetRange": "Target against past bookings",
    "BaselineForecast": "Bookings, past and ahead",
    "BaselineMethods": "Methods that were tried",
    "PhasingPeriods": "Quota by quarter",
    "Phasing": "Quota by quarter and person",
    "CapacityByTier": "Capacity by tier",
    "Capacity": "Capacity by seat",
    "TerritoryPotential": "Potential of territories",
    "PotentialModels": "Models that were tried",
    "PotentialDrivers": "What drives potential",
    "PlanHealth": "Plan health",
    "Recommendations": "What to do",
    "Alternatives": "Four ways to split it",
    "Optimum": "Quota by territory, four ways",
    "ShadowPrices": "What each limit costs",
    "Sensitivity": "What moves the result",
    "Packets": "Packets sent",
    "Returns": "Answers received",
    "ReturnDetails": "What was found in them",
    "Requests": "Requests to decide",
    "RollUp": "Top-down against bottom-up",
    "RunLog": "Runs",
}


def caption_of(table: str) -> str:
    """What stands above a table where several share a sheet; a column of that sheet's formulas calls it by its name.

    Example:
        >>> caption_of("PlanHealth"), caption_of("Checks")
        ('Plan health', 'Checks')
    """
    return CAPTIONS.get(table, table)
