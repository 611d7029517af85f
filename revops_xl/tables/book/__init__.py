"""What holds for the workbook as a whole: settings, the plan, checks, dashboard, run log, the list of sheets."""
