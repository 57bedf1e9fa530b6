"""Money put in and taken out between two snapshots: as the bot says, else as its equity jumps (pure)."""

from decimal import Decimal

from bot_integration import Snapshot
from chatops.money.facts import ZERO, Transfer

#: A jump of equity that profit does not explain is money moved from this part of it on; less is what a price of
#: another moment makes.
JUMP = Decimal("0.005")
#: And at least so much; USD.
LEAST = Decimal(1)


def transfer_of(bot: str, before: Snapshot | None, after: Snapshot, made: Decimal, *, anew: bool) -> Transfer | None:
    """`made` is all that was booked, paid and revalued between the two; `anew` whether its profit counts from nothing.

    What a bot has when it is first seen, less what it made, it began with.
    """
    now = after.portfolio
    if before is None:
        amount = now.equity - made
        return Transfer(after.at, bot, amount, "began with") if amount else None
    then = before.portfolio
    grew = now.equity - then.equity
    jump = grew - made
    if not anew and now.deposits is not None and then.deposits is not None:
        amount = now.deposits - then.deposits
    elif anew and now.deposits is not None:
        amount = jump
    else:
        least = max(LEAST, JUMP * max(abs(now.equity), abs(then.equity)))
        amount = jump if abs(jump) >= least and abs(grew) >= least else ZERO
    if not amount:
        return None
    if anew:
        return Transfer(after.at, bot, amount, "began anew")
    return Transfer(after.at, bot, amount, "put in" if amount > 0 else "taken out")
