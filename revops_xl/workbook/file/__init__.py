"""A workbook as a file: the gate, its package and parts, saving, reading in a process with limits."""
