"""Decoding a binlog beside its other readers: one file, rounds in which each reader has its turn, each a process of its own, one thread, CPU seconds.

The clock of a machine drifts by more than the readers differ from one run to the next. So ours run once more beside each peer of a round, before it and
after it in turn, and a ratio is told of each such pair; what counts is the median over the rounds, with the least and the greatest beside it, and
the ratio of the best runs.

The file is made once and kept in build/bench, with the peers that the package registries have; a peer that cannot be built is named."""

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import binlog_load

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath("build/bench")
TRANSACTIONS = 130_000
ROUNDS = 5
JAVA_CONNECTOR = "com.zendesk:mysql-binlog-connector-java:0.30.1"


def say(text):
    print(text, file=sys.stderr)


def run(command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


def wait_for(client, server):
    for _ in range(600):
        asked = subprocess.run([*client, "-e", "SELECT 1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if asked.returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit("the MariaDB of the benchmark does not answer")


def load(client, transactions):
    with subprocess.Popen(client, stdin=subprocess.PIPE, text=True) as process:
        for text in binlog_load.statements(transactions):
            process.stdin.write(text)
        process.stdin.close()
        if process.wait() != 0:
            sys.exit("the load failed")


def write_mariadb_log(path, transactions):
    """A server in a folder of its own, on a socket only."""
    say(f"writing {path}: {transactions:,} transactions on a MariaDB started for it (about a minute, once)")
    with tempfile.TemporaryDirectory() as folder:
        user = ["--user=root"] if os.getuid() == 0 else []
        data, socket, temporary = f"--datadir={folder}/data", f"--socket={folder}/socket", f"--tmpdir={folder}"
        run(["mariadb-install-db", "--no-defaults", data, temporary, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--rpm", *user])
        with open(f"{folder}/log", "w") as log:
            server = subprocess.Popen(
                ["mariadbd", "--no-defaults", data, temporary, socket, "--skip-networking", "--server-id=1", "--log-bin=binlog", "--binlog-format=ROW",
                 "--binlog-row-metadata=FULL", "--skip-binlog-annotate-row-events", "--max-binlog-size=1G", "--sync-binlog=0",
                 "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=256M", "--innodb-log-file-size=256M",
                 "--character-set-server=utf8mb4", "--default-time-zone=+00:00", *user], stdout=log, stderr=log)
        try:
            client = ["mariadb", "--no-defaults", socket, "-u", "root"]
            wait_for(client, server)
            load(client, transactions)
        finally:
            server.terminate()
            server.wait()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(f"{folder}/data/binlog.000001", path + ".new")
        os.replace(path + ".new", path)


def write_mysql_log(path, transactions):
    """From the server that SLUICE_MYSQL names (mysql://user:password@host:port), through its own protocol."""
    url = urllib.parse.urlparse(os.environ["SLUICE_MYSQL"])
    client = ["mariadb", "--no-defaults", "-h", url.hostname, "-P", str(url.port), "-u", url.username, f"-p{urllib.parse.unquote(url.password or '')}"]
    say(f"writing {path}: {transactions:,} transactions on the MySQL of SLUICE_MYSQL")
    run([*client, "-e", "DROP DATABASE IF EXISTS bench; FLUSH BINARY LOGS"])
    logs = subprocess.run([*client, "-N", "-e", "SHOW BINARY LOGS"], check=True, capture_output=True, text=True).stdout.split("\n")
    first = [line.split("\t")[0] for line in logs if line][-1]
    load(client, transactions)
    run([*client, "-e", "DROP DATABASE bench; FLUSH BINARY LOGS"])
    run(["mariadb-binlog", "--no-defaults", "--raw", "--read-from-remote-server", "-h", url.hostname, "-P", str(url.port), "-u", url.username,
         f"-p{urllib.parse.unquote(url.password or '')}", f"--result-file={path}.raw-", first])
    os.replace(f"{path}.raw-{first}", path)


def log_file(flavour, transactions, write):
    with open(os.path.join(HERE, "binlog_load.py"), "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()[:12]
    path = os.path.join(BUILD, f"{flavour}-{transactions}-{version}.binlog")
    if not os.path.exists(path):
        write(path, transactions)
    return path


def build(name, tool, action):
    """The command of a peer, or None with a word why."""
    if shutil.which(tool) is None:
        say(f"{name}: not measured, there is no {tool}")
        return None
    try:
        return action()
    except (subprocess.CalledProcessError, OSError) as error:
        say(f"{name}: not measured, it could not be built: {error}")
        return None


def rust_peers():
    target = os.path.join(BUILD, "rust")
    run(["cargo", "build", "-q", "--release", "--manifest-path", os.path.join(HERE, "peers/rust/Cargo.toml")], env={**os.environ, "CARGO_TARGET_DIR": target})
    return target + "/release/"


def go_peer():
    folder = os.path.join(BUILD, "go")
    shutil.copytree(os.path.join(HERE, "peers/go"), folder, dirs_exist_ok=True)
    run(["go", "mod", "tidy"], cwd=folder)
    run(["go", "build", "-o", "go-mysql", "."], cwd=folder)
    return folder + "/go-mysql"


def java_peer():
    folder = os.path.join(BUILD, "java")
    os.makedirs(folder, exist_ok=True)
    if not any(name.endswith(".jar") for name in os.listdir(folder)):
        run(["mvn", "-q", "dependency:copy", f"-Dartifact={JAVA_CONNECTOR}", f"-DoutputDirectory={folder}"])
    run(["javac", "-cp", folder + "/*", "-d", folder, os.path.join(HERE, "peers/java/ReadBinlog.java")])
    return ["java", "-XX:+UseSerialGC", "-cp", f"{folder}:{folder}/*", "ReadBinlog"]


def peers(flavour):
    """Name -> command of every reader, ours first."""
    sluice = sys.argv[1]
    commands = {
        "sluice --verify (headers and CRC)": [sluice, "binlog", "--verify"],
        "sluice --stats": [sluice, "binlog", "--stats"],
        "sluice --json": [sluice, "binlog", "--json"],
        "mariadb-binlog -v": ["mariadb-binlog", "--no-defaults", "-v"],
    }
    rust = build("mysql_cdc, mysql_common", "cargo", rust_peers)
    if rust:
        commands["mysql_cdc 0.2.1 (no CRC)"] = [rust + "mysql_cdc"]
        commands["mysql_common 0.35.5"] = [rust + "mysql_common"]
    if go := build("go-mysql", "go", go_peer):
        commands["go-mysql 1.13.0"] = [go]
    if java := build("mysql-binlog-connector-java", "mvn", java_peer):
        commands["binlog-connector-java 0.30.1"] = java
    return commands


def measure(command):
    """(CPU s, peak MiB) of one process, None if it failed. GNU time starts it: a child of ours would count our own memory as its peak."""
    with tempfile.NamedTemporaryFile("r") as figures:
        timed = ["/usr/bin/time", "-q", "-o", figures.name, "-f", "%U %S %M", *command]
        done = subprocess.run(timed, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "GOMAXPROCS": "1"}, check=False)
        if done.returncode != 0:
            say(f"failed: {command[0]}: {done.stderr.decode(errors='replace')[:300]}")
            return None
        user, system, kilobytes = figures.read().split()
    return float(user) + float(system), int(kilobytes) / 1024


def compare(flavour, path):
    commands = peers(flavour)
    ours = ["sluice --stats", "sluice --json"]
    figures = {name: [] for name in commands}
    pairs = {name: {our: [] for our in ours} for name in commands}  # peer -> ours -> ratio of each round

    def run_once(name):
        command = commands[name] + ([path, flavour] if name.startswith("go-mysql") else [path])
        figure = measure(command)
        if figure is None and name in ours:
            sys.exit(1)
        if figure is None:
            del commands[name]
            figures[name] = None
        else:
            figures[name].append(figure)
        return figure

    for round_number in range(ROUNDS):
        for name in list(commands):
            say(f"round {round_number + 1}: {name}")
            beside = [] if name in ours else ours
            order = [name, *beside] if round_number % 2 else [*beside, name]
            cpu = {one: figure[0] for one in order if (figure := run_once(one))}
            for our in beside:
                if name in cpu and our in cpu:
                    pairs[name][our].append(cpu[name] / cpu[our])
    counted = subprocess.run([sys.argv[1], "binlog", "--stats", path], check=True, capture_output=True, text=True).stdout.split("\n")
    print(f"\n{flavour}: {os.path.getsize(path):,} bytes; {counted[0]}; {counted[1]}")
    print(f"{'':36} {'CPU s':>8} {'best':>6} {'MiB':>6}   times --stats: median of pairs (least to greatest), of the best runs; the same for --json")
    for name, runs in figures.items():
        if runs is None:
            print(f"{name:36} cannot read this file")
            continue
        cpu, memory = (statistics.median(column) for column in zip(*runs))
        best = min(runs)[0]
        told = "; ".join(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), {best / min(figures[our])[0]:.2f}"
                         for our, ratios in pairs[name].items() if ratios)
        print(f"{name:36} {cpu:8.2f} {best:6.2f} {memory:6.0f}   {told}")


def main():
    transactions = int(sys.argv[2]) if len(sys.argv) > 2 else TRANSACTIONS
    compare("mariadb", log_file("mariadb", transactions, write_mariadb_log))
    if "SLUICE_MYSQL" in os.environ:
        compare("mysql", log_file("mysql", transactions, write_mysql_log))


if __name__ == "__main__":
    main()
