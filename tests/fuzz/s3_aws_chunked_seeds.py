#!/usr/bin/env python3
"""Seeds for s3_aws_chunked_fuzz: s3_aws_chunked_seeds.py CORPUS writes bodies as SDKs send them."""

import pathlib
import sys

SIGNATURE = "chunk-signature=" + "0" * 64
BODIES = {
    "unsigned": ("\x07", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"),
    "two": ("\x03", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
    "signed": ("\x87", f"5;{SIGNATURE}\r\nhello\r\n0;{SIGNATURE}\r\n\r\n"),
    "trailer": ("\xff", f"5;{SIGNATURE}\r\nhello\r\n0;{SIGNATURE}\r\nx-amz-checksum-crc32c:mnG7TA==\nx-amz-trailer-signature:{'0' * 64}\r\n\r\n"),
}
for name, (first, body) in BODIES.items():
    pathlib.Path(sys.argv[1], name).write_bytes((first + body).encode("latin-1"))
