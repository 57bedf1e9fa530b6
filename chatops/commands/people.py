"""Answers to who and what: start, help, whoami, version."""

from bot_integration import Outcome
from chatops.asks import Help, Private, Start, Version, Whoami
from chatops.commands.registry import Asking, Registry, Reply
from chatops.grammar import Misread, bare, parse
from chatops.guard.permissions import Permissions
from chatops.views import people
from chatops.views.answers import misread
from chatops.vocabulary import Vocabulary


class PeopleCommands:
    """Says who one is here, and what one may ask."""

    def __init__(self, desk: str, version: str, permissions: Permissions, vocabulary: Vocabulary) -> None:
        self._desk = desk
        self._version = version
        self._permissions = permissions
        self._vocabulary = vocabulary

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Start, self.start)
        registry.on(Help, self.help)
        registry.on(Private, self.private)
        registry.on(Whoami, self.whoami)
        registry.on(Version, self.version)

    async def start(self, ask: Start, asking: Asking) -> Reply:
        """A greeting."""
        return Reply(people.start(asking.person, self._desk))

    async def help(self, ask: Help, asking: Asking) -> Reply:
        """What may be asked."""
        words, person = self._vocabulary.now, asking.person
        if not ask.about:
            return Reply(people.words(person, self._permissions, words.seen_by(person)))
        said = ask.about.casefold().split()
        kind = words.find(" ".join([bare(said[0]), *said[1:]])) if said else None
        if kind is None and ask.about.casefold() in people.subjects(person, self._permissions, words.seen_by(person)):
            return Reply(people.about(ask.about.casefold(), person, self._permissions, words.seen_by(person)))
        if kind is None or kind.hidden or kind not in words.seen_by(person):
            read = parse(ask.about, words=words)
            hint = read if isinstance(read, Misread) else Misread("/help shows what you can ask.")
            return Reply(misread(hint, person, self._permissions), Outcome.REFUSED)
        return Reply(people.word(kind, person, self._permissions))

    async def private(self, ask: Private, asking: Asking) -> Reply:
        """It goes before what is asked; alone it asks nothing."""
        return Reply(people.private(), Outcome.REFUSED)

    async def whoami(self, ask: Whoami, asking: Asking) -> Reply:
        """The name, the role and the account."""
        return Reply(people.whoami(asking.person, asking.sender))

    async def version(self, ask: Version, asking: Asking) -> Reply:
        """Which Quarterdeck this is."""
        return Reply(people.version(self._version))
