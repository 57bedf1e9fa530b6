"""Files that say what people read in a whole story, compared word for word."""

import os
from difflib import unified_diff
from pathlib import Path

#: Set to anything, a transcript that differs is written anew, to be read and committed.
WRITE = "REWRITE_TRANSCRIPTS"


def differs(path: Path, text: str) -> str:
    """How what was said differs from what the file says; empty where it does not."""
    if os.environ.get(WRITE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = unified_diff(kept.splitlines(), text.splitlines(), path.name, "what was said", lineterm="")
    return "\n".join([*lines, f"{WRITE}=1 writes it anew."]) if kept != text else ""
