"""A table of figures, as it is printed."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Rows under their heads, column under column; the first `left` columns and the last one hold words."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    last = len(widths) - 1

    def line(cells: Sequence[str]) -> str:
        return "  ".join(
            cell.ljust(width) if place < left or place == last else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()

    return "\n".join(f"  {line(cells)}" for cells in (head, *rows))
