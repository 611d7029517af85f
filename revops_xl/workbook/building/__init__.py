"""New workbooks: template, sample, packets, reports."""
