"""A whole book of pledges: verdicts, lending values, double claims, what falls due.

`read` opens the tables around the rights, `claims` finds what is claimed twice, `run`
judges everything in a stream, `watch` lists what ends soon by the money at risk.
"""
