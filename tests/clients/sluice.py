"""Runs `sluice serve` for the client tests, and says SKIPPED (exit 77) where a client is not there."""

import datetime
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
import unittest
import urllib.parse
import urllib.request

BINARY = os.environ.get("SLUICE", "sluice")
HERE = os.path.dirname(os.path.abspath(__file__))
KEY, SECRET = "AKIASLUICECLIENT", "any/thing+at=all"
# The options of a server that takes no key but this one. Without them it takes any.
VERIFY = ("--verify-signatures", "--access-key", f"{KEY}:{SECRET}")
# What every client needs to be told, and nothing of the user's own.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    "NO_PROXY": "127.0.0.1,localhost",
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.path.join(HERE, "none"),
    "AWS_SHARED_CREDENTIALS_FILE": os.path.join(HERE, "none"),
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
}
os.environ.clear()
os.environ.update(ENVIRONMENT)  # for the clients that are Python modules


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(77)


def folder_of(client):
    """Where tests/clients/install puts this client: below the folder that SLUICE_CLIENTS names."""
    return os.path.join(os.path.abspath(os.environ.get("SLUICE_CLIENTS", "clients")), client)


def program(client, name):
    """A program that came from PyPI."""
    return [os.path.join(folder_of(client), "bin", name)]


def python_of(client):
    """Goes on in the Python that has the packages of requirements/CLIENT.txt."""
    python = os.path.join(folder_of(client), "bin", "python")
    if not os.path.exists(python):
        skip(f"{client} is not there: ./dev clients installs it and sets SLUICE_CLIENTS")
    if os.path.realpath(sys.prefix) != os.path.realpath(folder_of(client)):
        os.execv(python, [python, *sys.argv])


def read(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def request(method, url, body=b"", headers=()):
    """A signed request, for clients that cannot do it by themselves; gives the answer's body."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/us-east-1/s3/aws4_request"
    parts = urllib.parse.urlsplit(url)
    signed = {"host": parts.netloc, "x-amz-content-sha256": hashlib.sha256(body).hexdigest(), "x-amz-date": now}
    query = "&".join(sorted(name if "=" in name else name + "=" for name in parts.query.split("&") if name))
    canonical = [method, parts.path, query, *(f"{name}:{value}" for name, value in signed.items()), "", ";".join(signed),
                 signed["x-amz-content-sha256"]]
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256("\n".join(canonical).encode()).hexdigest()])
    key = b"AWS4" + SECRET.encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={';'.join(signed)}, Signature={signature}"
    whole = urllib.request.Request(url, data=body, method=method, headers={**dict(headers), **signed, "Authorization": credential})
    with urllib.request.urlopen(whole, timeout=30) as answer:
        return answer.read()


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
        return read(self.url + path)

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
    done = unittest.main(verbosity=2, exit=False).result
    if not done.wasSuccessful():
        sys.exit(1)
    if done.skipped and done.testsRun == len(done.skipped) or not done.testsRun:
        skip("; ".join(sorted({why for _, why in done.skipped})))
