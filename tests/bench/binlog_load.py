"""The load of `./dev bench binlog`: SQL that makes the same rows on every server, so that its binlog is the same but for times.

Five tables of usual columns; transactions of one to a hundred rows, inserts, updates and deletes. Values are made by the server from row numbers
(MD5, CRC32), only the choice of statements is ours, from one pinned stream."""

import random

TABLES = """
CREATE DATABASE IF NOT EXISTS bench CHARACTER SET utf8mb4;
USE bench;
CREATE TABLE numbers (n INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY, customer INT UNSIGNED NOT NULL, status ENUM('new','paid','sent','closed') NOT NULL,
  amount DECIMAL(12,2) NOT NULL, currency CHAR(3) NOT NULL, note VARCHAR(200), created DATETIME(6) NOT NULL, updated TIMESTAMP(3) NULL) ENGINE=InnoDB;
CREATE TABLE visits (id BIGINT PRIMARY KEY, page VARCHAR(120) NOT NULL, referrer VARCHAR(255), at DATETIME NOT NULL, milliseconds INT NOT NULL,
  bytes BIGINT, status SMALLINT NOT NULL, score DOUBLE, ratio FLOAT, flags TINYINT UNSIGNED NOT NULL) ENGINE=InnoDB;
CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, email VARCHAR(120), city VARCHAR(60), born DATE, balance DECIMAL(18,4) NOT NULL,
  active TINYINT(1) NOT NULL, visited TIMESTAMP NULL, rights SET('read','write','grant') NOT NULL) ENGINE=InnoDB;
CREATE TABLE measures (id BIGINT PRIMARY KEY, a INT, b INT, c INT UNSIGNED, d SMALLINT, e MEDIUMINT, f BIGINT, g TINYINT, h INT, i DECIMAL(9,3),
  j DECIMAL(30,10), k TIME(2), l YEAR, m BIT(12)) ENGINE=InnoDB;
CREATE TABLE documents (id INT PRIMARY KEY, title VARCHAR(150) NOT NULL, body MEDIUMTEXT NOT NULL, data BLOB, digest CHAR(32) NOT NULL) ENGINE=InnoDB;
INSERT INTO numbers WITH RECURSIVE c AS (SELECT 0 n UNION ALL SELECT n + 1 FROM c WHERE n < 199) SELECT n FROM c;
"""

# One row from the number `i`; columns as in TABLES.
ROWS = {
    "orders": "i, CRC32(i)%900000, 1+i%4, (CRC32(i+1)%9000000)/100, ELT(1+i%3,'EUR','USD','CHF'), IF(i%3=0,NULL,CONCAT('note ',MD5(i),' für ',i)), "
    "TIMESTAMP('2024-01-01')+INTERVAL i*997123 MICROSECOND, '2024-05-01 10:00:00.125'+INTERVAL i SECOND",
    "visits": "i, CONCAT('/shop/',LEFT(MD5(i),12),'/item-',i%5000), IF(i%2,CONCAT('https://example.org/search?q=',MD5(i+5)),NULL), "
    "'2024-02-01'+INTERVAL i SECOND, CRC32(i)%20000, CRC32(i)*7, 200+i%5, CRC32(i)/1000.5, (i%977)/976, i%256",
    "people": "i, CONCAT('Zoë ',LEFT(MD5(i),10)), CONCAT(LEFT(MD5(i+1),9),'@example.com'), ELT(1+i%4,'Paris','Zürich','München','東京'), "
    "'1950-01-01'+INTERVAL i%20000 DAY, CRC32(i)/77-9000000.5, i%2, IF(i%5,'2024-03-01'+INTERVAL i SECOND,NULL), 1+i%7",
    "measures": "i, CAST(CRC32(i)%2000000000 AS SIGNED)-1000000000, i%1000, CRC32(i+2), i%60000-30000, CAST(CRC32(i)%16000000 AS SIGNED)-8000000, "
    "CAST(CRC32(i) AS SIGNED)*-12345, i%256-128, i, CAST(CRC32(i)%1999999999 AS SIGNED)/1000-1000000, CRC32(i)*3.0000000007, SEC_TO_TIME(i%86400), "
    "1950+i%150, i%4096",
    "documents": "i, CONCAT('Title of ',MD5(i)), REPEAT(CONCAT(MD5(i),' lorem \"ipsum\" dolor '),4+i%20), IF(i%4,UNHEX(REPEAT(SHA1(i),6)),NULL), "
    "MD5(i)",
}
UPDATES = {
    "orders": "status='paid', amount=amount+1, updated='2024-06-01'",
    "visits": "milliseconds=milliseconds+1, score=score*1.5",
    "people": "balance=balance+10.25, visited='2024-07-01 12:00:00', city='Genève'",
    "measures": "a=-a, f=f+1, j=j+0.5",
    "documents": "title=CONCAT('New ',id)",
}
WEIGHTS = {"orders": 30, "visits": 30, "people": 22, "measures": 15, "documents": 3}
SIZES = [1] * 10 + [2, 3, 4, 5, 8] + [12, 20, 40] + [100]


def statements(transactions, seed=20240101):
    """The text of the load, transaction by transaction."""
    yield TABLES
    chance = random.Random(seed)
    names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
    next_id = dict.fromkeys(ROWS, 1)
    for _ in range(transactions):
        changes = []
        for _ in range(2 if chance.random() < 0.2 else 1):
            table, size, kind = chance.choice(names), chance.choice(SIZES), chance.random()
            known = next_id[table]
            if table == "documents":
                size = min(size, 5)
            if known < 1000 or kind < 0.55:
                changes.append(f"INSERT INTO {table} SELECT {ROWS[table]} FROM (SELECT {known}+n i FROM numbers WHERE n<{size}) s;")
                next_id[table] = known + size
            else:
                first = chance.randrange(1, known)
                where = f"WHERE id BETWEEN {first} AND {first + size - 1}"
                changes.append(f"UPDATE {table} SET {UPDATES[table]} {where};" if kind < 0.9 else f"DELETE FROM {table} {where};")
        yield "BEGIN;" + "".join(changes) + "COMMIT;\n"
