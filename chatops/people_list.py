"""Everybody, as the command line lists them."""

from collections.abc import Iterator
from typing import TextIO

from chatops.layout import in_columns, plain
from chatops.people import Directory, Principal

HEADS = ("name", "role", "from", "accounts")


def put_people(directory: Directory, stream: TextIO) -> None:
    """Write a line for each person, and what of the database does not count."""
    rows = [HEADS, *(tuple(map(plain, _cells(directory, one))) for one in directory.people)]
    stream.writelines(f"{line}\n" for line in in_columns(rows))
    stream.writelines(f"Note: {plain(clash)}.\n" for clash in directory.clashes)
    if not directory.admins:
        stream.write("Nobody is admin: quarterdeck users claim prints a code for the first one.\n")


def _cells(directory: Directory, person: Principal) -> Iterator[str]:
    yield person.name
    yield person.role
    yield directory.source(person)
    yield ", ".join(sorted(map(str, person.identities))) or "none"
