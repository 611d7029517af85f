"""LibreOffice Calc: the worksheet functions as Basic, a menu, and a Python of our own that computes."""
