"""Whole applications scored: eligibility, value, PD, LGD, EL, grade, limit, price, decision.

`application` reads one, `score` answers many at once, `record` turns the answer into plain
data; `parts` declares what an application says of borrower and guarantee.
"""
