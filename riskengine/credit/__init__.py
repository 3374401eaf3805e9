"""Chance of default, loss given default, and what they become over time.

Columns in, columns out; `rows` checks them.

Chance of default
    `term_structure` (monthly hazards, maturity), `cycle` (good and bad times),
    `default_profiles` (spread over the months), `migration` (rating matrices), `survival`
    (Kaplan-Meier, Aalen-Johansen), `merton` (a firm's equity).
Loss given default
    `shortfall` (collateral as a put, time to the sale, ranks), `wrong_way` (collateral low
    when borrowers default, loan over value), `collateral_recovery` (the error of the
    valuation), `recovery` (workouts, finished or running).
What is owed
    `exposure_path`.
Expected credit loss
    `expected_loss` (12 months, lifetime), `loss_scenarios`, `stages`, `five_tier` (class by
    days past due).
Others who owe
    `double_default` (guarantors who may fail too), `clearing` (circles of guarantees).
"""
