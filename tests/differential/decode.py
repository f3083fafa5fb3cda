"""Scripts of edge values and of every way in which rows change, on real servers: `sluice binlog --json` of the log that the server wrote, replayed, beside what
SELECT gives, and its changes beside those that the server's own mysqlbinlog prints of the same file.

  SLUICE=build/release/sluice tests/differential/decode.py [SCRIPT|SEED...]

Without arguments fixtures/sql/decode/*.sql and a few seeds of random statements; on MariaDB, and on the MySQL that SLUICE_MYSQL names;
SLUICE_SERVERS=mysql leaves the one out. On an older server what it does not know of the scripts is left out, and counted.
"""
import collections
import contextlib
import glob
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../servers"))
from mysql import free_port, wait_for

sluice = os.path.abspath(os.environ["SLUICE"])
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
path = os.environ.get("PATH", "") + ":/usr/sbin"
DATABASE = "sluice_decode"
GEOMETRIES = ("geom", "point", "linestring", "polygon", "multi")


class Server:
    def __init__(self, kind, host, port, user, password, mysqlbinlog):
        self.kind, self.mysqlbinlog = kind, mysqlbinlog
        self.refused = 0  # statements of the scripts that are newer than the server
        self.client = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "--local-infile=1", f"-h{host}", f"-P{port}", f"-u{user}"] + ([f"-p{password}"] if password else [])

    def connect(self):
        text = self.run("SELECT VERSION();")[0][0]
        self.version = tuple(int(number) for number in re.findall(r"\d+", text)[:3])
        self.name = f"{self.kind} {'.'.join(map(str, self.version))}"
        # The scripts are written for these; what an older one does not know is left out.
        self.knows_all = self.version >= {"mariadb": (10, 11), "mysql": (9, 7)}[self.kind]
        # MariaDB 11.8 (seen; 11.4 does not) leaves generated columns out of the images of an UPDATE
        self.logs_generated = self.kind == "mysql" or self.version < (11, 5)
        # MariaDB and MySQL before 9.6 log no row that a foreign key changes
        self.logs_cascades = self.kind == "mysql" and self.version >= (9, 6)
        known = self.run("SHOW VARIABLES LIKE 'binlog_row_metadata';")
        self.metadata = (["FULL", "MINIMAL"] + ["NO_LOG"] * (self.kind == "mariadb")) if known else ["none"]
        return self

    def run(self, sql, newer_statements=False):
        stop = "--force" if newer_statements else "--abort-source-on-error"
        run = subprocess.run(self.client + ["-N", "-B", stop], input=sql, capture_output=True, text=True, encoding="utf-8")
        if run.returncode != 0 and not newer_statements:
            sys.exit(f"{self.kind}: {run.stderr}")
        self.refused = run.stderr.count("\nERROR ")
        return [line.split("\t") for line in run.stdout.splitlines()]

    def log(self):
        return self.run("SHOW BINARY LOGS;")[-1][0]


@contextlib.contextmanager
def mariadb():
    program = shutil.which("mariadbd", path=path)
    if not program or not shutil.which("mariadb-binlog"):
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        user = ["--user=root"] if os.getuid() == 0 else []
        log = open(f"{folder}/log", "w+")
        common = ["--no-defaults", f"--datadir={folder}/data", f"--tmpdir={folder}/tmp", "--innodb-use-native-aio=0", "--skip-name-resolve"]
        os.mkdir(f"{folder}/tmp")
        subprocess.run(["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--rpm"] + common[1:] + user, stdout=log, stderr=log, check=True)
        port = free_port()
        server = subprocess.Popen([program] + common + user + ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/sock", f"--pid-file={folder}/pid", "--log-bin=binlog",
                                   "--server-id=1", "--binlog-format=ROW", "--loose-binlog-row-metadata=FULL", "--character-set-server=utf8mb4", "--local-infile=1"],
                                  stdout=log, stderr=log)
        try:
            wait_for(server, port, log)
            yield Server("mariadb", "127.0.0.1", port, "root", "", "mariadb-binlog").connect()
        finally:
            server.terminate()
            server.wait(60)


@contextlib.contextmanager
def mysql():
    url, program = os.environ.get("SLUICE_MYSQL"), os.environ.get("SLUICE_MYSQLBINLOG")
    if not url or not program:
        yield None
        return
    at = urlsplit(url)
    server = Server("mysql", at.hostname, at.port, at.username, at.password, program).connect()
    server.run("SET GLOBAL local_infile=1;")
    yield server


RANDOM_TABLES = """SET sql_mode='';
CREATE TABLE r0 (id INT PRIMARY KEY, v INT, w VARCHAR(30), UNIQUE KEY (v));
CREATE TABLE r1 (id INT PRIMARY KEY, v INT, w VARCHAR(30), KEY (v));
CREATE TABLE r2 (id INT, v INT, w VARCHAR(30));
CREATE TABLE direct (id INT PRIMARY KEY, v INT, w VARCHAR(30)) ENGINE=MyISAM;
CREATE TABLE noted (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(60));
CREATE TRIGGER t0 AFTER INSERT ON r0 FOR EACH ROW INSERT INTO noted (what) VALUES (CONCAT('+', NEW.id));
CREATE TRIGGER t1 BEFORE UPDATE ON r0 FOR EACH ROW SET NEW.w = LEFT(CONCAT(NEW.w, '.'), 30);
CREATE TRIGGER t2 AFTER DELETE ON r0 FOR EACH ROW UPDATE noted SET what = CONCAT('-', OLD.id) WHERE what = CONCAT('+', OLD.id);
CREATE TABLE parent (id INT PRIMARY KEY, w INT);
CREATE TABLE child (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE);
"""


def random_script(seed):
    """Transactions with savepoints, their names in any case, over tables with triggers, foreign keys and another engine."""
    r = random.Random(seed)
    number = lambda: r.randint(1, 60)
    table = lambda: r.choice(("r0", "r1", "r2"))
    row = lambda: f"({number()}, {r.choice([number(), number(), 'NULL'])}, '{r.choice(['a', 'é', '', 'x' * 25])}{number()}')"

    def change():
        rows = ", ".join(row() for _ in range(r.randint(1, 4)))
        return r.choice((
            f"INSERT IGNORE INTO {table()} VALUES {rows}", f"REPLACE INTO {table()} VALUES {rows}",
            f"INSERT IGNORE INTO {table()} VALUES {rows} ON DUPLICATE KEY UPDATE w = CONCAT('u', {number()}), id = id + {r.choice([0, 0, 100])}",
            f"INSERT IGNORE INTO {r.choice(['r1', 'r2'])} SELECT id + {number()}, v, w FROM {table()} ORDER BY id, v, w LIMIT {number()}",
            f"UPDATE IGNORE {table()} SET v = {number()}, w = '{number()}' ORDER BY id, v, w LIMIT {r.randint(1, 5)}", f"UPDATE IGNORE {table()} SET id = id + 1 WHERE v > {number()}",
            f"UPDATE IGNORE r0 JOIN r1 ON r0.id = r1.v SET r0.w = r1.w, r1.w = '{number()}', r1.v = r0.v", f"DELETE FROM {table()} ORDER BY id, v, w LIMIT {r.randint(1, 6)}",
            f"DELETE r0, r1 FROM r0 JOIN r1 ON r0.id = r1.id WHERE r0.v < {number()}", f"DELETE FROM {table()} WHERE v = {number()}",
            f"LOAD DATA LOCAL INFILE '%FILE%' {r.choice(['REPLACE', 'IGNORE'])} INTO TABLE {table()} FIELDS TERMINATED BY ','"))

    def transaction():
        out, names = ["BEGIN"], []
        for _ in range(r.randint(1, 9)):
            kind = r.randint(0, 9)
            if kind < 2:
                names.append(r.choice(("sp", "Other", "`a b`")))
                out.append(f"SAVEPOINT {r.choice((str.upper, str.lower, str))(names[-1])}")
            elif kind < 4 and names:
                name = r.choice(names)
                out.append(f"ROLLBACK TO {r.choice((str.upper, str.lower, str))(name)}")
                del names[names.index(name) + 1:]
            else:
                out.append(change())
        return "; ".join(out + [r.choice(("COMMIT", "COMMIT", "ROLLBACK"))])

    yield RANDOM_TABLES
    for i in range(40):
        kind = r.randint(0, 19)
        if kind < 8:
            yield change() + ";\n"
        elif kind < 14:
            yield transaction() + ";\n"
        elif kind < 16:  # in a transaction MySQL allows it with gtid_mode=OFF alone
            yield "#M " + transaction().replace("BEGIN", f"BEGIN; REPLACE INTO r1 VALUES {row()}; SAVEPOINT before_all; REPLACE INTO direct VALUES {row()}", 1) + ";\n"
        elif kind < 17:
            yield f"TRUNCATE TABLE {r.choice(('r0', 'r1', 'r2', 'direct', 'noted'))};\n"
        elif kind < 18:
            name = f"'{i}'"
            yield f"XA START {name}; {change()}; XA END {name}; XA PREPARE {name}; XA {r.choice(('COMMIT', 'ROLLBACK'))} {name};\n"
        else:
            rows = ", ".join(f"({number()}, {number()})" for _ in range(3))
            yield f"#C REPLACE INTO parent VALUES {rows}; INSERT IGNORE INTO child SELECT id + {number()}, id FROM parent; UPDATE IGNORE parent SET id = id + 100 ORDER BY id LIMIT 2; DELETE FROM parent ORDER BY w LIMIT 1;\n"


def lines_of(script, server, data):
    for line in random_script(script) if isinstance(script, int) else open(script, encoding="utf-8"):
        if line[:3] in ("#M ", "#O ", "#C "):
            if line[1] == "C" and not server.logs_cascades or line[1] != "C" and (line[1] == "M") != (server.kind == "mariadb"):
                continue
            line = line[3:]
        if not line.startswith("#"):
            yield line.replace("%FILE%", data)


def run_script(server, script, metadata):
    """Runs it in a log of its own; gives that log."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as data:
        data.write("3001,1,l\n3002,2,é\n3,3,dup\n")
        data.flush()
        os.chmod(data.name, 0o644)
        setting = "" if metadata == "none" else f"SET GLOBAL binlog_row_metadata={metadata}; "
        server.run(f"{setting}DROP DATABASE IF EXISTS {DATABASE}; FLUSH BINARY LOGS;")
        name = server.log()
        server.run(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4; USE {DATABASE};\n" + "".join(lines_of(script, server, data.name)), not server.knows_all)
        refused = server.refused
    server.run("FLUSH BINARY LOGS;")
    return os.path.join(os.path.dirname(server.run("SELECT @@log_bin_basename;")[0][0]), name), refused


# ---- SELECT, by the rules of --json ----


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def expression(name, kind, has_axis_order):
    name = quoted(name)
    if kind.startswith("bit(") or "zerofill" in kind:
        return name + "+0"
    if kind.startswith("float"):  # SELECT rounds to six digits; the sum makes a DOUBLE of it, but +0 of -0
        return f"IF({name} = 0, {name}, {name}+0e0)"
    if kind.startswith(("binary", "varbinary", "vector")) or "blob" in kind:
        return f"CONCAT('0x', HEX({name}))"
    if kind.startswith(GEOMETRIES):
        order = ", 'axis-order=long-lat'" if has_axis_order else ""
        return f"CONCAT('wkb:', HEX(ST_AsBinary({name}{order})), ':', ST_SRID({name}))"
    return name


def select_all(server):
    """table -> (columns, rows); a value is a string or None."""
    out = {}
    logged = "" if server.logs_generated else " AND IFNULL(GENERATION_EXPRESSION, '') = ''"
    tables = server.run(f"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA='{DATABASE}';")
    for (table,) in tables:
        literal = table.replace("'", "''")
        columns = server.run(f"SELECT COLUMN_NAME, COLUMN_TYPE, IFNULL(CHARACTER_SET_NAME, '') FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='{DATABASE}' AND TABLE_NAME='{literal}'{logged} ORDER BY ORDINAL_POSITION;")
        values = ", ".join(f"IFNULL(HEX(CONVERT({expression(*column[:2], server.kind == 'mysql' and server.version >= (8,))} USING utf8mb4)), '-')" for column in columns)
        rows = server.run(f"SET time_zone='+00:00'; SELECT {values} FROM {DATABASE}.{quoted(table)};")
        out[table] = columns, [{name: None if text == "-" else bytes.fromhex(text).decode() for (name, *_), text in zip(columns, row)} for row in rows]
    return out


def same(kind, ours, servers):
    if ours == servers:
        return True
    if ours is None or servers is None:
        return False
    if kind.startswith("float"):
        return struct.pack("<f", float(ours)) == struct.pack("<f", float(servers))
    # DOUBLE(20,5) prints five digits; a log does not tell them
    return kind.startswith("double(") and struct.pack("<d", float(ours)) == struct.pack("<d", float(servers))


# ---- our decode ----


def decode(file):
    run = subprocess.run([sluice, "binlog", "--json", file], capture_output=True)
    if run.returncode != 0 or run.stderr:
        sys.exit(f"sluice binlog {file}: exit {run.returncode}: {run.stderr.decode()}")
    return [json.loads(line) for line in run.stdout.splitlines()]  # of bytes: U+2028 ends no line


def replay(changes, problems):
    tables = collections.defaultdict(list)
    for change in changes:
        if change["op"] == "ddl":
            words = re.sub(r'[`"]', " ", change["sql"]).split()
            if words[0] == "TRUNCATE":
                tables[words[-1]] = []
            if words[0] == "RENAME":
                for one in " ".join(words[2:]).split(","):
                    old, _, new = one.split()
                    tables[new] = tables.pop(old)
            if words[:2] == ["DROP", "TABLE"]:
                for name in re.sub(r"/\*.*|IF EXISTS", "", " ".join(words[2:])).split(","):
                    tables.pop(name.strip(), None)
            if words[:2] == ["CREATE", "OR"]:
                tables.pop(words[4], None)
            if renamed := re.search(r"TABLE (\w+) (?:RENAME COLUMN (\w+) TO|CHANGE (\w+)) (\w+)", change["sql"]):
                table, old, new = [word for word in renamed.groups() if word]
                for row in tables[table]:
                    row[new] = row.pop(old, None)
            if words[:2] == ["ALTER", "TABLE"] and (moved := re.search(r"RENAME TO (\w+)", change["sql"])):
                tables[moved[1]] = tables.pop(words[2])
            continue
        rows, before, after = tables[change["table"]], change["before"], change["after"]
        if change["op"] == "insert":
            rows.append(dict(after))
            continue
        at = next((i for i, row in enumerate(rows) if all(row.get(name, value) == value for name, value in before.items())), None)
        if at is None:
            problems.append(f"no such row: {json.dumps(change)[:300]}")
        elif change["op"] == "delete":
            rows.pop(at)
        else:
            rows[at].update(after)
    return tables


def compare(truth, copy, problems):
    for table, (columns, rows) in truth.items():
        left = list(copy.get(table, []))
        if len(left) != len(rows):
            problems.append(f"{table} has {len(rows)} rows, ours {len(left)}")
        for row in rows:
            wrong = None
            for i, other in enumerate(left):
                differs = [name for name, kind, _ in columns if not same(kind, other.get(name), row[name])]
                if not differs:
                    left.pop(i)
                    break
                if wrong is None or len(differs) < len(wrong[0]):
                    wrong = differs, other
            else:
                problems.append(f"{table} lacks a row; nearest: " + (", ".join(f"{name}: server {row[name]!r:.200}, ours {wrong[1].get(name)!r:.200}" for name in wrong[0][:4]) if wrong else "none"))


# ---- the server's own decode ----

CODECS = {"utf8mb4": "utf-8", "utf8mb3": "utf-8", "utf16": "utf-16-be", "utf16le": "utf-16-le", "ucs2": "utf-16-be", "utf32": "utf-32-be", "ascii": "ascii", "gbk": "gbk",
          "sjis": "shift_jis", "big5": "big5"}


ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"0": b"\0", b"Z": b"\x1a"}


def unquote(text, is_mysql):
    """MariaDB prints backslashes as they are."""
    escapes = rb"\\(x[0-9a-f]{2}|.)" if is_mysql else rb"\\(x[0-9a-f]{2}|')"
    return re.sub(escapes, lambda m: bytes([int(m[1][1:], 16)]) if m[1][:1] == b"x" else ESCAPED.get(m[1], m[1]), text[1:-1].encode("latin1"))


def printed_changes(server, file):
    """(op, table, [before values], [after values]) of each change; a value is its text. Rows behind the first value that it cannot print are missing."""
    run = subprocess.run([server.mysqlbinlog, "--no-defaults", "-v", "--base64-output=DECODE-ROWS", file], capture_output=True)
    if run.returncode != 0:
        sys.exit(f"{server.mysqlbinlog} {file}: exit {run.returncode}: {run.stderr.decode()}")
    prepared, saved, out, now, side = {}, {}, [], [], None
    operation = re.compile(r"### (INSERT INTO|UPDATE|DELETE FROM) `(.*?)`\.`(.*)`$")
    for line in run.stdout.decode("latin1").split("\n"):
        found = operation.match(line)
        if found:
            side = "after" if found[1] == "INSERT INTO" else "before"
            now.append({"op": found[1].split()[0].lower(), "table": (found[2] + "." + found[3].replace("``", "`")).encode("latin1").decode(), "before": {}, "after": {}})
        elif line == "### SET":
            side = "after"
        elif line.startswith("###   @"):
            number, value = line[7:].split("=", 1)
            now[-1][side][int(number)] = value
        elif line.startswith("SAVEPOINT "):
            saved[line.split(" ", 1)[1].lower()] = len(now)
        elif line.startswith("ROLLBACK TO "):
            del now[saved[line.split(" ", 2)[2].lower()]:]
        elif re.match(r"(COMMIT|ROLLBACK)", line) or line.startswith(("XA PREPARE ", "XA COMMIT ", "XA ROLLBACK ")):
            xid = line.split(None, 2)[-1].rstrip("/*!; ").replace(" ONE PHASE", "")
            if line.startswith("XA PREPARE"):
                prepared[xid] = now
            elif line.startswith("XA ROLLBACK"):
                prepared.pop(xid)
            elif line.startswith("XA COMMIT") and not now:
                out += prepared.pop(xid)
            elif not line.startswith("ROLLBACK"):
                out += now
            now = []
    return out


def matches(kind, charset, is_mysql, ours, printed):
    """Whether our value is what mysqlbinlog printed for a column of this type; None where it prints something else than the value."""
    if printed == "NULL" or ours is None:
        return printed == "NULL" and ours is None
    if kind.startswith("year"):  # it prints 1900 for 0000
        return ours == printed or (ours, printed) == ("0000", "1900")
    if re.match(r"(tiny|small|medium|big)?int|decimal", kind):
        return ours.lstrip("0") in (printed.split(" ")[0].lstrip("0"), (re.search(r"\((\d+)\)", printed) or [None, None])[1] or "-")
    if kind.startswith("bit("):
        return int(ours) == int(printed[2:-1] or "0", 2)
    if kind.startswith(("date", "time")) and not kind.startswith("timestamp"):
        return ours.replace("-", ":").lstrip(":") == printed.strip("'").replace("-", ":").lstrip(":")
    if kind.startswith(("char", "varchar", "tinytext", "text", "mediumtext", "longtext")) and printed.startswith("'"):
        raw = unquote(printed, is_mysql)
        if charset == "latin1":  # cp1252, whose five free bytes are themselves
            return ours == "".join(bytes([byte]).decode("latin1" if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "cp1252") for byte in raw)
        try:
            return ours == raw.decode(CODECS[charset]) if charset in CODECS else None
        except UnicodeDecodeError:  # the column had another charset then
            return None
    if kind.startswith(("binary", "varbinary")) and printed.startswith("'"):
        return bytes.fromhex(ours[2:]).rstrip(b"\0") == unquote(printed, is_mysql).rstrip(b"\0")
    return None


def beside_mysqlbinlog(server, file, changes, truth, problems):
    """Counts of every table but those with values that mysqlbinlog does not know (it leaves the event there), and the values of simple types."""
    unknown = {table for table, (columns, _) in truth.items() if any(kind.startswith(GEOMETRIES + ("vector", "inet", "uuid")) for _, kind, _ in columns)}
    ours = [change for change in changes if change["op"] != "ddl" and change["schema"] == DATABASE and change["table"] not in unknown]
    theirs = [change for change in printed_changes(server, file) if change["table"].split(".")[0] == DATABASE and change["table"].split(".", 1)[1] not in unknown]
    if len(ours) != len(theirs):
        count = lambda list_: collections.Counter((change["op"], change["table"].split(".", 1)[-1]) for change in list_)
        problems.append(f"{len(ours)} changes, {len(theirs)} by mysqlbinlog; more here: {count(ours) - count(theirs)}, there: {count(theirs) - count(ours)}")
        return 0
    kinds = {table: {name: (kind, charset) for name, kind, charset in columns} for table, (columns, _) in truth.items()}
    seen = 0
    for a, b in zip(ours, theirs):
        if (a["op"], a["table"]) != (b["op"], b["table"].split(".", 1)[1]):
            problems.append(f"{a['op']} of {a['table']} beside {b['op']} of {b['table']}")
            break
        for side in ("before", "after"):
            if server.kind == "mysql" and "@" in "".join(b[side].values()):  # JSON_REPLACE(@2, ...)
                continue
            if len(a[side]) != len(b[side]):
                problems.append(f"{a['op']} of {a['table']}: {len(a[side])} values {side}, {len(b[side])} by mysqlbinlog")
                continue
            for (name, value), (number, printed) in zip(a[side].items(), sorted(b[side].items())):
                same_value = matches(*kinds.get(a["table"], {}).get(name, ("", "")), server.kind == "mysql", value, printed)
                seen += same_value is not None
                if same_value is False:
                    problems.append(f"{a['table']}.{name}: {value!r:.100} here, {printed!r:.100} by mysqlbinlog")
    return seen


def main():
    scripts = [int(word) if word.isdigit() else word for word in sys.argv[1:]] or sorted(glob.glob(os.path.join(root, "fixtures/sql/decode/*.sql"))) + [1, 2, 3]
    if not shutil.which("mariadb"):
        print("SKIPPED: no client (Debian: mariadb-client)")
        sys.exit(77)
    ran = failed = 0
    wanted = os.environ.get("SLUICE_SERVERS", "mariadb mysql").split()
    for start in [start for start in (mariadb, mysql) if start.__name__ in wanted]:
        with start() as server:
            if server is None:
                print(f"SKIPPED on {start.__name__}: " + ("Debian's mariadb-server-core and mariadb-client are not there" if start is mariadb else "SLUICE_MYSQL and SLUICE_MYSQLBINLOG are not set"))
                continue
            for script, metadata in [(script, metadata) for script in scripts for metadata in server.metadata]:
                problems = []
                file, refused = run_script(server, script, metadata)
                truth = select_all(server)
                changes = decode(file)
                compare(truth, replay(changes, problems), problems)
                seen = beside_mysqlbinlog(server, file, changes, truth, problems)
                left_out = f", {refused} statements left out" if refused else ""
                print(f"{server.name}, {os.path.basename(str(script))}, metadata {metadata}{left_out}: {len(changes)} lines, {sum(len(rows) for _, rows in truth.values())} rows, {seen} values beside mysqlbinlog, {len(problems)} problems")
                for problem in problems[:20]:
                    print("  " + problem)
                ran += 1
                failed += bool(problems)
    sys.exit(1 if failed else 0 if ran else 77)


if __name__ == "__main__":
    main()
