"""Starts and stops what interop runs need on 127.0.0.1, a foreign server or the fault proxy, and speaks SCIM to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
SERVERS = ("scim2-server", "scimmy", "django-scim2")
TOKEN = "interop-token"
# The first start installs the server; afterwards it takes seconds.
START_SECONDS = 600
STOP_SECONDS = 30


class CannotStart(Exception):
    """A target did not start; the message says why."""


RUNNING = set()


def end_on_sigterm():
    """Lets SIGTERM end what was started before it ends this process, whatever the process is doing just then."""

    def end(*_):
        running = list(RUNNING)
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        os._exit(143)

    signal.signal(signal.SIGTERM, end)


@contextmanager
def started(name, command, lines):
    """Runs a command that prints `lines` as NAME=VALUE when it is ready; yields them, and ends it by its pid."""
    environment = {**os.environ, "SCIM_TOKEN": TOKEN}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    RUNNING.add(process)
    too_late = threading.Timer(START_SECONDS, process.terminate)
    too_late.start()
    try:
        values = {}
        while not values.keys() >= set(lines):
            line = process.stdout.readline()
            if not line:
                raise CannotStart(f"{name} did not start; its message is above")
            key, _, value = line.strip().partition("=")
            values[key] = value
        too_late.cancel()
        yield values
    finally:
        too_late.cancel()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise CannotStart(f"{name} did not end within {STOP_SECONDS} s of SIGTERM and was killed") from None
        finally:
            RUNNING.discard(process)
            process.stdout.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(name):
    """A foreign server with TOKEN as its token; yields its base URL."""
    command = [str(HERE / "servers" / name / "start.sh"), str(free_port())]
    with started(name, command, ("BASE_URL", "TOKEN")) as values:
        yield values["BASE_URL"]


@contextmanager
def proxy(upstream, fault=None):
    """The fault proxy before a base URL; yields its own."""
    command = [sys.executable, str(HERE / "fault_proxy.py"), "--upstream", upstream, "--token-env", "SCIM_TOKEN"]
    if fault:
        command += ["--fault", fault]
    with started(f"the proxy with {fault}", command, ("BASE_URL",)) as values:
        yield values["BASE_URL"]


class Answer:
    """Status, headers, text and, where it is JSON, document of a reply."""

    def __init__(self, reply):
        self.status = reply.status
        self.headers = reply.headers
        self.text = reply.read().decode()
        try:
            self.document = json.loads(self.text)
        except ValueError:
            self.document = None

    def __repr__(self):
        return f"{self.status} {self.text}"


class Client:
    """A plain SCIM client."""

    def __init__(self, base_url, token=TOKEN):
        self.base_url = base_url
        self.token = token

    def send(self, method, path, document=None):
        request = urllib.request.Request(self.base_url + path, method=method)
        if self.token is not None:
            request.add_header("Authorization", f"Bearer {self.token}")
        if document is not None:
            request.data = json.dumps(document).encode()
            request.add_header("Content-Type", "application/scim+json")
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return Answer(reply)
        except urllib.error.HTTPError as reply:
            with reply:
                return Answer(reply)

    def find(self, endpoint, filter_text):
        return self.send("GET", f"/{endpoint}?filter={quote(filter_text, safe='')}")

    def listing(self, endpoint):
        """Every resource of an endpoint, over all pages, in the order of their ids."""
        resources, start = {}, 1
        while True:
            answer = self.send("GET", f"/{endpoint}?startIndex={start}&count=100")
            if answer.status != 200 or not isinstance(answer.document, dict):
                raise CannotStart(f"{self.base_url}/{endpoint} cannot be listed: {answer!r}")
            page = answer.document.get("Resources") or []
            resources.update((each["id"], each) for each in page)
            start += len(page)
            if not page or start > answer.document["totalResults"]:
                return [resources[each] for each in sorted(resources)]
