"""How much: budgets, reservations, ledger, prices."""
