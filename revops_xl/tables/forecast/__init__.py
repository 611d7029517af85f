"""Sheets of the forecast: Deals, Cohorts, Forecast, Scored deals, Model report."""
