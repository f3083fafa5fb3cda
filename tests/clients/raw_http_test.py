"""What no SDK sends, over a bare socket: each malformed request gets AWS's code and changes nothing."""

import os
import re
import shutil
import socket
import tempfile
import unittest

import sluice

HOST = "Host: 127.0.0.1\r\n"


def request(method, target, headers="", body=""):
    """With a Content-Length, unless the headers say something of the kind."""
    length = "" if re.search("content-length|transfer-encoding", headers, re.I) else f"Content-Length: {len(body)}\r\n"
    return f"{method} {target} HTTP/1.1\r\n{HOST}{headers}{length}\r\n{body}"


class Raw(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="sluice-raw-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.server = sluice.Server("--data", os.path.join(cls.folder, "data"))
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        self.assertEqual(self.status(request("PUT", "/bucket")), 200)
        self.assertEqual(self.status(request("PUT", "/bucket/k", "", "body")), 200)

    def send(self, text, ends=False):
        """The answer; `ends`: the client closes its side, as one does that gives up."""
        with socket.create_connection(("127.0.0.1", int(self.server.port)), timeout=10) as connection:
            connection.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
            if ends:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while True:
                piece = connection.recv(65536)
                answer += piece
                head, found, body = answer.partition(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head, re.I)
                if not piece or (found and (not length or len(body) >= int(length.group(1)))):
                    return answer

    def status(self, text):
        return int(self.send(text).split()[1])

    def outcome(self, text, ends=False):
        answer = self.send(text, ends)
        code = re.search(rb"<Code>(.*?)</Code>", answer)
        return int(answer.split()[1]), code.group(1).decode() if code else ""

    def test_answers_malformed_requests_as_aws_does(self):
        put = f"PUT /bucket/k HTTP/1.1\r\n{HOST}"
        for text, status, code in [
            (put + "\r\n", 411, "MissingContentLength"),
            (request("PUT", "/bucket/k", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), 411, "MissingContentLength"),
            (put + "Content-Length: -1\r\n\r\nx", 400, "BadRequest"),
            (put + "Content-Length: \r\n\r\nx", 400, "BadRequest"),
            (put + "Content-Length: many\r\n\r\nx", 400, "BadRequest"),
            (put + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400, "BadRequest"),
            (put + "Content-Length: 5368709121\r\n\r\n", 400, "EntityTooLarge"),
            (put + "Transfer-Encoding: gzip\r\n\r\n", 501, "NotImplemented"),
            (put + "x: " + "v" * 20000 + "\r\n\r\n", 400, "RequestHeaderSectionTooLarge"),
            (request("PUT", "/bucket/k", "x: " + "v" * 4096 + "\r\ny: " + "v" * 4096 + "\r\n", "x"), 400, "RequestHeaderSectionTooLarge"),
            (put + "".join(f"x-{i}: {'v' * 100}\r\n" for i in range(1000)) + "\r\n", 400, "RequestHeaderSectionTooLarge"),
            (put + "no colon\r\n\r\n", 400, "BadRequest"),
            (put + HOST + "\r\n", 400, "BadRequest"),
            ("GET / HTTP/1.1\r\n\r\n", 400, "BadRequest"),
            ("nothing of the kind\r\n\r\n", 400, "BadRequest"),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "BadRequest"),
            (request("GET", "/bucket/" + "k" * 9000), 414, "RequestURITooLong"),
            (request("PUT", "/bucket/" + "k" * 1025, "", "x"), 400, "KeyTooLongError"),
            (request("PUT", "/bucket/%ff%fe", "", "x"), 400, "InvalidURI"),
            (request("PUT", "/bucket/\xe9", "", "x"), 400, "InvalidURI"),
            (request("PUT", "/bucket/%zz", "", "x"), 400, "InvalidURI"),
            (request("PUT", "/bucket/%", "", "x"), 400, "InvalidURI"),
            (request("PUT", "/..", "", ""), 400, "InvalidBucketName"),
            (request("GET", "/%2e%2e/k"), 400, "InvalidBucketName"),
            (request("PUT", "/bucket/k", "Content-MD5: x\r\n", "x"), 400, "InvalidDigest"),
            (request("PUT", "/bucket/k", "Content-MD5: \r\n", "x"), 400, "InvalidDigest"),
            (request("PUT", "/bucket/k", "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n", "x"), 400, "BadDigest"),
            (request("PUT", "/bucket/k", "x-amz-content-sha256: x\r\n", "x"), 400, "InvalidArgument"),
            (request("PUT", "/bucket/k", "x-amz-meta-a: " + "v" * 2048 + "\r\n", "x"), 400, "MetadataTooLarge"),
            (request("PUT", "/bucket/k", "x-amz-storage-class: WARM\r\n", "x"), 400, "InvalidStorageClass"),
            (request("PUT", "/bucket/k", "x-amz-acl: everybody\r\n", "x"), 400, "InvalidArgument"),
            (request("PUT", "/bucket/k", "x-amz-tagging: a=1&a=2\r\n", "x"), 400, "InvalidArgument"),
            (request("PUT", "/bucket/k", "If-None-Match: x\r\n", "x"), 501, "NotImplemented"),
            (request("PUT", "/bucket/k", "Authorization: Basic eDp5\r\n", "x"), 400, "InvalidArgument"),
            (request("PUT", "/bucket/k?X-Amz-Signature=1", "Authorization: AWS a:b\r\n", "x"), 400, "InvalidArgument"),
            (request("PUT", "/bucket/k?partNumber=1", "", "x"), 400, "InvalidArgument"),
            (request("PUT", "/bucket/k?partNumber=0&uploadId=u", "", "x"), 400, "InvalidArgument"),
            (request("PUT", "/bucket/k?partNumber=1&uploadId=u", "", "x"), 404, "NoSuchUpload"),
            (request("PUT", "/bucket/k?metadata-of-mine", "", "x"), 501, "NotImplemented"),
            (request("PUT", "/bucket/k?tagging", "", "<Tagging>"), 400, "MalformedXML"),
            (request("PUT", "/bucket/k?acl", "", "<AccessControlPolicy/>"), 400, "MalformedACLError"),
            (request("PUT", "/bucket?cors", "", "<CORS"), 400, "MalformedXML"),
            (request("PUT", "/bucket?policy", "", "[]"), 400, "MalformedPolicy"),
            (request("POST", "/bucket/k", "", "x"), 405, "MethodNotAllowed"),
            (request("PATCH", "/bucket/k", "", "x"), 405, "MethodNotAllowed"),
            (request("DELETE", "/"), 405, "MethodNotAllowed"),
            (request("POST", "/bucket?delete", "", "<Delete><Object><Key>k</Key></Object></Delete>"), 400, "InvalidRequest"),
            (request("PUT", "/bucket/k", "x-amz-copy-source: nowhere\r\n"), 400, "InvalidArgument"),
            (request("PUT", "/bucket/k", "x-amz-copy-source: /bucket/none\r\n"), 404, "NoSuchKey"),
            (request("PUT", "/bucket/k", "x-amz-copy-source: /bucket/k\r\n"), 400, "InvalidRequest"),
            (request("PUT", "/bucket/k?versionId=null", "", "x"), 400, "InvalidArgument"),
            (request("GET", "/bucket?prefix=%ff"), 400, "InvalidURI"),
            (request("GET", "/bucket?max-keys=-1"), 400, "InvalidArgument"),
            (request("GET", "/bucket?list-type=2&continuation-token="), 400, "InvalidArgument"),
            (request("GET", "/bucket?encoding-type=base64"), 400, "InvalidArgument"),
            (request("GET", "/bucket/k?partNumber=2"), 416, "InvalidPartNumber"),
            (request("GET", "/bucket/k", "Range: bytes=4-\r\n"), 416, "InvalidRange"),
            (request("GET", "/bucket/k?response-content-type=text/html"), 400, "InvalidRequest"),
        ]:
            with self.subTest(text[:90]):
                self.assertEqual(self.outcome(text), (status, code))
        self.assertTrue(self.send(request("GET", "/bucket/k")).endswith(b"\r\n\r\nbody"), "nothing has changed")

    def test_stores_nothing_of_a_body_that_ends_early(self):
        put = f"PUT /bucket/k HTTP/1.1\r\n{HOST}"
        trailer = "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: 5\r\n"
        for text in (put + "Content-Length: 10\r\n\r\nshort",
                     put + "Transfer-Encoding: chunked\r\n" + trailer + "\r\na\r\n5\r\nhel",
                     put + "Content-Length: 20\r\n" + trailer + "\r\n5\r\nhello\r\n"):
            with self.subTest(text[60:]):
                self.assertEqual(self.outcome(text, ends=True), (400, "IncompleteBody"))
        self.assertTrue(self.send(request("GET", "/bucket/k")).endswith(b"\r\n\r\nbody"))

    def test_asks_for_a_body_only_if_it_wants_it(self):
        expecting = "Content-Length: 4\r\nExpect: 100-continue\r\n"
        self.assertEqual(self.status(request("PUT", "/bucket/k", expecting)), 100)
        self.assertEqual(self.outcome(request("PUT", "/absent/k", expecting)), (404, "NoSuchBucket"))
        self.assertEqual(self.outcome(request("PUT", "/bucket/k", "If-None-Match: *\r\n" + expecting)), (412, "PreconditionFailed"))
        for too_large in ("Content-Length: 5368709121\r\n", "Content-Length: 9\r\nx-amz-decoded-content-length: 5368709121\r\n"
                          "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n"):
            self.assertEqual(self.outcome(request("PUT", "/bucket/k", too_large + "Expect: 100-continue\r\n")), (400, "EntityTooLarge"))
        for other in ("", "200", "a miracle"):
            self.assertEqual(self.status(request("PUT", "/bucket/k", f"Expect: {other}\r\n", "body")), 200, other)

    def test_keeps_any_key_inside_the_data_folder(self):
        before = sorted(os.listdir(self.folder))
        keys = ["../out", "..%2F..%2Fout", "%2e%2e/%2e%2e/other", "/etc/passwd", "//a//b/", "a%00b", "%01%0a%7f", ".", "..", "a/./b",
                "C:%5Cout", "%F0%9F%98%80", "k" * 1024]
        large = "x" * 200_000  # kept as a file of its own
        for key in keys:
            with self.subTest(key[:20]):
                self.assertEqual(self.status(request("PUT", "/bucket/" + key, "", large + key)), 200)
        for key in keys:
            self.assertTrue(self.send(request("GET", "/bucket/" + key)).endswith(f"\r\n\r\n{large}{key}".encode()), key[:20])
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        inside = {name for _, folders, files in os.walk(self.folder) for name in folders + files}
        self.assertFalse(inside & {"out", "other", "passwd", "etc", "C:\\out"})


if __name__ == "__main__":
    sluice.main()
