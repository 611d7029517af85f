"""Before the cascade: baseline, phasing, capacity, potential, optimum, attainability, sensitivity."""
