"""The codes by which people come in, as they are shown."""

import re

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def code_in(text: str) -> str:
    """The code that a text shows."""
    found = CODE.search(text)
    assert found is not None, text
    return found[0]
