"""Spark out of the pyspark wheel, on loopback and without network: a Connect server, alone or before a cluster."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

HOME = Path(pyspark.__file__).parent
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
NO_JAVA = "Spark needs Java 17 or 21: apt-get install openjdk-17-jre-headless (or set JAVA_HOME)"
PATIENCE_SECONDS = 120

# What such small data ask for: few tasks, little time for the compiler, no pages.
DEFAULTS = """
spark.executor.memory 900m
spark.executor.cores 1
spark.sql.shuffle.partitions 4
spark.ui.enabled false
spark.sql.catalogImplementation in-memory
spark.driver.extraJavaOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1
spark.executor.extraJavaOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1
"""
LOG = """
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1}: %m%n%throwable{short}
"""


def has_java() -> bool:
    """Whether there is a Java that Spark would take."""
    return "JAVA_HOME" in os.environ or shutil.which("java") is not None


@dataclass(frozen=True)
class Server:
    """A process of Spark with all that it started, and what it said."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """Ends it at once, as a machine that loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def connect_server(folder: Path, master: str = "local[2]") -> Iterator[str]:
    """The address of a Connect server that stands before `master`. folder: where it writes all it writes."""
    port = _free_port()
    command = [
        *("spark-submit", "--class", CONNECT, "--master", master, "--name", "connect"),
        *("--conf", "spark.connect.grpc.binding.address=127.0.0.1"),
        *("--conf", f"spark.connect.grpc.binding.port={port}"),
        *("--conf", f"spark.sql.warehouse.dir={folder / 'warehouse'}"),
        "spark-internal",
    ]
    with _started(command, folder, "connect", port):
        yield f"sc://127.0.0.1:{port}"


@dataclass(frozen=True)
class Cluster:
    """remote: the address of the Connect server before it."""

    remote: str
    workers: list[Server]


@contextmanager
def cluster(folder: Path, size: int = 2) -> Iterator[Cluster]:
    """A master, `size` workers of one core each, and a Connect server before them."""
    port = _free_port()
    where = ["--host", "127.0.0.1", "--webui-port", "0"]
    master = ["spark-class", "org.apache.spark.deploy.master.Master", *where, "--port", str(port)]
    worker = ["spark-class", "org.apache.spark.deploy.worker.Worker", *where, "--cores", "1", "--memory", "1g"]
    with ExitStack() as running:
        running.enter_context(_started(master, folder, "master", port))
        workers = []
        for number in range(size):
            name, own = f"worker{number}", _free_port()
            command = [*worker, "--port", str(own), "--work-dir", str(folder / name), f"spark://127.0.0.1:{port}"]
            workers.append(running.enter_context(_started(command, folder, name, own)))
        remote = running.enter_context(connect_server(folder, f"spark://127.0.0.1:{port}"))
        yield Cluster(remote, workers)


@contextmanager
def _started(command: list[str], folder: Path, name: str, port: int) -> Iterator[Server]:
    """A process of Spark that listens on the port, until the block ends."""
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "spark-defaults.conf").write_text(DEFAULTS, "utf-8")
    (conf / "log4j2.properties").write_text(LOG, "utf-8")
    # PySpark takes SPARK_REMOTE of whoever calls for the server to be asked, and starts none.
    environment = {key: value for key, value in os.environ.items() if key != "SPARK_REMOTE"}
    environment |= {"SPARK_HOME": str(HOME), "SPARK_CONF_DIR": str(conf), "SPARK_LOCAL_IP": "127.0.0.1"}
    environment |= {"SPARK_LOCAL_DIRS": str(folder / "local"), "SPARK_DAEMON_MEMORY": "3g"}
    log = folder / f"{name}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(HOME / "bin" / command[0]), *command[1:]],
            cwd=folder,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, log)
    try:
        _wait(server, port)
        yield server
    finally:
        if process.poll() is None:
            server.kill()


def _wait(server: Server, port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"Spark did not start:\n{server.log.read_text('utf-8', 'replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])
