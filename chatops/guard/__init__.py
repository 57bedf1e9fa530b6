"""Why nobody can act twice, without the right, or alone where two are needed.

Read in this order: `policy` (what a word needs), `permissions` (who may ask what, the one function that decides),
`presses` (a button works once, for whom it is meant), `facts` (what was shown must still be so), `approvals` (who may
agree), `codes` and `totp` (codes that prove who it is), `limits` (how much one may ask), `audit` (each step is on
record before the next, and the record cannot be changed unseen).
"""
