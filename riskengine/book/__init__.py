"""A guarantee institution's book on a day: read, measured, stressed, explained, shown.

Which tables, and are they sound?
    `tables` (columns), `read`, `integrity` and `programmes` (across tables), `findings`
    (what is found), `checking` (the command).
What is in the book?
    `load` begins every run: `contracts` (guarantees in force, with `joins` to loans and
    borrowers), `security` (what stands behind them), `exposures` and `factors` (what the
    loss kernels want).
What may it lose?
    `figures` (the whole), `layers` (who bears it), `funds` (when they end), `accounts`
    (stage, class, ECL, liability), `fees`, `routes` (the same by other methods).
What does each command do?
    `run` (book), `stress_run` and `what_if`, `attribute_run`, `ratio_run`; `place` leaves
    the results, `record`, `ratio_record` and `institution` are what the manifest holds.
How does it look?
    `page` from the manifest alone: `page_tiles`, `page_parts`, `page_places`, `page_ratios`,
    `page_change`, with `page_figures` (numbers in words), `page_rows` and `pictures`.
"""
