"""Chance of default, loss given default, and what they become over time.

Columns in, columns out: `shortfall` (collateral as a put, time to the sale, ranks),
`wrong_way` (collateral low when borrowers default, loan over value), `recovery` (workouts,
open workouts), `merton` (a firm's equity), `survival` (Kaplan-Meier, Aalen-Johansen),
`migration` (rating matrices), `term_structure` (monthly hazards, maturity, good and bad
times).
"""
