"""How tables are declared, how their cells are typed, and how problems are gathered."""
