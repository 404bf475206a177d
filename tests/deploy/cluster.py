"""A cluster of one machine: it takes Kubernetes' jobs as the real one does, and starts each as a process."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT

_JOB = re.compile(r"/apis/batch/v1/namespaces/[\w-]+/jobs(?:/([\w-]+))?(?:/status)?")


@dataclass
class Cluster:
    """kubeconfig: how its clients reach it. jobs: what was asked for, by name. kill: the step whose pod dies."""

    kubeconfig: Path
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    kill: str = ""
    killed: int = 0
    _pods: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def pods(self, component: str) -> list[dict[str, Any]]:
        """The pods of the jobs of a component, as they were asked for."""
        of = "app.kubernetes.io/component"
        return [j["spec"]["template"] for j in self.jobs.values() if j["metadata"]["labels"].get(of) == component]

    def start(self, job: dict[str, Any]) -> None:
        """Starts the one container of a job, with the variables that it has and no other."""
        name = job["metadata"]["name"]
        (container,) = job["spec"]["template"]["spec"]["containers"]
        given = {each["name"]: each["value"] for each in container["env"] if "value" in each}
        program, *arguments = container["args"]
        assert program == "dagster"
        self.jobs[name] = job
        self._pods[name] = subprocess.Popen(
            [sys.executable, "-m", "dagster", *arguments],
            env={"PATH": os.defpath, "PYTHONPATH": str(PROJECT), "LANG": "C.UTF-8"} | given,
            cwd=self.kubeconfig.parent,
            stdout=subprocess.DEVNULL,
        )
        if given["DAGSTER_RUN_STEP_KEY"] == self.kill:
            self._pods[name].kill()
            self.killed += 1

    def status(self, name: str) -> dict[str, Any]:
        """A job with how it stands."""
        ended = self._pods[name].poll()
        said = {"active": 1} if ended is None else {"failed": 1} if ended else {"succeeded": 1}
        return self.jobs[name] | {"status": said}

    def stop(self) -> None:
        """Ends what is still at work."""
        for pod in self._pods.values():
            pod.kill()
            pod.wait()


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """A cluster on the loopback."""
    cluster = Cluster(folder / "kubeconfig")

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            cluster.start(job)
            self.answer(201, job)

        def do_GET(self) -> None:
            found = _JOB.fullmatch(self.path)
            if found and found[1] in cluster.jobs:
                self.answer(200, cluster.status(found[1]))
            else:
                self.answer(404, {"kind": "Status", "reason": "NotFound"})

        def answer(self, code: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: what matters is asked for."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    cluster.kubeconfig.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "here",
                "users": [{"name": "us", "user": {}}],
                "clusters": [{"name": "it", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
                "contexts": [{"name": "here", "context": {"cluster": "it", "user": "us"}}],
            }
        )
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield cluster
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        cluster.stop()
