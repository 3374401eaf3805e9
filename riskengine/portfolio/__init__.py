"""Loss of a whole book: its distribution, who causes it, what stress and time do to it.

Arrays in, numbers out; nothing here reads a file.  `exposures` says what a book is,
`one_factor`, `exact`, `credit_risk_plus` and `granularity` are analytic roads, `scenarios`
and `simulation` the one for many factors.
"""
