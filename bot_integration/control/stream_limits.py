"""How much clients may ask of a bot's process: those of its stream, and others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """The promised ones (SPEC 11), unless somebody says otherwise."""

    clients: int = 500
    #: Connections besides: each is a file of the bot's process.
    others: int = 100
    #: The head of a request has this long to arrive whole; nobody is kept longer who asks nothing.
    head_s: float = 10.0
    #: The body has this long.
    body_s: float = 10.0
    #: A body that nobody wants is read so long, so that its sender comes to read the answer.
    linger_s: float = 2.0
    #: An answer has this long to be read.
    answer_s: float = 30.0
    heartbeat_s: float = 10.0
    #: A connection that is silent so long is asked whether it lives, and has half of it to answer.
    ping_s: float = 20.0
    #: Who has not said what they want by then is let go.
    subscribe_s: float = 10.0
    #: So much may wait in our memory for one client, besides a whole frame. A client with more is behind.
    waiting_bytes: int = 128 * 1024
    #: So much the kernel may hold besides: what lies there grows old, and nobody can take it back.
    kernel_bytes: int = 128 * 1024
    #: A client that is behind has this long to read what waits for it, or is cut.
    stalled_s: float = 20.0
    #: How often it is looked whether one that is behind has read it.
    look_s: float = 0.1
    #: Messages that cannot be read, until the client is given up.
    wrong_messages: int = 10
    #: Between two messages of one client that are read.
    pace_s: float = 0.02
    #: How long a client may take to say good-bye.
    farewell_s: float = 1.0
