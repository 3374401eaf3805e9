"""May it be pledged: rights, their papers and their loans held against the law of a day.

`plan` lays the rules out for the kernel, `judge` holds facts against them, `tables`
declares the pledges with their papers, `derive` finds the facts that follow from the
right and the loan.
"""
