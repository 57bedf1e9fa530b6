"""Uploads: an address first, then the bytes, then the word that it is all there."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.post import File


@dataclass(slots=True)
class Promise:
    """What was announced and has an address; `content` once it came."""

    id: str
    name: str
    length: int
    alt_text: str
    content: bytes | None = field(default=None, repr=False)


class Files:
    """Every file that the app has begun or finished to upload."""

    def __init__(self, next_id: Callable[[str], str]) -> None:
        self._next_id = next_id
        self._promised: dict[str, Promise] = {}
        self.finished: list[File] = []
        self.deleted: list[File] = []

    def promise(self, name: str, length: int, alt_text: str) -> str:
        """The id of a file to come; it is the last part of its address too."""
        promise = Promise(self._next_id("F"), name, length, alt_text)
        self._promised[promise.id] = promise
        return promise.id

    def take(self, file_id: str, content: bytes) -> None:
        """The bytes have come; raises `ApiError` where nobody announced them so."""
        promise = self._promised.get(file_id)
        if promise is None:
            raise ApiError("Not Found", status=404)
        if len(content) != promise.length:
            raise Breach(f"{promise.name} was announced with {promise.length} bytes and has {len(content)}")
        promise.content = content

    def finish(self, file_id: str, title: str) -> File:
        """The file, which from now on exists; raises `ApiError` where its bytes never came."""
        promise = self._promised.get(file_id)
        if promise is None or promise.content is None:
            raise ApiError("file_not_found")
        del self._promised[file_id]
        file = File(file_id, promise.name, title or promise.name, promise.alt_text, promise.content)
        self.finished.append(file)
        return file

    def find(self, file_id: str) -> File | None:
        return next((file for file in self.finished if file.id == file_id), None)

    def delete(self, file_id: str) -> File:
        """Take a file away; raises `ApiError` where there is none."""
        file = self.find(file_id)
        if file is None:
            raise ApiError("file_not_found")
        self.finished.remove(file)
        self.deleted.append(file)
        return file
