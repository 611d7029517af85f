"""Sheets of planning: Bookings, Territories, and from Baseline to Sensitivity."""
