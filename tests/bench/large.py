"""Large objects and large buckets on `sluice serve --data DIR`: peak memory, what others wait meanwhile, pages a second."""

import http.client
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from html import unescape
from urllib.parse import urlencode

MIB = 1 << 20
PIECE = os.urandom(MIB)


class Server:
    def __init__(self, sluice, *options):
        self.process = subprocess.Popen([sluice, "serve", "--port", "0", *options], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.http = self.connection()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)

    def ask(self, method, path, body=None, headers=None, connection=None):
        connection = connection or self.http
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {content[:300]}")
        return answer, content

    def peak_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


class Bystander(threading.Thread):
    """Asks for the health of the server over and over, and keeps the longest wait."""

    def __init__(self, server):
        super().__init__()
        self.server, self.longest, self.over = server, 0.0, False

    def run(self):
        connection = self.server.connection()
        while not self.over:
            started = time.monotonic()
            self.server.ask("GET", "/_sluice/health", connection=connection)
            self.longest = max(self.longest, time.monotonic() - started)
            time.sleep(0.002)


def measured(server, name, size, work):
    server.forget_peak()
    bystander = Bystander(server)
    bystander.start()
    started = time.monotonic()
    work()
    seconds = time.monotonic() - started
    bystander.over = True
    bystander.join()
    print(f"{name:34} {seconds:7.1f} s {size / seconds / 1e6:7.0f} MB/s   peak {server.peak_mib():6.1f} MiB   others waited at most "
          f"{bystander.longest * 1000:7.1f} ms", flush=True)


def pieces(size):
    for _ in range(size // MIB):
        yield PIECE


def read_all(server, path):
    server.http.request("GET", path)
    answer = server.http.getresponse()
    total = 0
    while piece := answer.read(MIB):
        total += len(piece)
    return total


def multipart(server, path, size, part_size):
    _, content = server.ask("POST", f"{path}?uploads")
    upload = re.search(b"<UploadId>(.*?)</UploadId>", content).group(1).decode()
    tags = []
    for number, start in enumerate(range(0, size, part_size), 1):
        length = min(part_size, size - start)
        answer, _ = server.ask("PUT", f"{path}?partNumber={number}&uploadId={upload}", pieces(length), {"Content-Length": str(length)})
        tags.append(answer.headers["ETag"])
    complete(server, path, upload, tags)


def complete(server, path, upload, tags):
    parts = "".join(f"<Part><PartNumber>{i + 1}</PartNumber><ETag>{tag}</ETag></Part>" for i, tag in enumerate(tags))
    server.ask("POST", f"{path}?uploadId={upload}", f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")


def part_copy(server, path, source):
    _, content = server.ask("POST", f"{path}?uploads")
    upload = re.search(b"<UploadId>(.*?)</UploadId>", content).group(1).decode()
    _, content = server.ask("PUT", f"{path}?partNumber=1&uploadId={upload}", headers={"x-amz-copy-source": source})
    complete(server, path, upload, [unescape(re.search(b"<ETag>(.*?)</ETag>", content).group(1).decode())])


def large_objects(sluice, folder, size):
    server = Server(sluice, "--data", os.path.join(folder, "objects"), "--sync", "normal")
    try:
        server.ask("PUT", "/big")
        length = {"Content-Length": str(size)}
        measured(server, "PutObject", size, lambda: server.ask("PUT", "/big/one", pieces(size), length))
        measured(server, "GetObject", size, lambda: read_all(server, "/big/one"))
        measured(server, "CopyObject, of one piece", size, lambda: server.ask("PUT", "/big/copy", headers={"x-amz-copy-source": "/big/one"}))
        server.ask("DELETE", "/big/copy")
        measured(server, "UploadPartCopy", size, lambda: part_copy(server, "/big/copy", "/big/one"))
        server.ask("DELETE", "/big/copy")
        server.ask("DELETE", "/big/one")
        part = 64 * MIB
        measured(server, "multipart upload, parts of 64 MiB", size, lambda: multipart(server, "/big/parts", size, part))
        measured(server, "GetObject, of parts", size, lambda: read_all(server, "/big/parts"))
        measured(server, "CopyObject, of parts", size, lambda: server.ask("PUT", "/big/copy", headers={"x-amz-copy-source": "/big/parts"}))
    finally:
        server.stop()


def put_keys(port, bucket, numbers):
    """A hundred requests at a time are on their way, so that what is slow here is the server."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for start in range(0, len(numbers), 100):
            batch = numbers[start:start + 100]
            connection.sendall(b"".join(b"PUT /%s/data/%06d/%03d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx" %
                                        (bucket.encode(), i // 1000, i % 1000) for i in batch))
            answers = b""
            while answers.count(b"\r\n\r\n") < len(batch):
                piece = connection.recv(65536)
                if not piece:
                    sys.exit(f"the server hung up while {bucket} was filled")
                answers += piece
            if answers.count(b"HTTP/1.1 200 ") != len(batch):
                sys.exit(f"a key of {bucket} was refused: {answers[:300]}")


def fill(server, bucket, count):
    """From two processes."""
    processes = [multiprocessing.Process(target=put_keys, args=(server.port, bucket, range(first, count, 2))) for first in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)


def pages(server, bucket, **parameters):
    """(pages a second, keys and prefixes seen) of a walk of at most 100 pages."""
    token, count, seen, started = None, 0, 0, time.monotonic()
    while count < 100:
        query = {"list-type": "2", **parameters, **({"continuation-token": token} if token else {})}
        _, content = server.ask("GET", f"/{bucket}?{urlencode(query)}")
        count += 1
        seen += content.count(b"<Key>") + content.count(b"<CommonPrefixes>")
        found = re.search(b"<NextContinuationToken>(.*?)</NextContinuationToken>", content)
        if not found:
            break
        token = unescape(found.group(1).decode())
    return count / (time.monotonic() - started), seen


def large_buckets(sluice, folder, keys, options):
    server = Server(sluice, *options)
    try:
        for bucket, count in (("small", 1000), ("large", keys)):
            server.ask("PUT", f"/{bucket}")
            started = time.monotonic()
            fill(server, bucket, count)
            rate = count / (time.monotonic() - started)
            plain, _ = max(pages(server, bucket) for _ in range(3))
            print(f"{count:9,} keys: put at {rate:,.0f}/s; {plain:7.1f} pages/s of 1,000 keys", end="", flush=True)
            if count >= 100_000:
                folded, seen = pages(server, bucket, delimiter="/", prefix="data/")
                print(f"; with a delimiter {folded:.1f} pages/s, {seen:,} prefixes seen", end="")
            print(f"; peak {server.peak_mib():.1f} MiB", flush=True)
    finally:
        server.stop()


def main():
    sluice = sys.argv[1]
    size = int(float(sys.argv[2]) * 1024) * MIB if len(sys.argv) > 2 else 5 * 1024 * MIB
    keys = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    with tempfile.TemporaryDirectory(dir="build") as folder:
        if size:
            print(f"objects of {size / MIB / 1024:g} GiB, --data DIR --sync normal")
            large_objects(sluice, folder, size)
        if keys:
            for name, options in (("in memory", []), ("--data DIR", ["--data", os.path.join(folder, "keys"), "--sync", "off"])):
                print(f"buckets, {name}")
                large_buckets(sluice, folder, keys, options)


if __name__ == "__main__":
    main()
