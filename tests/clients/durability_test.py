"""kill -9 at random moments while clients write at once: every acknowledged write is there whole and its event comes; what was under way is
there whole or not at all. No client but Python."""

import hashlib
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

import sluice

ROUNDS = 18
WRITERS = 4
ARN = "arn:aws:sqs:us-east-1:000000000000:q"
RULES = f"""<NotificationConfiguration><QueueConfiguration><Queue>{ARN}</Queue><Event>s3:ObjectCreated:*</Event>
<Event>s3:ObjectRemoved:*</Event></QueueConfiguration></NotificationConfiguration>"""


class Connection:
    def __init__(self, port):
        self.http = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)

    def send(self, method, target, body=b"", headers=None):
        self.http.request(method, target, body, headers or {})
        answer = self.http.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def must(self, method, target, body=b"", headers=None):
        status, headers, answer = self.send(method, target, body, headers)
        assert status < 300, (method, target, status, answer)
        return headers, answer

    def queue(self, action, **members):
        answer = self.must("POST", "/", json.dumps(members).encode(), {"X-Amz-Target": f"AmazonSQS.{action}"})[1]
        return json.loads(answer or b"{}")


class Writer(threading.Thread):
    """Writes to keys of its own until the server is gone, and remembers what was acknowledged."""

    def __init__(self, name, port, chance, state):
        super().__init__()
        self.name, self.port, self.chance, self.state = name, port, chance, state
        self.under_way = None  # (key, the body that it may have now)
        self.failure = None

    def run(self):
        try:
            connection = Connection(self.port)
            while True:
                self.write(connection)
        except (OSError, http.client.HTTPException):
            pass  # killed
        except AssertionError as wrong:
            self.failure = wrong

    def body(self):
        size = self.chance.choice((0, 10, 3000, 70_000, 300_000))
        return (self.chance.getrandbits(64).to_bytes(8, "big") * (size // 8 + 1))[:size]

    def write(self, connection):
        key = f"{self.name}/{self.chance.randrange(12)}"
        target = "/one/" + urllib.parse.quote(key)
        kind = self.chance.choice(("put", "put", "put", "parts", "copy", "delete"))
        others = [other for other, body in sorted(self.state["bodies"].items()) if body is not None and other.startswith(self.name + "/")]
        if kind == "copy" and not others:
            kind = "put"
        if kind == "copy":
            source = self.chance.choice([other for other in others if other != key] or [None])
            if source is None:
                return
            body = self.state["bodies"][source]
            self.under_way = (key, body)
            connection.must("PUT", target, headers={"x-amz-copy-source": "/one/" + urllib.parse.quote(source)})
            self.acknowledge(key, body, hashlib.md5(body).hexdigest())
        elif kind == "delete":
            was_there = self.state["bodies"].get(key) is not None
            self.under_way = (key, None)
            connection.must("DELETE", target)
            self.acknowledge(key, None, None if was_there else "")
        elif kind == "parts":
            body = self.body()
            upload = re.search(rb"<UploadId>(.*?)</UploadId>", connection.must("POST", target + "?uploads")[1])[1].decode()
            etag = connection.must("PUT", f"{target}?partNumber=1&uploadId={upload}", body)[0]["etag"]
            self.under_way = (key, body)
            done = connection.must("POST", f"{target}?uploadId={upload}", (
                f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>").encode())[1]
            self.acknowledge(key, body, re.search(rb"<ETag>(?:&quot;|\")(.*?)(?:&quot;|\")</ETag>", done)[1].decode())
        else:
            body = self.body()
            self.under_way = (key, body)
            connection.must("PUT", target, body)
            self.acknowledge(key, body, hashlib.md5(body).hexdigest())

    def acknowledge(self, key, body, etag):
        """etag: of the event that must come; None: of a deletion; "": no event."""
        self.under_way = None
        self.state["bodies"][key] = body
        if etag != "":
            self.state["events"].append((key, etag))


class Durability(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sluice-durability-")
        self.addCleanup(shutil.rmtree, self.folder)

    def serve(self, sync):
        return sluice.Server("--data", self.folder, "--sync", sync)

    def check(self, connection, state, in_doubt):
        for key, body in sorted(state["bodies"].items()):
            status, _, got = connection.send("GET", "/one/" + urllib.parse.quote(key))
            found = got if status == 200 else None
            self.assertIn(status, (200, 404))
            allowed = [body] + [maybe for doubtful, maybe in in_doubt if doubtful == key]
            self.assertIn(found, allowed, f"{key}: {found and len(found)} bytes, allowed {[each and len(each) for each in allowed]}")
            state["bodies"][key] = found
        listed = re.findall(rb"<Key>(.*?)</Key>", connection.must("GET", "/one?list-type=2")[1])
        there = {key for key, body in state["bodies"].items() if body is not None}
        self.assertEqual({name.decode() for name in listed}, there)

    def events(self, connection):
        url = connection.queue("GetQueueUrl", QueueName="q")["QueueUrl"]
        events = []
        while True:
            messages = connection.queue("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
            if not messages:
                return events
            for message in messages:
                for record in json.loads(message["Body"]).get("Records", []):
                    stored = record["s3"]["object"]
                    events.append((urllib.parse.unquote_plus(stored["key"]), stored.get("eTag")))
            connection.queue("DeleteMessageBatch", QueueUrl=url, Entries=[
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)])

    def test_survives_kills_at_any_moment(self):
        seed = int(os.environ.get("SLUICE_SEED", "1"))
        chance = random.Random(seed)
        state, in_doubt, maybe_events = {"bodies": {}, "events": []}, [], []
        for number in range(ROUNDS):
            with self.subTest(seed=seed, round=number):
                server = self.serve(("full", "normal", "off")[number % 3])
                connection = Connection(server.port)
                if number == 0:
                    connection.must("PUT", "/one")
                    connection.queue("CreateQueue", QueueName="q")
                    connection.must("PUT", "/one?notification", RULES.encode())
                self.check(connection, state, in_doubt)
                writers = [Writer(f"w{index}", server.port, random.Random(chance.getrandbits(32)), state) for index in range(WRITERS)]
                for writer in writers:
                    for key in (f"{writer.name}/{index}" for index in range(12)):
                        state["bodies"].setdefault(key, None)
                    writer.start()
                time.sleep(chance.uniform(0.05, 0.6))
                server.kill()
                server.__exit__()
                for writer in writers:
                    writer.join()
                    self.assertIsNone(writer.failure)
                in_doubt = [writer.under_way for writer in writers if writer.under_way]
                maybe_events += in_doubt
        with self.serve("full") as server:
            connection = Connection(server.port)
            self.check(connection, state, in_doubt)
            self.assertGreater(len(state["events"]), 5 * ROUNDS)
            came = self.events(connection)
            self.assertEqual([event for event in state["events"] if event not in set(came)], [], "acknowledged, and no event")
            for key in {key for key, etag in state["events"] if etag is None}:
                deletions = state["events"].count((key, None))
                self.assertGreaterEqual(came.count((key, None)), deletions)
            doubtful = {key for key, _ in maybe_events}
            invented = {event for event in set(came) - set(state["events"]) if event[0] not in doubtful}
            self.assertEqual(invented, set())
            bodies = os.path.join(self.folder, "bodies")
            uploads = connection.must("GET", "/one?uploads")[1].count(b"<Upload>")
            large = sum(1 for body in state["bodies"].values() if body is not None and len(body) > 64 * 1024)
            self.assertLessEqual(len(os.listdir(bodies)), large + uploads, "orphans are swept at the start")

    def test_a_second_server_on_the_folder_is_refused_and_changes_nothing(self):
        with self.serve("full") as server:
            connection = Connection(server.port)
            connection.must("PUT", "/one")
            before = {name: os.path.getsize(os.path.join(self.folder, name)) for name in os.listdir(self.folder)}
            second = subprocess.run([sluice.BINARY, "serve", "--port", "0", "--data", self.folder], capture_output=True, text=True, timeout=60)
            self.assertEqual((second.returncode, second.stdout), (4, ""))
            self.assertIn(f"{self.folder} is in use by another process", second.stderr)
            self.assertIn("--data", second.stderr)
            self.assertEqual(before, {name: os.path.getsize(os.path.join(self.folder, name)) for name in os.listdir(self.folder)})
            connection.must("PUT", "/one/a", b"x")
        with self.serve("full") as server:  # the lock goes with its process
            self.assertEqual(Connection(server.port).must("GET", "/one/a")[1], b"x")


if __name__ == "__main__":
    sluice.main()
