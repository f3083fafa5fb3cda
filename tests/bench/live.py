"""A running MariaDB as a source: how fast its log is followed beside a bare dump of it, how soon a commit is an object in S3, and how long a full load takes
beside `mariadb --quick` that writes the same rows as TSV, in how much memory, and how long others wait meanwhile. All in one run; ratios count, the
machine may be busy."""
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import pymysql

sluice, bench = (os.path.abspath(path) for path in sys.argv[1:3])
ROWS = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
COMMITS = 200
RUNS = 3
READS = 5


def run(command, **more):
    """(wall s, user + system s, peak MiB, output) of one process. GNU time starts it: a child of ours would count our own memory as its peak."""
    with tempfile.NamedTemporaryFile("r") as figures:
        done = subprocess.run(["/usr/bin/time", "-q", "-o", figures.name, "-f", "%e %U %S %M", *command], stdout=more.pop("stdout", subprocess.PIPE), text=True,
                              check=False, **more)
        if done.returncode != 0:
            sys.exit(f"failed: {' '.join(command)}\n{done.stdout}")
        wall, user, system, kilobytes = figures.read().split()
    return float(wall), float(user) + float(system), int(kilobytes) / 1024, done.stdout


def peak(process):
    """MiB of a process that still runs, since it became what it is."""
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024


class MariaDB:
    """Started by sluice itself: engine = "mysqld", on a port of ours."""

    def __init__(self, folder):
        self.port = free_port()
        stack = os.path.join(folder, "server.toml")
        with open(stack, "w") as file:
            file.write(f'title = "A server"\n[database]\nengine = "mysqld"\nprogram = "mariadbd"\nport = {self.port}\n'
                       'parameters = { binlog_format = "ROW", innodb_buffer_pool_size = "1G", max_binlog_size = "1G", innodb_flush_log_at_trx_commit = 2 }\n')
        self.process = subprocess.Popen([sluice, "serve", "--port", "0", "--stack", stack, "--data", os.path.join(folder, "server")],
                                        stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline().startswith("ready "):
            sys.exit("the server did not start")
        self.connection = pymysql.connect(host="127.0.0.1", port=self.port, user="admin", password="admin", autocommit=True)

    def __call__(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def position(self):
        return [str(word) for word in self("SHOW MASTER STATUS")[0][:2]]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def free_port():
    import socket
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def fill(server):
    server("CREATE DATABASE bench")
    server("USE bench")
    server("CREATE TABLE bench.people (id INT PRIMARY KEY, name VARCHAR(60), city VARCHAR(60), born DATE, paid DECIMAL(10,2), note VARCHAR(100))")
    start = server.position()
    for first in range(0, ROWS, 10_000):  # transactions of 10,000 rows, of 200 bytes each
        server(f"INSERT INTO bench.people SELECT {first} + seq, CONCAT('Name ', MD5(seq)), CONCAT('City ', MD5({first} + seq)), DATE('1990-01-01') + INTERVAL seq % 9000 DAY, "
               f"seq % 100000 / 7, RPAD(MD5(seq * 7), 100, 'x') FROM seq_1_to_{min(10_000, ROWS - first)}")
    return start


def stream(server, start):
    """Each reader from the start, and from the end, where nothing is left: what it takes to connect and to ask for the tables is no part of a rate."""
    url = f"mysql://admin:admin@127.0.0.1:{server.port}?ssl-mode=disabled"

    def read(kind, at):
        if kind == "stats":
            return run([sluice, "binlog", "--stats", url, "--from", ":".join(at)])[:2]
        wall, cpu, _, _ = run([bench, kind, str(server.port), "admin", "admin"] + at)[3].split()
        return float(wall), float(cpu)

    end = server.position()
    size = int(end[1]) - int(start[1])
    names = {"raw": "raw dump with CRC", "source": "the source: decoded, by commit", "stats": "sluice binlog --stats"}
    times = {kind: [] for kind in names}
    begins = {kind: [] for kind in names}
    for _ in range(READS):
        for kind in names:
            times[kind].append(read(kind, start))
            begins[kind].append(read(kind, end)[0])
    rates = {}
    for kind, name in names.items():
        wall, cpu = min(times[kind])
        begin = min(begins[kind])
        rates[kind] = size / (wall - begin)
        print(f"{name:31} {rates[kind] / 1e6:8.0f} MB/s   {wall:6.2f} s   to begin {begin:5.2f} s   cpu {cpu:5.2f} s   {ROWS / (wall - begin):,.0f} rows/s")
    for kind in ("source", "stats"):
        print(f"  rate of the raw dump's: {rates[kind] / rates['raw']:.0%}   with what it takes to begin {min(times['raw'])[0] / min(times[kind])[0]:.0%}   goal 80 %   ({names[kind]})")


def scenario(folder, server, name, more, include="bench.%"):
    path = os.path.join(folder, name + ".toml")
    with open(path, "w") as file:
        file.write(f'title = "{name}"\nbuckets = ["cdc-in"]\n[database]\nengine = "external"\nport = {server.port}\nuser = "admin"\npassword = "admin"\n'
                   f'tls = "disabled"\n[task]\ninclude = ["{include}"]\n{more}\n')
    return path


def full_load(folder, server):
    task = 'migration_type = "full-load"\ntarget = { BucketName = "cdc-in" }'
    load = scenario(folder, server, "load", task)
    server("CREATE DATABASE few")
    server(f"CREATE TABLE few.people AS SELECT * FROM bench.people WHERE id <= {ROWS // 10}")
    few = load_once(scenario(folder, server, "few", task, "few.%"), folder)
    tsv = os.path.join(folder, "people.tsv")
    dumps, loads = [], []
    for _ in range(RUNS):
        with open(tsv, "w") as file:
            dumps.append(run(["mariadb", "--no-defaults", "--quick", "--batch", "--skip-column-names", "-h127.0.0.1", f"-P{server.port}", "-uadmin", "-padmin",
                              "-e", "SELECT * FROM bench.people"], stdout=file))
        loads.append(load_once(load, folder))
    dump, ours = min(dumps), min(loads)
    print(f"mariadb --quick, TSV            {ROWS / dump[0]:10,.0f} rows/s   {dump[0]:6.2f} s   cpu {dump[1]:5.2f} s   {dump[2]:6.1f} MiB")
    print(f"full load to CSV in S3          {ROWS / ours[0]:10,.0f} rows/s   {ours[0]:6.2f} s   cpu {ours[1]:5.2f} s   {ours[2]:6.1f} MiB"
          f"   (of a tenth of the rows: {few[2]:.1f} MiB)")
    print(f"  time of the client's: {ours[0] / dump[0]:.2f}   goal 1.5      Debezium's snapshot (4,100 rows/s): {ROWS / ours[0] / 4100:.0f} times   goal 10")
    print(f"  HEAD of a bucket meanwhile: median {ours[3]:.2f} ms, the worst of {len(loads)} loads {max(one[4] for one in loads):.1f} ms")


def load_once(stack, folder):
    """(wall s, CPU s, peak MiB, median and worst ms of a HEAD) from the process's start to the load's end, with S3 in files: the object's size would count
    as memory otherwise."""
    started = time.monotonic()
    data = tempfile.mkdtemp(dir=folder)
    process = subprocess.Popen([sluice, "serve", "--port", "0", "--stack", stack, "--data", data, "--sync", "normal"], stdout=subprocess.PIPE, text=True)
    port = int(process.stdout.readline().rsplit(":", 1)[1])
    client = http.client.HTTPConnection("127.0.0.1", port)
    waits = []
    while True:
        for _ in range(10):
            asked = time.monotonic()
            client.request("HEAD", "/cdc-in", headers={"Host": "localhost"})
            client.getresponse().read()
            waits.append((time.monotonic() - asked) * 1000)
            time.sleep(0.001)
        client.request("GET", "/_sluice/trace")
        lines = client.getresponse().read().decode()
        if '"status":"stopped"' in lines:
            break
        if '"status":"failed"' in lines:
            sys.exit(lines)
    wall = time.monotonic() - started
    memory = peak(process)
    process.terminate()
    _, _, usage = os.wait4(process.pid, 0)
    return wall, usage.ru_utime + usage.ru_stime, memory, statistics.median(waits), max(waits)


def latency(folder, server):
    stack = scenario(folder, server, "latency", 'migration_type = "cdc"\ntarget = { BucketName = "cdc-in", CdcMaxBatchInterval = 0 }')
    server("CREATE TABLE bench.events (id INT PRIMARY KEY, word VARCHAR(40))")
    process = subprocess.Popen([sluice, "serve", "--port", "0", "--stack", stack], stdout=subprocess.PIPE, text=True)
    port = int(process.stdout.readline().rsplit(":", 1)[1])
    client = http.client.HTTPConnection("127.0.0.1", port)

    def keys(after=""):
        client.request("GET", f"/cdc-in?list-type=2&prefix=bench/events/&start-after={after}", headers={"Host": "localhost"})
        return re.findall(r"<Key>([^<]*)</Key>", client.getresponse().read().decode())

    while True:  # until the task captures
        client.request("GET", "/_sluice/trace")
        if '"status":"running"' in client.getresponse().read().decode():
            break
        time.sleep(0.05)
    time.sleep(0.5)
    times, last = [], ""
    for i in range(COMMITS):
        server(f"INSERT INTO bench.events VALUES ({i}, 'event {i}')")
        committed = time.monotonic()
        while True:
            found = keys(last)
            if found:
                break
        times.append((time.monotonic() - committed) * 1000)
        last = found[-1]
    process.terminate()
    process.wait()
    times.sort()
    print(f"commit to S3 object             median {statistics.median(times):5.2f} ms   95 % {times[len(times) * 95 // 100]:5.2f} ms   goal 2 ms (Debezium 15 ms)")


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = MariaDB(folder)
        try:
            start = fill(server)
            print(f"{ROWS:,} rows; the log is read {READS} times, the table {RUNS}; the best of them")
            stream(server, start)
            full_load(folder, server)
            latency(folder, server)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
