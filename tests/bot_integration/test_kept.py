"""What is kept for those who come back: the newest, in order, in little memory."""

import pytest

from bot_integration.frames import Delta, DeltaKind
from bot_integration.kept import Kept


def ticks(first: int, count: int) -> list[Delta]:
    return [Delta(DeltaKind.METRICS_UPDATE, {"metrics": {"ticks": number}}) for number in range(first, first + count)]


@pytest.mark.parametrize("at_once", [1, 7, 250, 1000])
def test_the_newest_are_kept_in_order(at_once: int) -> None:
    kept = Kept(most=600)
    for first in range(0, 2000, at_once):
        kept.add(ticks(first, min(at_once, 2000 - first)))
    assert len(kept) == 600
    assert kept.newest(600) == tuple(ticks(1400, 600))
    assert kept.newest(3) == tuple(ticks(1997, 3))
    assert kept.newest(0) == ()
    assert kept.newest(601) is None
    assert kept.newest(-1) is None


def test_where_they_are_large_fewer_are_kept() -> None:
    kept = Kept(most=1000, most_bytes=1000)
    for number in range(100):
        kept.add([Delta(DeltaKind.POSITIONS_ORDER, {"ids": ["x" * 80, str(number)]})])
    assert 0 < len(kept) < 10
    assert kept.bytes <= 1000
    newest = kept.newest(len(kept))
    assert newest is not None
    assert newest[-1].data["ids"][1] == "99"


def test_what_json_cannot_say_is_not_kept_nor_what_came_with_it() -> None:
    kept = Kept()
    kept.add(ticks(0, 1))
    with pytest.raises(ValueError, match="utf-8"):
        kept.add([*ticks(1, 300), Delta(DeltaKind.EXTRA_UPDATE, {"extra": {"a": "\ud800"}})])
    assert kept.newest(1) == tuple(ticks(0, 1))
    assert len(kept) == 1


def test_after_it_was_emptied_nothing_is_there() -> None:
    kept = Kept()
    kept.add(ticks(0, 300))
    kept.clear()
    assert (len(kept), kept.bytes, kept.newest(1)) == (0, 0, None)
