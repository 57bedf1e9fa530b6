"""Why nobody can act twice or without the right.

Read in this order: `permissions` (who may ask what), `presses` (a button works once, for whom it is meant),
`audit` (each step is on record before the next, and the record cannot be changed unseen).
"""
