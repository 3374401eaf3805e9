"""Loss of a whole book: its distribution, who causes it, what stress and time do to it.

Arrays in, numbers out; only `stress_file` reads a file.

What is a book?
    `exposures` (debts and factors), `contracts` (the same one by one), `columns` (checks),
    `compression` (like debts together), `factor_state` (some factors known).
What may it lose, in closed form?
    `large_pool` and `pool_layers` (like debts without number; `pool_measures` calls the
    kernel), `factor_book` and `one_factor` (different debts, one factor), `granularity`
    (names count), `multi_factor_adjustment` (many factors), `saddlepoint` (far tail).
What exactly, on a lattice?
    `exact` (one factor), `homogeneous` (numbers of defaults), `credit_risk_plus`,
    `compound` (random sums), `lattice`, `panels` (quadrature).
What by simulation?
    `simulation` over `scenarios`, drawn where `shift`, `slopes` and `aim` say;
    `conditional`, `own_risk` and `names` (loss given the factors), `loss_law` (the result);
    `expected` and `factor_losses` (means); `lines` (one coordinate integrated);
    `contract_simulation` (every contract).
How large is that, and whose?
    `measures` (VaR, ES), `contributions` (Euler), `concentration`, `capital` (Basel),
    `limit_allocation`.
What would have to happen?
    `stress` and `stress_file` (scenarios), `reverse_stress` over `failure_points`.
Why did it change?
    `attribution` (to the fen), `measure_attribution` (of products and risk measures).
How strongly do debts move together?
    `asset_correlation` (from a history of default rates), `mixtures` (from and to the
    correlation of defaults).
"""
