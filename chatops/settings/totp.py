"""The key from which the codes of authenticator apps follow."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from chatops.settings.faults import fault
from chatops.settings.secret import FileOfSecret, OptionalSecret
from chatops.settings.section import Section

#: What `openssl rand -hex 32` prints has 64; less is guessed by whoever has the database.
LEAST_CHARACTERS = 32


def _long_enough(key: SecretStr | None) -> SecretStr | None:
    if key is not None and len(key.get_secret_value()) < LEAST_CHARACTERS:
        raise fault("is too short to be a key", "what `openssl rand -hex 32` prints")
    return key


class TotpSettings(Section):
    """Where the key is; without one the desk makes its own under `data_dir`."""

    key_file: FileOfSecret = None
    key: Annotated[OptionalSecret, AfterValidator(_long_enough)] = Field(
        None, description="what `openssl rand -hex 32` prints; leave it out for a file of the desk's own"
    )

    @property
    def given(self) -> str | None:
        """The key; None where the desk makes its own."""
        return None if self.key is None else self.key.get_secret_value()
