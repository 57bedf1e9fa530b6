"""What an incident holds of a snapshot."""

from chatops.history.rows import Kept, Why
from chatops.incident import told_of
from tests.chatops.replay.recording import recorded


def test_of_a_snapshot_that_is_held_for_hours_nothing_is_kept_but_the_position_that_is_meant() -> None:
    whole = recorded(3)[-1]
    meant, other = whole.positions[:2]
    kept = told_of(Kept(Why.ALERT, whole), meant.id)
    of = kept.snapshot
    assert (kept.why, of.seq, of.at, of.positions) == (Why.ALERT, whole.seq, whole.at, (meant,))
    assert (of.portfolio.equity, of.position(other.id)) == (whole.portfolio.equity, None)
    assert len(of.model_dump_json()) < len(whole.model_dump_json()) / 4
