import pytest
from pydantic import ValidationError

from bot_integration import CommandRisk
from chatops.asks import ASKS, Ack, AckAll, Alerts, Ask, Close, Kill, Pause, Resume, Rules, Silence, Status, Stop
from chatops.grammar import Misread, parse
from chatops.ledger import Aside, aside_of
from chatops.people import Role

BOTS = ("alpha", "beta")


@pytest.mark.parametrize(
    ("typed", "ask"),
    [
        ("/alerts", Alerts()),
        ("/alerts 12", Alerts(number=12)),
        ("/alerts beta", Alerts(bot="beta")),
        ("/ack #12", Ack(alert=12)),
        ("/ack all", AckAll()),
        ("/ack alpha all", AckAll(bot="alpha")),
        ("/silence 12 until resolved", Silence(what="12", length="until resolved")),
        ("/silence alpha SOL-1/bybit 1H 30M", Silence(what="SOL-1/bybit", length="1h 30m", bot="alpha")),
        ("/rules daily_loss critical.throttle 2m", Rules(rule="daily_loss", key="critical.throttle", value="2m")),
    ],
)
def test_what_is_said_of_alerts_is_read(typed: str, ask: Ask) -> None:
    assert parse(typed, BOTS) == ask


@pytest.mark.parametrize("typed", ["/ack health_factor", "/ack -1", "/alerts soon", "/unsilence x", "/oncall end x"])
def test_what_is_no_number_is_misread_with_a_hint(typed: str) -> None:
    read = parse(typed, ())
    assert isinstance(read, Misread)
    assert "It goes: /" in read.hint


def test_a_number_has_an_end() -> None:
    with pytest.raises(ValidationError):
        Ack(alert=2**31)


def test_looking_at_rules_is_for_viewers_and_changing_them_for_admins() -> None:
    looking, changing = Rules(rule="daily_loss"), Rules(rule="daily_loss", key="dwell", value="2m")
    assert (looking.needs, looking.reads, looking.form) == (Role.VIEWER, True, "rules")
    assert (changing.needs, changing.reads, changing.form) == (Role.ADMIN, False, "rules set")


@pytest.mark.parametrize(
    ("ask", "aside"),
    [
        (Ack(alert=1), Aside.ANYHOW),
        (AckAll(), Aside.ANYHOW),
        (Stop(), Aside.ANYHOW),
        (Kill(switch="on"), Aside.ANYHOW),
        (Kill(switch="off"), Aside.REFUSED),
        (Close(position="SOL-1"), Aside.ON_DISK),
        (Pause(scope="entry"), Aside.ON_DISK),
        (Status(), Aside.ON_DISK),
        (Resume(scope="entry"), Aside.REFUSED),
        (Silence(what="1", length="1h"), Aside.REFUSED),
        (Rules(rule="daily_loss", key="dwell", value="2m"), Aside.REFUSED),
    ],
)
def test_what_is_done_while_the_database_is_away(ask: Ask, aside: Aside) -> None:
    assert aside_of(ask) is aside
    assert ask.cannot_wait is (aside is not Aside.REFUSED)


def test_only_what_stops_a_bot_or_a_ping_storm_is_past_every_limit() -> None:
    past = {kind.word for kind in ASKS if kind.emergency and kind().moves is not CommandRisk.INCREASES}
    assert past == {"ack", "ack all", "stop", "kill"}
