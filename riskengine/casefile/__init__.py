"""One case as an officer brings it: loan, rights, papers, policies; verdict, amount, what to mend.

`read` opens a case file, `decide` answers it, `cures` finds what each missing paper is
worth, `limits` the longest term; `sheet` and `letter` put the answer into words.
"""
