import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from towpath.errors import DamagedError, InputError
from towpath.settings import load
from towpath.store import EmbeddedPostgres, Store

pytestmark = pytest.mark.usefixtures("real_initdb")

USER = """
import sys
from pathlib import Path
from towpath.store import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.open()
print("open", flush=True)
sys.stdin.read()
server.close()
print("closed", flush=True)
"""


def servers(home: Path):
    """Every process of a PostgreSQL that works in the home folder, by its command line or its parent's."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if f"{home}/postgres" in line:
            found.append(process)
    return found


def user(home: Path):
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def leave(process: subprocess.Popen[str]):
    out, _ = process.communicate("", timeout=60)
    return out


def test_the_server_runs_while_somebody_uses_it_and_not_longer(tmp_path: Path):
    first, second = EmbeddedPostgres(tmp_path), EmbeddedPostgres(tmp_path)
    first.open()
    second.open()
    second.open()
    first.close()
    with psycopg.connect(second.dsn) as connection:
        assert connection.execute("select current_database()").fetchone() == ("towpath",)
    assert servers(tmp_path)
    second.close()
    second.close()
    assert servers(tmp_path) == []


def test_data_is_there_after_a_restart(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path)
    server.open()
    with psycopg.connect(server.dsn) as connection:
        connection.execute("create table kept as select 7 as n")
    server.close()
    server.open()
    with psycopg.connect(server.dsn) as connection:
        assert connection.execute("select n from kept").fetchone() == (7,)
    server.close()


def test_processes_that_start_at_once_share_one_server(tmp_path: Path):
    users = [user(tmp_path) for _ in range(4)]
    for process in users:
        assert process.stdout.readline() == "open\n"
    assert len([p for p in servers(tmp_path) if "-D" in p.cmdline()]) == 1
    for process in users:
        assert leave(process) == "closed\n"
    assert servers(tmp_path) == []


def test_a_user_killed_with_minus_nine_is_not_counted_any_more(tmp_path: Path):
    killed = user(tmp_path)
    assert killed.stdout.readline() == "open\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    assert servers(tmp_path)
    following = user(tmp_path)
    assert following.stdout.readline() == "open\n"
    assert leave(following) == "closed\n"
    assert servers(tmp_path) == []


def test_the_server_itself_killed_with_minus_nine_recovers(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path)
    server.open()
    with psycopg.connect(server.dsn) as connection:
        connection.execute("create table kept as select 7 as n")
    doomed = servers(tmp_path)
    for process in doomed:
        process.kill()
    psutil.wait_procs(doomed, timeout=60)
    other = EmbeddedPostgres(tmp_path)
    other.open()
    with psycopg.connect(other.dsn) as connection:
        assert connection.execute("select n from kept").fetchone() == (7,)
    server.close()
    other.close()
    assert servers(tmp_path) == []


def test_a_pid_file_of_another_program_is_no_obstacle(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path)
    server.open()
    server.close()
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n/x\n1\n5432\n/x\n\n1 1\nready\n")
    server.open()
    server.close()


def test_a_start_that_was_interrupted_is_begun_anew(tmp_path: Path):
    half = tmp_path / "postgres.new.1"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    server = EmbeddedPostgres(tmp_path)
    server.open()
    server.close()
    assert not half.exists()


def test_a_home_with_a_long_or_odd_name_works(tmp_path: Path):
    home = tmp_path / ("long " * 20 + "it's")
    server = EmbeddedPostgres(home)
    server.open()
    psycopg.connect(server.dsn).close()
    server.close()
    assert servers(home) == []


def test_files_of_another_version_are_left_alone(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path)
    server.open()
    server.close()
    version = tmp_path / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(DamagedError, match="PostgreSQL 16"):
        server.open()


def test_a_home_that_can_not_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="TOWPATH_HOME"):
        EmbeddedPostgres(tmp_path / "file" / "home").open()


def test_only_the_account_of_the_server_reaches_it(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path)
    server.open()
    try:
        assert (tmp_path / "postgres").stat().st_mode & 0o077 == 0
        listening = [c for p in servers(tmp_path) for c in p.net_connections("tcp")]
        assert listening == []
    finally:
        server.close()


def test_the_exit_of_the_process_stops_the_server_too(tmp_path: Path):
    script = (
        "import sys; from towpath.store import Store; from towpath.settings import load; "
        "Store(load(home=sys.argv[1])).open()"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=60)
    assert servers(tmp_path) == []


def test_joining_a_running_server_is_quick(tmp_path: Path):
    with Store(load(home=tmp_path)):

        def joining() -> float:
            began = time.perf_counter()
            with Store(load(home=tmp_path)) as second:
                assert second.migrate() == []
                return time.perf_counter() - began

        assert any(joining() < 1.0 for _ in range(20)), "at one of its best, as others use the machine too"


def test_statements_stay_out_of_the_servers_log(store: Store, store_home: Path):
    with pytest.raises(Exception, match="log_canary"), store.begin() as connection:
        connection.exec_driver_sql("select log_canary_column from towpath.meta where value = 'value-canary'")
    logs = "".join(
        file.read_text(errors="replace")
        for file in Path(store_home / "postgres" / "log").glob("*")
        if file.is_file()
    )
    assert "value-canary" not in logs


def test_a_server_that_died_while_it_is_used_is_started_again(tmp_path: Path):
    with Store(load(home=tmp_path)) as store:
        store.audit("system", "test", "before")
        doomed = servers(tmp_path)
        for process in doomed:
            process.kill()
        psutil.wait_procs(doomed, timeout=60)
        store.audit("system", "test", "after")
        assert store.verify_audit().rows == 2
    assert servers(tmp_path) == []
