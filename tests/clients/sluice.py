"""Runs `sluice serve` for the client tests, and says SKIPPED (exit 77) where a client is not there."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest
import urllib.request

BINARY = os.environ.get("SLUICE", "sluice")
HERE = os.path.dirname(os.path.abspath(__file__))
# What every client needs to be told, though Sluice takes any key.
ENVIRONMENT = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "anyone",
    "AWS_SECRET_ACCESS_KEY": "anything",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.path.join(HERE, "none"),
    "AWS_SHARED_CREDENTIALS_FILE": os.path.join(HERE, "none"),
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
}


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(77)


class Server:
    """A `sluice serve` on a free port; `with` stops it by SIGTERM and expects exit 0."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([BINARY, "serve", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready http://127.0.0.1:"):
            self.process.wait()
            raise RuntimeError(f"sluice serve said {line!r} and ended with {self.process.returncode}")
        self.url = line.split()[1]
        self.port = self.url.rsplit(":", 1)[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(timeout=30)
            assert code == 0, f"sluice serve ended with {code}"
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read()

    def sql(self, statement):
        """The rows of the last result set."""
        request = urllib.request.Request(self.url + "/_sluice/sql", data=statement.encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["results"][-1]["rows"]


def wait_until(condition, what, seconds=60):
    """Polls, because a live pipeline has its own pace. Returns what the condition gives."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def main():
    if not (os.path.isfile(BINARY) and os.access(BINARY, os.X_OK)):
        sys.exit(f"SLUICE={BINARY} is no program")
    unittest.main(verbosity=2)
