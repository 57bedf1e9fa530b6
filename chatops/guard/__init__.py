"""Why nobody can close a position twice, without the right, or alone where two are needed.

**Not twice.** A button is a token (`presses`). Judging a press spends nothing: it is spent in the one write that has
the next step, under a lock on the row of the ask, and whoever comes second finds nothing to settle (the function
`record` of the database, `Recorded.BEFORE` in `chatops.ledger`; while the database is away, `LastingLedger`, which does
nothing for what it does not remember or others may have ended). "Running" is on record before a bot is told, and a bot
runs a command of one id once, however often it arrives (`bot_integration.journal`). A restart asks what became of it,
and tells no bot again.

**Not without the right.** `permissions` decides, by the terms of `policy`: when something is asked, for what its
question has settled, when it is confirmed, and once more right before what waited is done, by who has the account at
that moment. A rule stays with its word whatever a bot declares (`Ask.ruled_as`). `codes` let somebody
in, `totp` proves who asks. What was shown must still be so (`facts`). `limits` bounds how much one person may ask.

**Not alone.** `approvals` says whose yes counts: another person's, with every right of their own, on every bot that it
reaches. It is asked when somebody presses it, and again before the act.

**Not unseen.** `audit` chains the steps; `verifying` holds the log against them, by what they tell (`rebuilding`).
`exports` and `exports_csv` are the record elsewhere, `lookup` is what an admin sees of it, and `recordable` keeps codes
out of it.

Read `policy`, `permissions`, `presses`, `approvals`, then in `chatops/asking/`: `gateway` (what comes in), `confirming`
(the second press), `approving` (the second person), `acting` (the act). Whatever a person has a bot do goes through
`Acting.begin`.
"""
