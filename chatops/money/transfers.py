"""Money put in and taken out, brought to the samples, so that it never counts as made."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate

from chatops.money.facts import ZERO, Sample, Transfer


def with_deposits(samples: Iterable[Sample], transfers: Iterable[Transfer]) -> tuple[Sample, ...]:
    """The samples with all that had been transferred by then as their deposits, in place of what they said.

    For transfers that became known late. A transfer of a sample's own moment is in its equity already. The samples of
    a bot without transfers stay as they are.
    """
    own: dict[str, list[Transfer]] = {}
    for transfer in sorted(transfers, key=lambda one: one.at):
        own.setdefault(transfer.bot, []).append(transfer)
    moments = {bot: [one.at for one in known] for bot, known in own.items()}
    sums = {bot: [ZERO, *accumulate(one.amount for one in known)] for bot, known in own.items()}
    return tuple(
        replace(sample, deposits=sums[sample.bot][bisect_right(moments[sample.bot], sample.at)])
        if sample.bot in own
        else sample
        for sample in samples
    )
