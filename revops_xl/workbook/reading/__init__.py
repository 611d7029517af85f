"""From a workbook to rows that know their cells."""
