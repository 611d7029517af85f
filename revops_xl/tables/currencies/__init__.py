"""Money in several currencies: rates, conversion into the plan's currency, quotas in local view."""
