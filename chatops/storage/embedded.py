"""A PostgreSQL of our own, in the data directory: started with the desk, stopped with it."""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from chatops.lasting import Lasting
from chatops.storage.binaries import find_binaries
from chatops.storage.desk_lock import LOCK, DeskLock
from chatops.storage.errors import ServerFailed
from chatops.storage.postmaster import SOCKET_NAME, Postmaster, forget, listens
from chatops.storage.server_log import ServerLog
from chatops.storage.server_user import ServerUser, client_name
from chatops.storage.short_path import ShortPath
from chatops.storage.visiting import ROLE, url_of

log = logging.getLogger(__name__)

#: A small server: one program uses it. What it promises (fsync, synchronous_commit) stays.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    # Relative to the database files: as short as it gets.
    "unix_socket_directories": ".",
    "max_connections": "20",
    "shared_buffers": "16MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "max_worker_processes": "2",
    "max_parallel_workers_per_gather": "0",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "io_method": "sync",
    "autovacuum_max_workers": "1",
    "max_logical_replication_workers": "0",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    # Errors are told to the client, and its log has them: here stands what concerns the server.
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}
#: How long a killed server's last processes may hold its memory; they leave once they notice.
_RETRY_S = 5.0
#: A crash recovery reads all that was written since the last checkpoint.
_READY_S = 60.0
_STOP_S = 30.0
_POLL_S = 0.005
_RETRY_POLL_S = 0.1
#: Between two looks whether it lives.
_LOOK_EVERY_S = 1.0


class EmbeddedPostgres:
    """PostgreSQL on the files in `data_dir/postgres`, for one desk at a time.

    It listens on a Unix socket among those files alone, and knows its client by the system's word
    (peer), so there is neither a port nor a password. As root it runs as the owner of the files, or
    `nobody`. A server that a killed desk left behind is taken over, and stopped at the end as well.
    """

    def __init__(
        self,
        data_dir: Path,
        settings: Mapping[str, str] | None = None,
        *,
        look_every_s: float = _LOOK_EVERY_S,
        retry_s: float = _RETRY_S,
    ) -> None:
        """`settings` are PostgreSQL's own, over those in `SETTINGS`."""
        self._look_every_s = look_every_s
        self._retry_s = retry_s
        self._data_dir = data_dir.absolute()
        self._cluster = self._data_dir / "postgres"
        self._settings = {**SETTINGS, **(settings or {})}
        self._log = ServerLog(self._data_dir / "postgres.log")
        self._lock = DeskLock(self._data_dir / LOCK)
        self._short: ShortPath | None = None
        self._server: Postmaster | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._dead = Lasting(log, "PostgreSQL has died", level=logging.ERROR)
        self._unrevived = Lasting(log, "PostgreSQL cannot be started again yet", level=logging.ERROR)

    async def start(self) -> str:
        """Have it running; gives the URL of its database. Called again, it revives a dead server.

        Raises `DataDirInUse` when another desk lives here, `ServerFailed` when it does not start.
        """
        try:
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except OSError as error:
            raise ServerFailed(
                f"{self._data_dir} cannot be written to: {error.strerror}. Set desk.data_dir to a "
                "directory of the user that the desk runs as."
            ) from error
        try:
            if self._short is None:
                self._short = ShortPath(self._cluster, SOCKET_NAME)
            await self._serve(self._short.path)
        except OSError as error:
            await self.stop()
            raise ServerFailed(
                f"PostgreSQL cannot be set up in {self._data_dir}: {error}. Look at the rights on "
                "it and at the room that is left, or set database.url."
            ) from error
        except BaseException:
            await self.stop()
            raise
        return url_of(self._short.path)

    async def keep(self) -> None:
        """Revive it whenever it has died, until cancelled. What was under way is `DatabaseAway` meanwhile."""
        while True:
            await asyncio.sleep(self._look_every_s)
            if self._short is None or not self._gone():
                continue
            self._dead.met("it is started again")
            try:
                await self._serve(self._short.path)
            except (ServerFailed, OSError) as error:
                self._unrevived.met(error)
            else:
                self._unrevived.over()
                self._dead.over()

    async def stop(self) -> None:
        """Have it stopped, and the directory free for the next desk. Safe to call twice."""
        try:
            if self._server is not None:
                await self._end(self._server)
        finally:
            self._server = self._child = None
            if self._short is not None:
                self._short.remove()
                self._short = None
            self._lock.release()

    async def __aenter__(self) -> str:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        stopping = asyncio.ensure_future(self.stop())
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            # Nobody is told twice to stop and leaves a server behind.
            await asyncio.wait([stopping])
            raise

    async def _serve(self, short: Path) -> None:
        user = ServerUser.of(self._cluster)
        binaries: Path | None = None
        # Only a server that was killed, or is ending, leaves something, and only then does waiting help.
        left = (
            self._child is not None
            or Postmaster.of(self._cluster) is not None
            or (self._cluster / f"{SOCKET_NAME}.lock").exists()
        )
        give_up = time.monotonic() + (self._retry_s if left else 0)
        while True:
            # Until its end is taken note of, a child that was killed counts as alive, to PostgreSQL too.
            if self._child is not None and self._child.poll() is not None:
                self._child = None
            server = Postmaster.of(self._cluster)
            if server is not None and server.lives(self._cluster):
                log.info("taking over PostgreSQL, process %s", server.pid)
                self._server = server
                give_up = time.monotonic() + self._retry_s
            elif self._child is not None and time.monotonic() < give_up:
                # It was killed and has not quite ended.
                await asyncio.sleep(_RETRY_POLL_S)
                continue
            else:
                binaries = binaries or find_binaries(user)
                if not self._cluster.exists():
                    await self._create(binaries, user)
                forget(self._cluster)
                self._launch(binaries, user)
            if await self._comes_up(short):
                return
            if time.monotonic() >= give_up:
                raise ServerFailed(
                    f"PostgreSQL does not start in {self._cluster}. The end of {self._log.path}:\n{self._log.tail()}"
                )
            await asyncio.sleep(_RETRY_POLL_S)

    async def _create(self, binaries: Path, user: ServerUser) -> None:
        # Under another name until it is whole: half a cluster must never be taken for one.
        making = self._data_dir / "postgres.new"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        user.own(making)
        command = (
            str(binaries / "initdb"),
            f"--pgdata={user.seen(making)}",
            f"--username={ROLE}",
            "--auth=peer",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        )
        with self._log.open() as output:
            process = user.launch(command, making, output)
        try:
            while process.poll() is None:  # noqa: ASYNC110 - a process sets no event
                await asyncio.sleep(_POLL_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode != 0:
            raise ServerFailed(
                f"PostgreSQL's files cannot be created in {making}. The end of {self._log.path}:\n{self._log.tail()}"
            )
        making.rename(self._cluster)
        directory = os.open(self._data_dir, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    def _launch(self, binaries: Path, user: ServerUser) -> None:
        names = sorted({"root", client_name()})
        self._write(user, "pg_hba.conf", "local all all peer map=desk\n")
        self._write(user, "pg_ident.conf", "".join(f'desk "{name}" {ROLE}\n' for name in names))
        command = [str(binaries / "postgres"), "-D", user.seen(self._cluster)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open() as output:
            self._child = user.launch(command, self._cluster, output)
        self._server = Postmaster(self._child.pid, ready=False)

    def _write(self, user: ServerUser, name: str, text: str) -> None:
        path = self._cluster / name
        # As root we write where somebody else may: never through a link of theirs.
        path.unlink(missing_ok=True)
        with path.open("x") as stream:
            stream.write(text)
        user.own(path)

    async def _comes_up(self, short: Path) -> bool:
        """Wait until it takes connections; False when it went away instead."""
        give_up = time.monotonic() + _READY_S
        while time.monotonic() < give_up:
            server = Postmaster.of(self._cluster)
            lives = server is not None and server.lives(self._cluster)
            if server is not None and lives and server.ready and listens(short):
                self._server = server
                return True
            if self._gone():
                return False
            await asyncio.sleep(_POLL_S)
        raise ServerFailed(
            f"PostgreSQL has not become ready in {_READY_S:.0f} s. It may still recover from a "
            f"crash: look at {self._log.path} and start again."
        )

    async def _end(self, server: Postmaster) -> None:
        # Fast: sessions are ended, all is written. Immediate: it recovers at the next start.
        for number, limit in ((signal.SIGINT, _STOP_S), (signal.SIGQUIT, _STOP_S / 2)):
            if not self._gone():
                server.send(number)
            give_up = time.monotonic() + limit
            while time.monotonic() < give_up:
                if self._gone():
                    return
                await asyncio.sleep(_POLL_S)
        raise ServerFailed(
            f"PostgreSQL (process {server.pid}) does not stop. Look at {self._log.path}, then "
            f"end it with: kill -QUIT {server.pid}"
        )

    def _gone(self) -> bool:
        if self._child is not None:
            return self._child.poll() is not None
        return self._server is None or not self._server.lives(self._cluster)
