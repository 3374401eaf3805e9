"""Guarantees: who bears what of a loss, what it costs, what the supervisor counts.

What are the terms?
    `terms` (layers), `structure` (a programme), `checks` (its contradictions), `programme`
    (from tables, shares or a place), `wording` (in sentences), `amounts` (sums and fen).
Who pays what of a loss?
    `algebra` (to the fen, on many paths; `encoding` lays terms out for the kernel),
    `fund_path` (funds month by month), `afterwards` (dry funds, recoveries), `closed_form`
    and `large_pool` (means without paths), `insurance` (index cover assigned to a lender).
What does it cost?
    `fees` (break-even and full fee), `liability` (under the contract, in the accounts).
What does the supervisor count?
    `ratios` gathers it: `weights` (liability balance), `concentration`, `assets` (tiers),
    `policy_business`, `compensation`, `recoveries`, `reserves`, `institution_facts`; from
    `contracts` and the statement, by the `switches` chosen, as `figures` and
    `ratio_lines`.
What may still be guaranteed, and what is to come?
    `headroom` (by client and county), `vintages` (by half-year of start).
"""
