"""Of all that may stand in a field what fits what was typed so far, the likeliest first (pure)."""

from collections.abc import Iterable

from chatops.forms import MOST_OPTIONS, Option


def matching(options: Iterable[Option], typed: str, most: int = MOST_OPTIONS) -> tuple[Option, ...]:
    """Those that begin so, then those of which a word does, then those that hold it; of equals the first stays first.

    Each value is there once.
    """
    wanted = " ".join(typed.casefold().split())
    ranked = [(rank, one) for one in options if (rank := _rank(one, wanted)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    found = {one.value: one for _, one in reversed(ranked)}
    return tuple(dict.fromkeys(found[one.value] for _, one in ranked))[:most]


def _rank(option: Option, wanted: str) -> int | None:
    texts = option.value.casefold(), option.shown.casefold()
    if any(text.startswith(wanted) for text in texts):
        return 0
    if any(word.startswith(wanted) for text in texts for word in text.replace("#", " ").split()):
        return 1
    return 2 if any(wanted in text for text in texts) else None
