"""How long each room is left alone that does not answer: longer each time."""

#: In seconds.
FIRST_S, LONGEST_S = 1.0, 60.0


class Pauses:
    """Counts failures in a row, by room."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}

    def next_s(self, room: str) -> float:
        """Seconds to wait after one more failure."""
        failures = self._failures[room] = self._failures.get(room, 0) + 1
        return min(LONGEST_S, FIRST_S * 2.0 ** min(failures - 1, 16))

    def end(self, room: str) -> None:
        """It answers again."""
        self._failures.pop(room, None)
