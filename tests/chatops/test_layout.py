import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.layout import NOTHING, align, fit, pad, plain, shows, width
from chatops.messages import PHONE_COLUMNS

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)
TABLES = st.integers(1, 12).flatmap(
    lambda columns: st.lists(st.lists(ANYTHING, min_size=columns, max_size=columns), min_size=1, max_size=6)
)


def test_columns_stand_under_each_other_and_numbers_end_together() -> None:
    table = align([["SOL", "0.28", "1,234.50"], ["BTC-PERP", NOTHING, "−12.00"]], right="12")
    assert table.lines == (
        "SOL      0.28 1,234.50",
        "BTC-PERP    –   −12.00",
    )


def test_the_widest_column_gives_way() -> None:
    table = align([["a very long name of a position", "1,234.50", "0.28"]], right="12", columns=24)
    assert table.lines == ("a very lo… 1,234.50 0.28",)


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert [width(text) for text in ("SOL", "日本", "e\u0301", "🚀", "–")] == [3, 4, 1, 2, 1]
    assert align([["日本", "1"], ["SOL", "2"], ["e\u0301", "3"]]).lines == ("日本 1", "SOL  2", "e\u0301    3")


def test_a_cut_never_tears_a_wide_character() -> None:
    assert fit("日本語", 4) == "日…"
    assert pad("日本語", 4) == "日… "
    assert pad("日本語", 4, right=True) == " 日…"


def test_a_pile_of_marks_is_cut_though_it_has_no_width() -> None:
    assert fit("e" + "\u0301" * 4_000, 2) == "e" + "\u0301" * 6 + "…"
    assert fit("e\u0302\u0301" * 5, 5) == "e\u0302\u0301" * 5


def test_what_moves_the_cursor_hides_or_turns_round_is_taken_out() -> None:
    assert plain("SOL\x1b[2J\r\n\u202eBTC\u200b\u2028\ud800❤\ufe0f\x9b") == "SOL [2J  BTC ❤ "


def test_no_rows_are_no_lines() -> None:
    assert align([]).lines == ()
    assert align([[], []]).lines == ("", "")


def test_rows_of_different_lengths_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="zip"):
        align([["a", "b"], ["c"]])


def test_only_the_named_columns_end_together_also_beyond_the_tenth() -> None:
    row = ["ab"] * 12
    assert align([row, ["c"] * 12], right="10", columns=80).lines[1] == " c  c " + "c  " * 9 + "c"


@given(ANYTHING)
def test_any_text_becomes_one_line_that_can_be_written_down(text: str) -> None:
    line = plain(text)
    assert line.splitlines() in ([], [line])
    assert line.encode().decode() == line
    assert plain(line) == line


@given(ANYTHING, st.integers(0, 50), st.booleans())
def test_any_text_fits_any_column(text: str, columns: int, right: bool) -> None:
    assert width(fit(text, columns)) <= columns
    assert width(pad(text, columns, right)) == columns


@given(TABLES, st.text("0123456789", max_size=5))
def test_any_table_fits_a_phone(rows: list[list[str]], right: str) -> None:
    table = align(rows, right=right)
    assert len(table.lines) == len(rows)
    assert max(map(width, table.lines)) <= PHONE_COLUMNS


@given(TABLES)
def test_lines_that_end_in_a_number_are_of_one_width(rows: list[list[str]]) -> None:
    numbered = [[*row, str(number)] for number, row in enumerate(rows)]
    table = align(numbered, right=str(len(rows[0])) if len(rows[0]) < 10 else "")
    assert len(set(map(width, table.lines))) == 1


def test_what_nobody_sees_shows_nothing() -> None:
    assert not any(map(shows, ["", " \n\t", "\u200b" * 200, "\x00", "\ud800", "\u00a0"]))
    assert all(map(shows, ["–", "\u200b" * 200 + "x", "🚀"]))
