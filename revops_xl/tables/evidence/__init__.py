"""How a column is meant, told by the whole column: each file answers one question, over plain cells."""
