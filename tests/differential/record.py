#!/usr/bin/env python3
"""What a real MySQL answers to fixtures/sql/differential/*.sql, written beside them as *.result.

record.py           rewrites the results
record.py --check   compares instead: 0 equal, 1 different (a diff is printed), 77 no server (SLUICE_MYSQL is not set)

SLUICE_MYSQL = mysql://user:password@host:port, a server whose databases `d` and `shop` may be dropped. Needs PyMySQL.
A script has one statement a line; lines that begin with `--` are for the engine's test and are not sent.
The results are read by tests/pipeline/rds/differential_test.cpp, which holds the embedded engine to them.
"""
import difflib
import os
import pathlib
import sys
import urllib.parse

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "sql" / "differential"
ESCAPES = {0x5C: "\\\\", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x7C: "\\|"}


def text(value):
    """One value or message on one line: \\N is NULL, control characters and what is not UTF-8 are \\xHH."""
    if value is None:
        return "\\N"
    data = value.encode() if isinstance(value, str) else bytes(value)
    try:
        data.decode()
        utf8 = True
    except UnicodeDecodeError:
        utf8 = False
    out = bytearray()
    for byte in data:
        if byte in ESCAPES:
            out += ESCAPES[byte].encode()
        elif byte < 0x20 or byte == 0x7F or (byte >= 0x80 and not utf8):
            out += b"\\x%02X" % byte
        else:
            out.append(byte)
    return out.decode()


def answer(connection, statement):
    import pymysql

    lines = [f"> {statement}"]
    cursor = connection.cursor()
    try:
        affected = cursor.execute(statement)
    except pymysql.MySQLError as error:
        lines.append(f"error {error.args[0]} {text(error.args[1])}")
        return lines
    if cursor.description:
        lines.append("columns " + "|".join(text(column[0]) for column in cursor.description))
        lines += ["row " + "|".join(text(value) for value in row) for row in cursor.fetchall()]
    else:
        lines.append(f"ok {affected}" + (f" id {cursor.lastrowid}" if cursor.lastrowid else ""))
    cursor.execute("SHOW WARNINGS")
    lines += [f"warning {text(code)} {text(message)}" for _, code, message in cursor.fetchall()]
    return lines


def record(script, server):
    import pymysql

    connection = pymysql.connect(host=server.hostname, port=server.port or 3306, user=server.username,
                                 password=server.password or "", charset="utf8mb4", autocommit=True, conv={},
                                 use_unicode=False)
    cursor = connection.cursor()
    for database in ("d", "shop"):
        cursor.execute(f"DROP DATABASE IF EXISTS {database}")
    lines = []
    for line in script.read_text().splitlines():
        if line and not line.startswith("--"):
            lines += answer(connection, line)
    connection.close()
    return "\n".join(lines) + "\n"


def main():
    check = "--check" in sys.argv[1:]
    if "SLUICE_MYSQL" not in os.environ:
        print("SKIPPED: SLUICE_MYSQL names no server (mysql://user:password@host:port)")
        return 77
    try:
        import pymysql  # noqa: F401
    except ImportError:
        print("SKIPPED: PyMySQL is not installed")
        return 77
    server = urllib.parse.urlparse(os.environ["SLUICE_MYSQL"])
    different = False
    for script in sorted(FOLDER.glob("*.sql")):
        result = script.with_suffix(".result")
        answers = record(script, server)
        if not check:
            result.write_text(answers)
        elif answers != result.read_text():
            different = True
            sys.stdout.writelines(difflib.unified_diff(result.read_text().splitlines(True), answers.splitlines(True),
                                                       str(result), "the server"))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
