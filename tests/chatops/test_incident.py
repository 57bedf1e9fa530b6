"""What an incident holds of a snapshot, and in whose time its file tells it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chatops.alert_record import History
from chatops.history.rows import Kept, Why
from chatops.incident import Incident, span_around, told_of
from chatops.views.incident import markdown
from tests.chatops.replay.recording import recorded
from tests.chatops.views.test_alerts import alert


def test_of_a_snapshot_that_is_held_for_hours_nothing_is_kept_but_the_position_that_is_meant() -> None:
    whole = recorded(3)[-1]
    meant, other = whole.positions[:2]
    kept = told_of(Kept(Why.ALERT, whole), meant.id)
    of = kept.snapshot
    assert (kept.why, of.seq, of.at, of.positions) == (Why.ALERT, whole.seq, whole.at, (meant,))
    assert (of.portfolio.equity, of.position(other.id)) == (whole.portfolio.equity, None)
    assert len(of.model_dump_json()) < len(whole.model_dump_json()) / 4


def test_on_a_night_on_which_clocks_change_each_moment_says_whether_it_is_before_or_after() -> None:
    began = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    now = began + timedelta(hours=1)
    history = History(alert(began_at=began), {}, (), ())
    told = Incident(history, span_around(began, None, now), (), (), ())
    text = markdown(told, now, ZoneInfo("Europe/Berlin"))
    assert "Began 2026-10-25 02:50:00 CEST, stands 1 h" in text
    assert "Made 2026-10-25 02:50:00 CET from what is on record" in text
    assert "Began 2026-10-25 09:50:00, stands" in markdown(told, now, ZoneInfo("Asia/Tokyo"))
