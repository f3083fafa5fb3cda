"""Debian's aws CLI against a live server: the commands of the tutorial's reader."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import sluice

AWS = "/usr/bin/aws"


class AwsCli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = sluice.Server("--stack", os.path.join(sluice.HERE, "live_stack.toml"))
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sluice-cli-")
        self.addCleanup(shutil.rmtree, self.folder)

    def run_aws(self, *arguments):
        return subprocess.run([AWS, "--endpoint-url", self.server.url, *arguments], env=sluice.ENVIRONMENT, cwd=self.folder,
                              capture_output=True, text=True, timeout=120)

    def aws(self, *arguments):
        done = self.run_aws(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refused(self, *arguments):
        """The error code that S3 gave."""
        done = self.run_aws(*arguments)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        found = re.search(r"An error occurred \((\w+)\)", done.stderr)
        return found.group(1) if found else done.stderr

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        # S3 tells times in whole seconds, so a file of this very second would look newer than its upload, and sync would send it again.
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path

    def names(self, bucket):
        return [line.split(maxsplit=3)[3] for line in self.aws("s3", "ls", f"s3://{bucket}", "--recursive").splitlines()]

    def test_makes_fills_lists_and_removes_a_bucket(self):
        self.aws("s3", "mb", "s3://lake")
        self.assertIn(" lake\n", self.aws("s3", "ls"))
        self.aws("s3", "cp", self.write("people.csv", b"0,Ada,London\n"), "s3://lake/a b/people+1.csv")
        self.assertEqual(self.aws("s3", "cp", "s3://lake/a b/people+1.csv", "-"), "0,Ada,London\n")
        for name in ("d/1.csv", "d/2.csv", "d/sub/été.csv"):
            self.write(name, name.encode())
        self.aws("s3", "sync", "d", "s3://lake/d")
        self.assertEqual(self.names("lake"), ["a b/people+1.csv", "d/1.csv", "d/2.csv", "d/sub/été.csv"])
        self.assertEqual(self.aws("s3", "sync", "d", "s3://lake/d"), "", "a second sync has nothing to do")
        self.assertIn("PRE sub/", self.aws("s3", "ls", "s3://lake/d/"))
        self.aws("s3", "sync", "s3://lake/d", "back")
        with open(os.path.join(self.folder, "back/sub/été.csv"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "d/sub/été.csv")
        self.aws("s3", "mv", "s3://lake/d/1.csv", "s3://lake/moved.csv")
        self.assertIn("moved.csv", self.names("lake"))
        self.assertEqual(self.refused("s3api", "delete-bucket", "--bucket", "lake"), "BucketNotEmpty")
        self.aws("s3", "rm", "s3://lake", "--recursive")
        self.aws("s3", "rb", "s3://lake")
        self.assertNotIn("lake\n", self.aws("s3", "ls"))

    def test_uploads_and_downloads_some_megabytes_whole(self):
        self.aws("s3", "mb", "s3://big")
        content = os.urandom(7_000_000)
        self.aws("s3", "cp", self.write("big.bin", content), "s3://big/big.bin")
        self.aws("s3", "cp", "s3://big/big.bin", "back.bin")
        with open(os.path.join(self.folder, "back.bin"), "rb") as file:
            self.assertTrue(file.read() == content)
        head = json.loads(self.aws("s3api", "head-object", "--bucket", "big", "--key", "big.bin"))
        self.assertEqual(head["ContentLength"], len(content))

    def test_uploads_in_parts_what_is_large(self):
        self.aws("s3", "mb", "s3://parts")
        content = os.urandom(20 << 20)
        self.aws("s3", "cp", self.write("big.bin", content), "s3://parts/big.bin")
        head = json.loads(self.aws("s3api", "head-object", "--bucket", "parts", "--key", "big.bin", "--part-number", "3"))
        self.assertEqual(head["PartsCount"], 3)
        self.assertEqual(head["ContentLength"], 4 << 20)
        digests = b"".join(hashlib.md5(content[at:at + (8 << 20)]).digest() for at in range(0, len(content), 8 << 20))
        self.assertEqual(head["ETag"], f'"{hashlib.md5(digests).hexdigest()}-3"')
        self.aws("s3", "cp", "s3://parts/big.bin", "s3://parts/copy.bin", "--copy-props", "metadata-directive")  # UploadPartCopy
        self.aws("s3", "cp", "s3://parts/copy.bin", "back.bin")
        with open(os.path.join(self.folder, "back.bin"), "rb") as file:
            self.assertTrue(file.read() == content)
        self.assertEqual(self.aws("s3api", "list-multipart-uploads", "--bucket", "parts").count("UploadId"), 0)

    def test_names_what_is_wrong(self):
        self.assertEqual(self.refused("s3api", "list-objects-v2", "--bucket", "no-such-bucket"), "NoSuchBucket")
        self.assertEqual(self.refused("s3api", "create-bucket", "--bucket", "No_Bucket"), "InvalidBucketName")
        self.aws("s3", "mb", "s3://errors")
        self.assertEqual(self.refused("s3api", "get-object", "--bucket", "errors", "--key", "none", "out"), "NoSuchKey")
        self.assertEqual(self.refused("s3api", "put-bucket-replication", "--bucket", "errors", "--replication-configuration",
                                      '{"Role":"r","Rules":[]}'), "NotImplemented")
        self.assertEqual(self.refused("dms", "describe-endpoints"), "NotImplemented")

    def test_puts_a_notification_configuration_only_if_it_can_be_delivered(self):
        self.aws("s3", "mb", "s3://notes")

        def configuration(arn, events=("s3:ObjectCreated:*",)):
            return json.dumps({"LambdaFunctionConfigurations": [{"Id": "one", "LambdaFunctionArn": arn, "Events": list(events)}]})

        def put(document):
            return ("s3api", "put-bucket-notification-configuration", "--bucket", "notes", "--notification-configuration", document)

        function = json.loads(self.aws("s3api", "get-bucket-notification-configuration", "--bucket", "cdc-input-pyspark"))
        arn = function["LambdaFunctionConfigurations"][0]["LambdaFunctionArn"]
        self.assertEqual(self.refused(*put(configuration(arn.rsplit(":", 1)[0] + ":nobody"))), "InvalidArgument")
        self.assertEqual(self.refused(*put(configuration(arn, ["s3:ObjectEaten:*"]))), "InvalidArgument")
        self.aws(*put(configuration(arn)))
        stored = json.loads(self.aws("s3api", "get-bucket-notification-configuration", "--bucket", "notes"))
        self.assertEqual(stored["LambdaFunctionConfigurations"][0]["LambdaFunctionArn"], arn)
        self.aws(*put("{}"))
        self.assertEqual(self.aws("s3api", "get-bucket-notification-configuration", "--bucket", "notes").strip(), "")

    def test_watches_events_on_a_queue(self):
        url = json.loads(self.aws("sqs", "create-queue", "--queue-name", "watch", "--attributes", "VisibilityTimeout=0"))["QueueUrl"]
        self.assertEqual(json.loads(self.aws("sqs", "get-queue-url", "--queue-name", "watch"))["QueueUrl"], url)
        asked = self.aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "QueueArn", "VisibilityTimeout")
        self.assertEqual(json.loads(asked)["Attributes"],
                         {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:watch", "VisibilityTimeout": "0"})
        self.aws("s3", "mb", "s3://watched")
        rules = {"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:us-east-1:000000000000:watch", "Events": ["s3:ObjectCreated:*"]}]}
        self.aws("s3api", "put-bucket-notification-configuration", "--bucket", "watched", "--notification-configuration",
                 json.dumps(rules))
        with open(os.path.join(self.folder, "a b.csv"), "w", encoding="utf-8") as file:
            file.write("1,Ada\n")
        self.aws("s3", "cp", "a b.csv", "s3://watched/in/a b.csv")
        names = []
        for _ in range(2):
            received = json.loads(self.aws("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5",
                                           "--attribute-names", "All", "--max-number-of-messages", "1"))["Messages"][0]
            body = json.loads(received["Body"])
            names.append(body.get("Event") or body["Records"][0]["s3"]["object"]["key"])
            self.assertEqual(received["Attributes"]["ApproximateReceiveCount"], "1")
            self.aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", received["ReceiptHandle"])
        self.assertEqual(names, ["s3:TestEvent", "in/a+b.csv"])
        sent = json.loads(self.aws("sqs", "send-message", "--queue-url", url, "--message-body", "h\u00e9", "--message-attributes",
                                   '{"n": {"DataType": "Number", "StringValue": "1"}}'))
        self.assertIn("MD5OfMessageAttributes", sent)
        self.aws("sqs", "purge-queue", "--queue-url", url)
        self.assertEqual(json.loads(self.aws("sqs", "list-queues"))["QueueUrls"], [url])
        self.aws("sqs", "delete-queue", "--queue-url", url)
        gone = self.run_aws("sqs", "get-queue-url", "--queue-name", "watch")
        self.assertIn("AWS.SimpleQueueService.NonExistentQueue", gone.stderr)


if __name__ == "__main__":
    if not os.access(AWS, os.X_OK):
        sluice.skip(f"{AWS} is not there (Debian's package awscli)")
    sluice.main()
