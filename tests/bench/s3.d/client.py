"""Requests to S3 as bytes, signed once (Signature Version 4), and what sends them: a plain one for setting up, and wrk for measuring."""

import datetime
import hashlib
import hmac
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

PLAY = os.path.join(os.path.dirname(__file__), "play.lua")


def hmac_sha256(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Signer:
    def __init__(self, port, access_key, secret, region="us-east-1"):
        self.host, self.access_key, self.region = f"127.0.0.1:{port}", access_key, region
        self.at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.at[:8]}/{region}/s3/aws4_request"
        self.key = f"AWS4{secret}".encode()
        for part in self.scope.split("/"):
            self.key = hmac_sha256(self.key, part)

    def signature(self, method, path, query, headers, payload):
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"{method}\n{urllib.parse.quote(path)}\n{query}\n{lines}\n{names}\n{payload}"
        text = f"AWS4-HMAC-SHA256\n{self.at}\n{self.scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        return hmac_sha256(self.key, text).hex()

    @staticmethod
    def query(parameters):
        return "&".join(f"{urllib.parse.quote(name, '')}={urllib.parse.quote(value, '')}" for name, value in sorted(parameters.items()))

    def presigned(self, path):
        parameters = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{self.access_key}/{self.scope}", "X-Amz-Date": self.at,
                      "X-Amz-Expires": "3600", "X-Amz-SignedHeaders": "host"}
        query = self.query(parameters)
        signature = self.signature("GET", path, query, {"host": self.host}, "UNSIGNED-PAYLOAD")
        return f"http://{self.host}{urllib.parse.quote(path)}?{query}&X-Amz-Signature={signature}"

    def request(self, method, path, body=b"", parameters=None):
        query = self.query(parameters or {})
        payload = hashlib.sha256(body).hexdigest()
        headers = {"host": self.host, "x-amz-content-sha256": payload, "x-amz-date": self.at}
        signature = self.signature(method, path, query, headers, payload)
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access_key}/{self.scope}, "
                                    f"SignedHeaders={';'.join(sorted(headers))}, Signature={signature}")
        headers["content-length"] = str(len(body))
        target = urllib.parse.quote(path) + (f"?{query}" if query else "")
        return f"{method} {target} HTTP/1.1\r\n".encode() + "".join(f"{n}: {v}\r\n" for n, v in headers.items()).encode() + b"\r\n" + body


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def more(self):
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.buffer += piece

    def take(self, size):
        while len(self.buffer) < size:
            self.more()
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        return out

    def line(self):
        while b"\r\n" not in self.buffer:
            self.more()
        out, self.buffer = self.buffer.split(b"\r\n", 1)
        return out

    def ask(self, request):
        """(status, body)"""
        self.socket.sendall(request)
        status = int(self.line().split()[1])
        headers = {}
        while line := self.line():
            name, value = line.split(b":", 1)
            headers[name.strip().lower()] = value.strip()
        if headers.get(b"transfer-encoding", b"").lower() != b"chunked":
            return status, self.take(int(headers.get(b"content-length", b"0")))
        body = b""
        while size := int(self.line(), 16):
            body += self.take(size)
            self.line()
        self.line()
        return status, body


def send_all(port, requests, seconds_max, connections=4):
    """Sends them once each; an error if one is refused or the time is up."""
    rest, failures, until = iter(requests), [], time.monotonic() + seconds_max
    lock = threading.Lock()

    def work():
        try:
            connection = Connection(port)
            while not failures:
                with lock:
                    request = next(rest, None)
                if request is None:
                    return
                status, body = connection.ask(request)
                if status >= 300:
                    failures.append(f"status {status}: {body[:300]!r}")
                if time.monotonic() > until:
                    failures.append(f"set-up took more than {seconds_max} s")
        except OSError as error:
            failures.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])


def run_wrk(target, connections, seconds, requests=None):
    """Requests a second by wrk; `requests` (bytes) are played in turn, else `target` is asked for."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    with tempfile.NamedTemporaryFile() as file:
        if requests:
            for request in requests:
                file.write(f"{len(request)}\n".encode() + request)
            file.flush()
            command += ["-s", PLAY, target, "--", file.name]
        else:
            command.append(target)
        out = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", out)
    if refused:
        raise RuntimeError(f"{refused.group(0)}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
