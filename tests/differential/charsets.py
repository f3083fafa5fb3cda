#!/usr/bin/env python3
"""Every character of every charset, as the log has it and as the server tells it.

The servers' charsets (SHOW CHARACTER SET), in CHAR, TEXT, ENUM and SET columns: all bytes of the one-byte ones, every well-formed character of two and
three bytes, and of utf16, utf32, gb18030 and the like what every 7th code point becomes. Our decode must print what CONVERT(... USING utf8mb4) says.

Servers as for decode.py.
"""

import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import decode


def span(*ranges):
    return [byte for first, last in ranges for byte in range(first, last + 1)]


# Lead and trail bytes of what the servers call well-formed.
PAIRS = {
    "big5": (span((0xA1, 0xF9)), span((0x40, 0x7E), (0xA1, 0xFE))),
    "gbk": (span((0x81, 0xFE)), span((0x40, 0x7E), (0x80, 0xFE))),
    "gb2312": (span((0xA1, 0xF7)), span((0xA1, 0xFE))),
    "euckr": (span((0x81, 0xFE)), span((0x41, 0x5A), (0x61, 0x7A), (0x81, 0xFE))),
    "sjis": (span((0x81, 0x9F), (0xE0, 0xFC)), span((0x40, 0x7E), (0x80, 0xFC))),
    "cp932": (span((0x81, 0x9F), (0xE0, 0xFC)), span((0x40, 0x7E), (0x80, 0xFC))),
    "ujis": (span((0xA1, 0xFE)), span((0xA1, 0xFE))),
    "eucjpms": (span((0xA1, 0xFE)), span((0xA1, 0xFE))),
    "gb18030": (span((0x81, 0xFE)), span((0x40, 0x7E), (0x80, 0xFE))),
}
THREE_BYTES = ("ujis", "eucjpms")
UNICODE = ("utf8mb3", "utf8mb4", "ucs2", "utf16", "utf16le", "utf32", "gb18030")


def texts(charset):
    """SQL literals, some characters each, between digits."""
    if charset in PAIRS:
        leads, trails = PAIRS[charset]
        for lead in leads:
            yield f"_{charset} x'{''.join(f'{lead:02X}{trail:02X}30' for trail in trails)}'"
    if charset in THREE_BYTES:
        for lead in span((0xA1, 0xFE)):
            yield f"_{charset} x'{''.join(f'8F{lead:02X}{trail:02X}30' for trail in span((0xA1, 0xFE)))}'"
    if charset in UNICODE:
        last = 0x10FFFF if charset in ("utf8mb4", "utf16", "utf16le", "utf32", "gb18030") else 0xFFFF
        points = [point for point in span((0x20, last)) if point % 7 == 0 and not 0xD800 <= point < 0xE000]
        for at in range(0, len(points), 2000):
            text = "".join(chr(point) + "0" for point in points[at : at + 2000])
            yield f"CONVERT(_utf8mb4 x'{text.encode().hex()}' USING {charset})"
    if charset not in PAIRS and charset not in UNICODE:
        for at in span((0, 127 if charset == "ascii" else 255)):
            yield f"_{charset} x'30{at:02X}30'"


def labels(server, charset):
    """What both ways can hold: characters that the charset has, none of them ASCII where it has others."""
    wanted = "éàžščąőĂşŘЯдЇєجםאไก漢字日本한글仮名αΩქԱÆÞ¥§"
    kept = server.run("".join(f"SELECT CONVERT(CONVERT(_utf8mb4 x'{c.encode().hex()}' USING {charset}) USING utf8mb4) = _utf8mb4 x'{c.encode().hex()}' COLLATE utf8mb4_bin;" for c in wanted))
    return [c for c, (same,) in zip(wanted, kept) if same == "1"][:6] or ["a"]


def check(server, charset, problems):
    words = labels(server, charset)
    listed = ", ".join(f"'{word}{number}'" for number, word in enumerate(words))
    script = [f"CREATE TABLE c (id INT PRIMARY KEY AUTO_INCREMENT, t MEDIUMTEXT CHARACTER SET {charset}, v CHAR(3) CHARACTER SET {charset}, e ENUM({listed}) CHARACTER SET {charset}, s SET({listed}) CHARACTER SET {charset});\n"]
    for number, text in enumerate(texts(charset)):
        script.append(f"INSERT INTO c (t, v, e, s) VALUES ({text}, LEFT({text}, 3), {number % len(words) + 1}, {number % (1 << len(words))});\n")
    server.run(f"SET GLOBAL binlog_row_metadata=FULL; DROP DATABASE IF EXISTS {decode.DATABASE}; FLUSH BINARY LOGS;")
    name = server.log()
    server.run(f"CREATE DATABASE {decode.DATABASE}; USE {decode.DATABASE}; SET sql_mode='';\n" + "".join(script))
    file = os.path.join(os.path.dirname(server.run("SELECT @@log_bin_basename;")[0][0]), name)
    truth = decode.select_all(server)
    decode.compare(truth, decode.replay(decode.decode(file), problems), problems)
    return len(script) - 1


def main():
    if not shutil.which("mariadb"):
        print("SKIPPED: no client (Debian: mariadb-client)")
        sys.exit(77)
    ran = failed = 0
    for start in (decode.mariadb, decode.mysql):
        with start() as server:
            if server is None:
                print(f"SKIPPED on {start.__name__}: " + ("Debian's mariadb-server-core and mariadb-client are not there" if start is decode.mariadb else "SLUICE_MYSQL and SLUICE_MYSQLBINLOG are not set"))
                continue
            names = [row[0] for row in server.run("SHOW CHARACTER SET;") if row[0] != "binary"]
            for charset in sys.argv[1:] or sorted(names):
                if charset not in names:
                    continue
                problems = []
                rows = check(server, charset, problems)
                print(f"{server.kind}, {charset}: {rows} rows, {len(problems)} problems")
                for problem in problems[:5]:
                    print("  " + problem[:300])
                ran += 1
                failed += bool(problems)
    sys.exit(1 if failed else 0 if ran else 77)


if __name__ == "__main__":
    main()
