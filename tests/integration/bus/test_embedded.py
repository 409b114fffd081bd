"""The embedded server: lives and dies with its parent, and keeps what it is given to keep."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from shared.bus import embedded
from shared.bus.embedded import EmbeddedRedis, RedisUnavailable, Server, find_server
from tests.support.waiting import wait_until

PARENT = """
import sys, time
from pathlib import Path
from shared.bus.embedded import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1]) if len(sys.argv) > 1 else None, appendfsync="always")
print(server.start(), server.process_id, flush=True)
time.sleep(600)
"""


def lives(process_id: int) -> bool:
    """A zombie that waits for its reaper is dead."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_serves_with_an_append_only_file_and_stops(server: Server) -> None:
    one = EmbeddedRedis(server=server, appendfsync="always", maxmemory_bytes=50_000_000)
    url = one.start()
    client = redis.Redis.from_url(url)
    assert client.info("server")["redis_version"] == ".".join(map(str, server.version))
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    assert client.config_get("appendfsync") == {"appendfsync": "always"}
    assert client.config_get("maxmemory*") | {"maxmemory": "50000000", "maxmemory-policy": "noeviction"} == client.config_get("maxmemory*")
    process_id = one.process_id
    one.stop()
    one.stop()
    assert not lives(process_id)
    assert not Path(url.removeprefix("unix://")).exists()


def test_it_dies_with_its_parent_even_one_killed_with_9(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url, process_id = parent.stdout.readline().split()
    assert lives(int(process_id))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not lives(int(process_id)), "the server is gone")
    wait_until(lambda: not Path(url.removeprefix("unix://")).parent.exists(), "its temporary files are gone")


def test_its_data_directory_is_kept_and_one_server_uses_it_at_a_time(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "a rather deep directory" / ("d" * 150)
    one = EmbeddedRedis(data, server=server)
    client = redis.Redis.from_url(one.start())
    client.set("name", "value")
    monkeypatch.setattr(embedded, "LOCK_PATIENCE_SECONDS", 0.1)
    with pytest.raises(RedisUnavailable, match="Another Redis server is using"):
        EmbeddedRedis(data, server=server).start()
    one.stop()
    again = EmbeddedRedis(data, server=server)
    assert redis.Redis.from_url(again.start()).get("name") == b"value"
    again.stop()


def test_a_parent_killed_with_9_leaves_a_directory_that_the_next_one_can_use(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url, _ = parent.stdout.readline().split()
    redis.Redis.from_url(url).set("name", "value")
    parent.kill()
    parent.wait()
    parent.stdout.close()
    one = EmbeddedRedis(tmp_path / "data")
    assert redis.Redis.from_url(one.start()).get("name") == b"value"
    one.stop()


def test_an_older_server_refuses_what_a_newer_one_wrote(server: Server, tmp_path: Path) -> None:
    one = EmbeddedRedis(tmp_path, server=server)
    one.start()
    one.stop()
    assert (tmp_path / embedded.VERSION_FILE).read_text().strip() == ".".join(map(str, server.version))
    (tmp_path / embedded.VERSION_FILE).write_text("99.1.0\n")
    with pytest.raises(RedisUnavailable, match=r"was written by Redis 99\.1\.0 and this server is .* use the newer server"):
        EmbeddedRedis(tmp_path, server=server).start()


def test_where_there_is_no_server_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RedisUnavailable, match="No Redis server was found: install redis-server"):
        find_server()


def test_the_server_on_path_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "redis-server"
    fake.write_text("#!/bin/sh\necho 'Redis server v=7.4.2 sha=00000000:0 malloc=libc bits=64 build=0'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert find_server() == Server(fake, (7, 4, 2))


def test_a_server_that_cannot_start_says_why(tmp_path: Path, server: Server) -> None:
    (tmp_path / "appendonly.aof").write_text("this is no append-only file\n" * 10)
    (tmp_path / "appendonlydir").mkdir()
    (tmp_path / "appendonlydir" / "appendonly.aof.manifest").write_text("this is no manifest\n")
    with pytest.raises(RedisUnavailable, match="could not start on"):
        EmbeddedRedis(tmp_path, server=server).start()
