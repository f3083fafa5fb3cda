"""The table of ./dev bench s3: each server in turn, nginx's static file beside each GET, about 40 s a server; then what is wanted, and how
far it is met. Prints and asserts nothing."""

import os
import re
import shutil
import statistics
import sys
import tempfile
from html import unescape

from client import Connection, Signer, run_wrk, send_all
from servers import candidates, nginx

SECONDS = 3
KEYS = 10_000
KIB, MIB = 1 << 10, 1 << 20
# nginx as it ships, and with sendfile, which makes no difference to 1 KiB.
COLUMNS = ["GET 1 KiB/s", "of nginx", "GET 1 MiB MB/s", "of nginx", "its sendfile", "PUT 1 KiB/s", "PUT 8 MiB MB/s", "LIST pages/s", "start ms", "idle MiB", "loaded MiB"]
SHAPES = ["{:,.0f}", "{:.3f}", "{:,.0f}", "{:.2f}", "{:.2f}", "{:,.0f}", "{:,.0f}", "{:,.1f}", "{:,.1f}", "{:,.1f}", "{:,.1f}"]
# The server, a column of its row, and how much is wanted. A start and memory are plain numbers, and less is better.
GOALS = [("sluice", 1, 0.4), ("sluice", 3, 1.5), ("sluice", 8, 15), ("sluice", 9, 20), ("sluice", 10, 40)]
# The server, its peer, the figure, and how many times the peer's is wanted: both run, and take turns.
PAIRS = [("sluice --data", "versitygw", "PUT 1 KiB", 3), ("sluice", "minio", "PUT 8 MiB", 1.2), ("sluice", "versitygw", "LIST", 20)]


class Figures:
    """Fills the columns of one server; a figure that cannot be had is None, and standard error says why."""

    def __init__(self, server, beside):
        self.server, self.beside, self.costs = server, beside, []
        self.signer = Signer(server.port, *server.keys)
        self.url = f"http://127.0.0.1:{server.port}/"

    def attempt(self, name, figure):
        try:
            return figure()
        except Exception as error:  # a peer that fails costs its own figure only
            print(f"  {self.server.name}: {name}: {error}", file=sys.stderr)
            return None

    def wrk(self, name, target, connections, requests=None, seconds=SECONDS):
        before = self.server.cpu_seconds()
        rate = run_wrk(target, connections, seconds, requests)
        if rate == 0:
            raise RuntimeError(f"no answer within {seconds} s")
        self.costs.append(f"{name} {(self.server.cpu_seconds() - before) / (rate * seconds) * 1e6:,.0f}")
        return rate

    def send(self, requests, seconds_max=60):
        send_all(self.server.port, requests, seconds_max)

    def set_up(self):
        put = lambda key, body: self.signer.request("PUT", f"/bench/{key}", body)
        for requests in ([self.signer.request("PUT", f"/{bucket}") for bucket in ("bench", "listed")], [put("1k", os.urandom(KIB)), put("1m", os.urandom(MIB))]):
            self.send(requests, 20)

    def get(self, name, connections):
        """(rate, its ratios to those beside): twice each, in turn."""
        rates, ratios = [], []
        for _ in range(2):
            beside = [run_wrk(f"http://127.0.0.1:{one.port}/{name}", connections, SECONDS - 1) for one in self.beside]
            rates.append(self.wrk(f"GET {name}", self.signer.presigned(f"/bench/{name}"), connections, seconds=SECONDS - 1))
            ratios.append([rates[-1] / rate for rate in beside])
        return statistics.mean(rates), [statistics.mean(ratio) for ratio in zip(*ratios)]

    def put(self, name, size, keys, connections):
        body = os.urandom(size)
        return self.wrk(f"PUT {name}", self.url, connections, [self.signer.request("PUT", f"/bench/put-{name}-{i}", body) for i in range(keys)])

    def put_small(self):
        return self.put("1k", KIB, 1000, 32)

    def put_large(self):
        return self.put("8m", 8 * MIB, 4, 4)

    def list(self):
        self.send(self.signer.request("PUT", f"/listed/data/{i:06}", b"x") for i in range(KEYS))
        pages, token, listed = [], None, 0
        connection = Connection(self.server.port)
        while token != "":
            parameters = {"list-type": "2", "max-keys": "1000", **({"continuation-token": token} if token else {})}
            pages.append(self.signer.request("GET", "/listed", parameters=parameters))
            status, body = connection.ask(pages[-1])
            text = body.decode()
            if status != 200:
                raise RuntimeError(f"status {status}: {text[:200]}")
            listed += text.count("<Key>")
            found = re.search("<NextContinuationToken>(.*?)</NextContinuationToken>", text)
            token = unescape(found.group(1)) if found else ""
        if listed != KEYS:
            raise RuntimeError(f"{listed} keys in {len(pages)} pages")
        return self.wrk("LIST", self.url, 4, pages[: KEYS // 1000])  # MinIO has an empty page behind the last

    def row(self, start_ms):
        idle = self.server.memory_mib()
        self.set_up()
        small = self.attempt("GET 1 KiB", lambda: self.get("1k", 32)) or (None, [None])
        large = self.attempt("GET 1 MiB", lambda: self.get("1m", 8)) or (None, [None, None])
        put_small = self.attempt("PUT 1 KiB", self.put_small)
        put_large = self.attempt("PUT 8 MiB", self.put_large)
        pages = self.attempt("LIST", self.list)
        print(f"  CPU microseconds a request: {', '.join(self.costs)}", file=sys.stderr)
        megabytes = lambda rate, size: rate and rate * size / 1e6
        return [small[0], small[1][0], megabytes(large[0], MIB), *large[1], put_small, megabytes(put_large, 8 * MIB), pages, start_ms, idle, self.server.memory_mib()]


def start_time(start, name, folder):
    """The median of up to five starts; of a slow one, of one."""
    times = []
    while not times or (len(times) < 5 and sum(times) < 1000):
        server = start(name, os.path.join(folder, "start"))
        times.append(server.start_ms)
        server.stop()
    return statistics.median(times)


def measure(name, start, folder, beside):
    start_ms = start_time(start, name, folder)
    server = start(name, os.path.join(folder, "data"))
    try:
        return Figures(server, beside).row(start_ms)
    finally:
        server.stop()


def show(rows):
    print(f"{'':14} " + " ".join(f"{column:>14}" for column in COLUMNS))
    for name, row in rows.items():
        cells = ["-" if value is None else shape.format(value) for shape, value in zip(SHAPES, row)]
        print(f"{name:14} " + " ".join(f"{cell:>14}" for cell in cells))


def show_goals(rows):
    print()
    for name, column, goal in GOALS:
        value = rows.get(name, [None] * len(COLUMNS))[column]
        what = f"{COLUMNS[column - 1].removesuffix('/s').removesuffix(' MB')} of nginx" if column < 5 else COLUMNS[column]
        print(f"{name}: {what}: {'not measured' if value is None else f'{value:.2f}'} (goal {'at most ' if column >= 8 else ''}{goal})")


def ratio(starts, folder, figure):
    """Of two servers that run beside each other: the median of three turns."""
    servers = []
    try:
        for name, start in starts.items():
            servers.append(start(name, os.path.join(folder, name)))
        figures = [Figures(server, []) for server in servers]
        for each in figures:
            each.set_up()
        turns = [[figure(each) for each in figures] for _ in range(4)][1:]  # the first warms up
        return statistics.median(ours / theirs for ours, theirs in turns)
    finally:
        for server in servers:
            server.stop()


def show_pairs(available, folder):
    figures = {"PUT 1 KiB": Figures.put_small, "PUT 8 MiB": Figures.put_large, "LIST": Figures.list}
    for name, peer, what, goal in PAIRS:
        starts = {each: available[each] for each in (name, peer) if each in available}
        try:
            text = f"{ratio(starts, folder, figures[what]):.2f}" if len(starts) == 2 else "not measured"
        except Exception as error:  # costs this figure only
            text = f"not measured: {error}"
        print(f"{name}: {what}, times {peer}: {text} (goal {goal})")


def main():
    sluice, peers = os.path.abspath(sys.argv[1]), sys.argv[2]
    chosen = sys.argv[3:]
    memory = "/dev/shm" if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 2 << 30 else None
    folder = tempfile.mkdtemp(prefix="bench-s3-", dir=memory)
    beside, rows, available = [], {}, {}
    try:
        files = {"1k": os.urandom(KIB), "1m": os.urandom(MIB)}
        beside = [nginx(folder, files, sendfile) for sendfile in (False, True)]
        for name, (program, start) in candidates(sluice, peers).items():
            if chosen and name not in chosen:
                continue
            if not os.access(program, os.X_OK):
                print(f"{name}: not installed, left out", file=sys.stderr)
                continue
            available[name] = start
            print(name, file=sys.stderr)
            try:
                rows[name] = measure(name, start, folder, beside)
            except Exception as error:  # as above
                print(f"  {name}: left out: {error}", file=sys.stderr)
        show(rows)
        show_goals(rows)
        show_pairs(available, folder)
    finally:
        for server in beside:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
