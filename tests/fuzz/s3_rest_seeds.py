#!/usr/bin/env python3
"""Seeds for s3_rest_fuzz: s3_rest_seeds.py CORPUS writes one request of each shape that a body can have."""

import pathlib
import sys

CHUNKED = "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\nx-amz-trailer: x-amz-checksum-crc32\nx-amz-decoded-content-length: 5\n"
REQUESTS = {
    "put": "PUT /one/b\nx-amz-meta-a: v\n\nhello",
    "chunked": f"PUT /one/b\n{CHUNKED}\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
    "copy": "PUT /one/b\nx-amz-copy-source: /one/a\nx-amz-metadata-directive: REPLACE\n\n",
    "delete": "POST /one?delete\nx-amz-checksum-crc32: AAAAAA==\n\n<Delete><Object><Key>a</Key></Object></Delete>",
    "form": "POST /one\ncontent-type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n"
            "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nbody\r\n--b--\r\n",
    "uploads": "POST /one/b?uploads\nx-amz-checksum-algorithm: CRC32\n\n",
    "complete": "POST /one/b?uploadId=x\n\n<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>",
    "cors": "PUT /one?cors\n\n<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
    "policy": 'PUT /one?policy\n\n{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::one/*"}]}',
    "list": "GET /one?list-type=2&delimiter=%2F&prefix=a&max-keys=1&encoding-type=url\n\n",
    "range": "GET /one/a\nrange: bytes=1-3\nif-none-match: \"x\"\n\n",
    "acl": "PUT /one/a?acl\nx-amz-grant-read: uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"\n\n",
    "attributes": "GET /one/a?attributes\nx-amz-object-attributes: ETag,Checksum,ObjectParts\n\n",
}
for name, request in REQUESTS.items():
    pathlib.Path(sys.argv[1], name).write_bytes(b"\x07" + request.encode())
