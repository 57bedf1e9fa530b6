from datetime import timedelta

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from PIL import Image

from alerts.severity import Severity
from chatops.charts.drawing import figure, png
from chatops.charts.facts import (
    Alarm,
    Attribution,
    Daily,
    Danger,
    Day,
    Equity,
    Exposure,
    Facts,
    FundingRates,
    Held,
    Share,
)
from chatops.charts.series import Reach, Series
from chatops.charts.style import Style, Theme
from tests.chatops.charts.baselines import DOCS, FOLDER, PICTURES, difference, on_phone
from tests.chatops.charts.examples import DARK, EMPTY, EQUITY, FULL, GAPS, LIGHT, ONE, RATES, START

#: Of 255, in the square of 5 pixels that differs most: a line that moved by a pixel is more.
ALIKE = 12.0


def words(drawn: Figure) -> list[str]:
    return [one.get_text() for one in drawn.findobj(Text) if one.get_text()]


def cut_off(drawn: Figure) -> list[str]:
    """Words of which a part is outside the picture."""
    sheet = drawn.bbox
    found = []
    for one in drawn.findobj(Text):
        if one.get_text():
            lies = one.get_window_extent()
            if min(lies.x0, lies.y0) < -1 or lies.x1 > sheet.x1 + 1 or lies.y1 > sheet.y1 + 1:
                found.append(one.get_text())
    return found


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_it_did_when_somebody_last_looked_at_it(name: str) -> None:
    with Image.open(FOLDER / f"{name}.png") as baseline:
        assert difference(on_phone(name), baseline.convert("RGB")) < ALIKE


def test_a_picture_that_looks_otherwise_is_noticed() -> None:
    with Image.open(FOLDER / "daily-light.png") as one, Image.open(FOLDER / "week-light.png") as other:
        assert difference(one.convert("RGB"), other.convert("RGB")) > 5 * ALIKE


@pytest.mark.parametrize("name", FULL)
def test_each_picture_names_its_zone_and_cuts_no_words_off(name: str) -> None:
    drawn = figure(FULL[name], DARK)
    assert any("Europe/Berlin" in text for text in words(drawn))
    assert cut_off(drawn) == []


@pytest.mark.parametrize("name", ["equity", "daily", "attribution", "exposure"])
def test_each_picture_of_money_names_the_currency(name: str) -> None:
    shown = words(figure(FULL[name], Style(currency="USDT")))
    assert any("USDT" in text for text in shown)
    assert not any("USD" in text.replace("USDT", "") for text in shown)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("equity", "nothing was recorded in this time"),
        ("daily", "nothing is known of this time"),
        ("attribution", "nothing was made or lost in this time"),
        ("danger", "no HF and no MF was recorded in this time"),
        ("rates", "no funding rate was recorded in this time"),
        ("exposure", "nothing is held on any venue"),
    ],
)
def test_where_there_is_nothing_to_draw_a_word_says_so(name: str, word: str) -> None:
    drawn = figure(EMPTY[name], LIGHT)
    assert word in words(drawn)
    assert cut_off(drawn) == []


@pytest.mark.parametrize("name", ["equity", "danger", "rates"])
def test_a_single_point_is_drawn_and_said_to_be_one(name: str) -> None:
    drawn = figure(ONE[name], LIGHT)
    assert "one point so far" in words(drawn)
    assert any(line.get_marker() == "o" for panel in drawn.axes for line in panel.lines)


def test_each_bar_of_a_week_has_its_day_under_its_middle_and_the_months_of_a_year_their_names() -> None:
    week = tuple(Day(one * 86_400.0, (one + 1) * 86_400.0, 1.0) for one in range(7))
    drawn = figure(Daily("", "day", week), Style())
    named = {one.get_text(): one.xy[0] for one in drawn.findobj(Annotation)}
    assert [named[f"{day} Jan"] for day in range(1, 8)] == [(one.start + one.end) / 2 for one in week]
    months = tuple(Day(one * 2_635_200.0 + 5e6, (one + 1) * 2_635_200.0 + 5e6, 1.0) for one in range(12))
    shown = words(figure(Daily("", "month", months), Style()))
    assert [name for name in shown if name in {"Mar", "May", "Jul", "Sep", "Nov", "1971"}] == [
        *("Mar", "May", "Jul", "Sep", "Nov", "1971")
    ]


def test_of_a_bot_that_is_new_the_time_is_drawn_since_it_is_known() -> None:
    """A bug: after the first minutes of a demo a day's curve was a dash at the right edge."""
    minutes = [START + timedelta(hours=23, minutes=one) for one in range(50, 60)]
    made, high_water, drawdown = (
        Series.of(name, [(at, 1.0) for at in minutes]) for name in ("made", "high water", "drawdown")
    )
    new = Equity("", Reach(START.timestamp(), START.timestamp() + 86_400.0), made, high_water, drawdown)
    drawn = figure(new, LIGHT)
    assert drawn.axes[0].get_xlim() == (minutes[0].timestamp(), new.reach.end)
    assert any("23 Oct 2026, 01:50 – 02:00" in text for text in words(drawn))
    days = tuple(Day(one * 86_400.0, (one + 1) * 86_400.0, 1.0 if one == 29 else float("nan")) for one in range(30))
    low, high = figure(Daily("", "day", days), LIGHT).axes[0].get_xlim()
    assert (high - low) / 86_400 == 7


def test_what_the_documents_show_is_small() -> None:
    assert all((DOCS / f"{name}.png").stat().st_size < 80_000 for name in ("pnl", "equity", "health"))


def test_a_gap_parts_the_line() -> None:
    drawn = figure(RATES, LIGHT)
    drawn_at = [np.asarray(line.get_xdata(), dtype=float) for line in drawn.axes[0].lines]
    ends = [(at[0], at[-1]) for at in drawn_at if len(at) > 2]
    begins, over = GAPS[0].start.timestamp(), GAPS[0].end.timestamp()
    assert len(ends) == 2 * len(RATES.rates)
    assert all(last <= begins or first >= over for first, last in ends)


def test_a_name_is_no_mathematics_and_a_sign_without_a_picture_is_a_box() -> None:
    held = (Held("$\\frac{1}$ 🚀 <b>", 1.0, 0.0),)
    assert any("$\\frac{1}$ □ <b>" in text for text in words(figure(Exposure("$x", 0.0, held), LIGHT)))


def test_more_lanes_than_fit_are_summed_at_the_end() -> None:
    many = Attribution("", "lane", EQUITY.reach, tuple(Share(f"lane {one}", -one, 0, 0, 0) for one in range(20)))
    shown = words(figure(many, LIGHT))
    assert "13 others" in shown
    assert f"−{sum(range(7, 20))}.00" in shown


def test_the_picture_of_the_same_facts_is_the_same_file() -> None:
    assert png(figure(ONE["exposure"], LIGHT)) == png(figure(ONE["exposure"], LIGHT))


amounts = st.floats(-1e14, 1e14) | st.floats(-100, 100) | st.just(float("nan")) | st.just(0.0)
sizes = st.floats(0, 1e14) | st.floats(0, 100)
names = st.text(max_size=60)
moments = st.floats(START.timestamp() - 4e8, START.timestamp() + 4e8)
lengths = st.sampled_from([0.0, 1e-6, 1.0, 3_600.0, 86_400.0, 2.6e6, 3.2e7, 3e8])


@st.composite
def reaches(draw: st.DrawFn) -> Reach:
    start, length = draw(moments), draw(lengths)
    gap = sorted(draw(st.tuples(st.floats(0, 1), st.floats(0, 1))))
    return Reach(start, start + length, ((start + gap[0] * length, start + gap[1] * length),))


@st.composite
def lines(draw: st.DrawFn, reach: Reach) -> Series:
    places = sorted(draw(st.lists(st.floats(-0.1, 1.1), max_size=8)))
    at = tuple(reach.start + place * (reach.end - reach.start) for place in places)
    return Series(draw(names), at, tuple(draw(amounts) for _ in at))


@st.composite
def anything(draw: st.DrawFn) -> Facts:
    reach, name = draw(reaches()), draw(names)
    line = lines(reach)
    several = st.lists(line, max_size=8).map(tuple)
    thresholds = st.lists(st.tuples(st.sampled_from(Severity), st.floats(0, 1)), max_size=3).map(tuple)
    alarm = st.builds(Alarm, st.floats(reach.start, reach.end), st.sampled_from(Severity))
    length = max(reach.end - reach.start, 1.0)
    starts = [reach.start + one * length for one in range(draw(st.integers(0, 9)))]
    facts: Facts = draw(
        st.one_of(
            st.builds(Equity, st.just(name), st.just(reach), line, line, line, amounts),
            st.builds(
                lambda totals: Daily(
                    name,
                    "week",
                    tuple(Day(at, at + length, *one) for at, one in zip(starts, totals, strict=True)),
                ),
                st.lists(st.tuples(amounts, st.sampled_from([0.0, 60.0])), min_size=len(starts), max_size=len(starts)),
            ),
            st.builds(
                Attribution,
                st.just(name),
                st.just("lane"),
                st.just(reach),
                st.lists(st.builds(Share, names, amounts, amounts, amounts, amounts), max_size=10).map(tuple),
            ),
            st.builds(
                Danger,
                st.just(name),
                st.just(reach),
                several,
                several,
                thresholds,
                thresholds,
                st.lists(alarm, max_size=3).map(tuple),
            ),
            st.builds(FundingRates, st.just(name), st.just(reach), several),
            st.builds(
                Exposure,
                st.just(name),
                st.just(reach.start),
                st.lists(st.builds(Held, names, sizes, sizes, amounts), max_size=10).map(tuple),
            ),
        )
    )
    return facts


# Without shrinking: a picture takes a tenth of a second.
@settings(max_examples=10, deadline=timedelta(seconds=20), phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(anything(), st.sampled_from(Theme))
def test_whatever_the_facts_there_is_a_picture_with_all_its_words_inside(facts: Facts, theme: Theme) -> None:
    drawn = figure(facts, Style(theme))
    assert cut_off(drawn) == []
    # Small, as it is only drawn to see whether it can be.
    drawn.set_dpi(40)
    drawn.canvas.draw()
