"""S3's events, watched with boto3 on a queue: each kind, what sends none, what a queue can do, and that a kill loses none."""

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request

import sluice

sluice.python_of("boto3")
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

EVERYTHING = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put"]


def connect(service, url, region="us-east-1", key=sluice.KEY, secret=sluice.SECRET):
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(service, endpoint_url=url, config=config, region_name=region, aws_access_key_id=key,
                        aws_secret_access_key=secret)


def records_of(sqs, url, wait=1):
    """Takes all messages; the records of their events in order. A test event has none."""
    records = []
    while True:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait).get("Messages", [])
        if not messages:
            return records
        for message in messages:
            body = json.loads(message["Body"])
            assert "Records" in body or body["Event"] == "s3:TestEvent", body
            records += body.get("Records", [])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


class Events(unittest.TestCase):
    numbers = itertools.count()

    @classmethod
    def setUpClass(cls):
        cls.server = sluice.Server()
        cls.addClassCleanup(cls.server.__exit__)
        cls.s3 = connect("s3", cls.server.url)
        cls.sqs = connect("sqs", cls.server.url)

    def setUp(self):
        number = next(self.numbers)
        self.bucket = f"bucket-{number}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.queue = self.sqs.create_queue(QueueName=f"queue-{number}")["QueueUrl"]
        self.arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def rule(self, events=None, prefix="", suffix="", **more):
        filters = [{"Name": name, "Value": value} for name, value in (("prefix", prefix), ("suffix", suffix)) if value]
        return {"QueueArn": self.arn, "Events": events or EVERYTHING, **({"Filter": {"Key": {"FilterRules": filters}}} if filters else {}),
                **more}

    def configure(self, *rules, **more):
        self.s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration={"QueueConfigurations": list(rules)},
                                                      **more)

    def put(self, key, body=b"x", **more):
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **more)

    def events(self, wait=1):
        return [(record["eventName"], urllib.parse.unquote_plus(record["s3"]["object"]["key"]))
                for record in records_of(self.sqs, self.queue, wait)]

    def refused(self, call, *arguments, **named):
        with self.assertRaises(ClientError) as refusal:
            call(*arguments, **named)
        return refusal.exception.response["Error"]

    def test_come_once_for_each_change_and_for_nothing_else(self):
        self.configure(self.rule())
        name = {"Bucket": self.bucket}
        self.put("a")
        self.put("a", b"over")
        self.s3.copy_object(**name, Key="copy", CopySource={**name, "Key": "a"})
        upload = self.s3.create_multipart_upload(**name, Key="parts")["UploadId"]
        parts = [{"PartNumber": number, "ETag": self.s3.upload_part(**name, Key="parts", UploadId=upload, PartNumber=number,
                                                                  Body=b"p" * size)["ETag"]}
                 for number, size in ((1, 5 << 20), (2, 3))]
        self.s3.complete_multipart_upload(**name, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
        self.s3.complete_multipart_upload(**name, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})  # retried: no event
        self.s3.put_object_tagging(**name, Key="a", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
        self.s3.delete_object_tagging(**name, Key="a")
        self.assertEqual(self.refused(self.put, "a", IfNoneMatch="*")["Code"], "PreconditionFailed")
        self.refused(self.put, "a", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
        self.refused(self.s3.copy_object, **name, Key="b", CopySource={**name, "Key": "absent"})
        self.s3.put_object_acl(**name, Key="a", ACL="bucket-owner-full-control")  # changes nothing, so no event
        aborted = self.s3.create_multipart_upload(**name, Key="aborted")["UploadId"]
        self.s3.upload_part(**name, Key="aborted", UploadId=aborted, PartNumber=1, Body=b"p")
        self.s3.abort_multipart_upload(**name, Key="aborted", UploadId=aborted)
        self.s3.delete_object(**name, Key="absent")
        self.s3.delete_object(**name, Key="a")
        self.s3.delete_objects(**name, Delete={"Objects": [{"Key": "copy"}, {"Key": "parts"}, {"Key": "absent"}]})
        form = self.s3.generate_presigned_post(self.bucket, "form")
        boundary = "0f0f0f"
        fields = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
                         for field, value in form["fields"].items())
        body = fields + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbody\r\n--{boundary}--\r\n'
        urllib.request.urlopen(urllib.request.Request(form["url"], body.encode(), {
            "Content-Type": f"multipart/form-data; boundary={boundary}"})).close()
        self.assertEqual(self.events(), [
            ("ObjectCreated:Put", "a"), ("ObjectCreated:Put", "a"), ("ObjectCreated:Copy", "copy"),
            ("ObjectCreated:CompleteMultipartUpload", "parts"), ("ObjectTagging:Put", "a"), ("ObjectTagging:Delete", "a"),
            ("ObjectRemoved:Delete", "a"), ("ObjectRemoved:Delete", "copy"), ("ObjectRemoved:Delete", "parts"),
            ("ObjectCreated:Post", "form")])

    def test_tell_of_versions_and_delete_markers(self):
        name = {"Bucket": self.bucket}
        self.s3.put_bucket_versioning(**name, VersioningConfiguration={"Status": "Enabled"})
        self.configure(self.rule())
        put = self.put("a")["VersionId"]
        copy = self.s3.copy_object(**name, Key="copy", CopySource={**name, "Key": "a", "VersionId": put})["VersionId"]
        self.s3.put_object_tagging(**name, Key="a", VersionId=put, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
        marker = self.s3.delete_object(**name, Key="a")["VersionId"]
        absent = self.s3.delete_object(**name, Key="absent")["VersionId"]  # a marker on its own
        self.s3.delete_object(**name, Key="a", VersionId=marker)
        many = self.s3.delete_objects(**name, Delete={"Objects": [{"Key": "copy"}, {"Key": "a", "VersionId": put}]})["Deleted"]
        hidden = next(each["DeleteMarkerVersionId"] for each in many if each["Key"] == "copy")
        records = records_of(self.sqs, self.queue)
        self.assertEqual([(record["eventName"], record["s3"]["object"]["key"], record["s3"]["object"]["versionId"]) for record in records], [
            ("ObjectCreated:Put", "a", put), ("ObjectCreated:Copy", "copy", copy), ("ObjectTagging:Put", "a", put),
            ("ObjectRemoved:DeleteMarkerCreated", "a", marker), ("ObjectRemoved:DeleteMarkerCreated", "absent", absent),
            ("ObjectRemoved:Delete", "a", marker), ("ObjectRemoved:DeleteMarkerCreated", "copy", hidden), ("ObjectRemoved:Delete", "a", put)])
        made = records[3]["s3"]["object"]
        self.assertEqual((made["eTag"], sorted(made)), ("d41d8cd98f00b204e9800998ecf8427e", ["eTag", "key", "sequencer", "versionId"]))
        self.assertEqual(sorted(records[5]["s3"]["object"]), ["key", "sequencer", "versionId"])
        ordered = [record["s3"]["object"]["sequencer"] for record in records if "sequencer" in record["s3"]["object"]]
        self.assertEqual(ordered, sorted(set(ordered)))

    def test_tell_of_an_acl_where_it_changes(self):
        name = {"Bucket": self.bucket}
        self.s3.delete_bucket_ownership_controls(**name)
        self.configure(self.rule())
        self.put("a")
        for acl in ("public-read", "public-read", "private", "bucket-owner-full-control"):
            self.s3.put_object_acl(**name, Key="a", ACL=acl)
        put, opened, closed = records_of(self.sqs, self.queue)
        self.assertEqual([put["eventName"], opened["eventName"], closed["eventName"]], ["ObjectCreated:Put"] + ["ObjectAcl:Put"] * 2)
        self.assertEqual(opened["eventVersion"], "2.3")
        self.assertEqual(sorted(opened["s3"]["object"]), ["eTag", "key"])

    def test_tell_of_a_restore_from_the_archive(self):
        self.configure(self.rule(["s3:ObjectCreated:*", "s3:ObjectRestore:*"]))
        self.put("a", b"cold", StorageClass="GLACIER")
        self.assertEqual(self.refused(self.s3.get_object, Bucket=self.bucket, Key="a")["Code"], "InvalidObjectState")
        self.s3.restore_object(Bucket=self.bucket, Key="a", RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Standard"}})
        self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key="a")["Body"].read(), b"cold")
        self.assertEqual(self.events(), [("ObjectCreated:Put", "a"), ("ObjectRestore:Post", "a"), ("ObjectRestore:Completed", "a")])

    def test_are_records_as_aws_writes_them(self):
        self.configure(self.rule(Id="my-rule"))
        key = "dt=2026-01-01/a b+\u00e9.csv"
        put = self.put(key, b"abc")
        self.put(key, b"abcd")
        self.s3.put_object_tagging(Bucket=self.bucket, Key=key, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
        self.s3.delete_object(Bucket=self.bucket, Key=key)
        first, second, tagged, deleted = records_of(self.sqs, self.queue)
        self.assertEqual((first["eventVersion"], first["eventSource"], first["awsRegion"]), ("2.1", "aws:s3", "us-east-1"))
        self.assertRegex(first["eventTime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        headers = put["ResponseMetadata"]
        self.assertEqual(first["responseElements"], {"x-amz-request-id": headers["RequestId"], "x-amz-id-2": headers["HostId"]})
        self.assertEqual(first["requestParameters"], {"sourceIPAddress": "127.0.0.1"})
        self.assertEqual(first["s3"]["configurationId"], "my-rule")
        self.assertEqual((first["s3"]["bucket"]["name"], first["s3"]["bucket"]["arn"]), (self.bucket, f"arn:aws:s3:::{self.bucket}"))
        stored = first["s3"]["object"]
        self.assertEqual((stored["key"], stored["size"], '"' + stored["eTag"] + '"'),
                         ("dt%3D2026-01-01/a+b%2B%C3%A9.csv", 3, put["ETag"]))
        sequencers = [record["s3"]["object"]["sequencer"] for record in (first, second, deleted)]
        self.assertEqual(sequencers, sorted(set(sequencers)))
        self.assertEqual(sorted(tagged["s3"]["object"]), ["eTag", "key"])
        self.assertEqual(tagged["eventVersion"], "2.3")
        self.assertEqual(sorted(deleted["s3"]["object"]), ["key", "sequencer"])

    def test_match_prefix_and_suffix_on_the_key_as_it_is(self):
        self.configure(self.rule(prefix="dt=2026 01/", suffix=".csv"))
        for key in ("dt=2026 01/a.csv", "dt=2026 01/a.CSV", "dt=2026+01/a.csv", "x/dt=2026 01/a.csv"):
            self.put(key)
        self.assertEqual(self.events(), [("ObjectCreated:Put", "dt=2026 01/a.csv")])

    def test_begin_with_a_test_event(self):
        self.configure(self.rule())
        message, = self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=1)["Messages"]
        body = json.loads(message["Body"])
        self.assertEqual((body["Service"], body["Event"], body["Bucket"]), ("Amazon S3", "s3:TestEvent", self.bucket))
        self.assertEqual(sorted(body), ["Bucket", "Event", "HostId", "RequestId", "Service", "Time"])

    def test_are_configured_only_where_aws_would(self):
        def why(*rules):
            error = self.refused(self.configure, *rules)
            self.assertEqual(error["Code"], "InvalidArgument")
            return error["Message"]

        self.configure(self.rule(prefix="kept/"))
        unreachable = "Unable to validate the following destination configurations"
        self.assertEqual(why(self.rule(QueueArn="arn:aws:sqs:us-east-1:000000000000:none")), unreachable)
        self.assertEqual(why(self.rule(QueueArn="arn:aws:sqs:eu-west-1:000000000000:" + self.arn.rsplit(":", 1)[1])),
                         "The notification destination service region is not valid for the bucket location constraint")
        self.assertEqual(why(self.rule(QueueArn="arn:aws:sns:us-east-1:000000000000:t")), "The ARN could not be parsed")
        self.assertEqual(why(self.rule(["s3:ObjectCreated:Made"])), "The event 's3:ObjectCreated:Made' is not supported for notifications")
        self.assertEqual(why(self.rule(), self.rule(["s3:ObjectCreated:Put"])),
                         "Configurations overlap. Configurations on the same bucket cannot share a common event type.")
        self.assertIn("ambiguously defined", why(self.rule(prefix="a"), self.rule(prefix="ab")))
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": json.dumps({"Statement": [{
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": self.arn,
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::another"}}}]})})
        self.assertEqual(why(self.rule()), unreachable)
        kept = self.s3.get_bucket_notification_configuration(Bucket=self.bucket)["QueueConfigurations"]
        self.assertEqual([rule["Filter"]["Key"]["FilterRules"] for rule in kept], [[{"Name": "Prefix", "Value": "kept/"}]])
        self.configure(self.rule(QueueArn="arn:aws:sqs:us-east-1:000000000000:none"), SkipDestinationValidation=True)
        self.configure()
        self.assertNotIn("QueueConfigurations", self.s3.get_bucket_notification_configuration(Bucket=self.bucket))

    def test_wake_a_long_poll(self):
        self.configure(self.rule())
        records_of(self.sqs, self.queue)
        got = []
        poll = threading.Thread(target=lambda: got.extend(
            self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=20).get("Messages", [])))
        started = time.monotonic()
        poll.start()
        self.put("woken")
        poll.join()
        self.assertIn("woken", got[0]["Body"])
        self.assertLess(time.monotonic() - started, 15)

    def test_every_call_of_a_queue(self):
        sqs, url = self.sqs, self.queue
        self.assertEqual(sqs.get_queue_url(QueueName=url.rsplit("/", 1)[1])["QueueUrl"], url)
        self.assertIn(url, sqs.list_queues(QueueNamePrefix="queue-")["QueueUrls"])
        error = self.refused(sqs.get_queue_url, QueueName="absent")
        self.assertEqual(error["Code"], "AWS.SimpleQueueService.NonExistentQueue")
        with self.assertRaises(sqs.exceptions.QueueDoesNotExist):
            sqs.receive_message(QueueUrl=url + "x")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0", "ReceiveMessageWaitTimeSeconds": "1"})
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual((attributes["VisibilityTimeout"], attributes["ApproximateNumberOfMessages"]), ("0", "0"))
        # botocore checks the MD5 of the body and of the attributes.
        sent = sqs.send_message(QueueUrl=url, MessageBody="h\u00e9", MessageAttributes={
            "n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary.x", "BinaryValue": b"\x00\xff"}})
        self.assertIn("MD5OfMessageAttributes", sent)
        got, = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])["Messages"]
        self.assertEqual(got["Body"], "h\u00e9")
        self.assertEqual(got["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        self.assertEqual(got["MessageAttributes"]["b"]["BinaryValue"], b"\x00\xff")
        again, = sqs.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"], VisibilityTimeout=30)["Messages"]
        self.assertEqual(again["Attributes"], {"ApproximateReceiveCount": "2"})
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)
        batch = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": str(n)} for n in range(10)])
        self.assertEqual(len(batch["Successful"]), 10)
        taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60)["Messages"]
        self.assertEqual([message["Body"] for message in taken], ["h\u00e9", *map(str, range(9))])
        done = sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
                                                               for n, message in enumerate(taken)])
        self.assertEqual(len(done["Successful"]), 10)
        sqs.purge_queue(QueueUrl=url)
        self.assertNotIn("Messages", sqs.receive_message(QueueUrl=url))
        sqs.tag_queue(QueueUrl=url, Tags={"team": "data", "tier": "test"})
        sqs.untag_queue(QueueUrl=url, TagKeys=["tier"])
        self.assertEqual(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "data"})
        self.assertEqual(self.refused(sqs.create_queue, QueueName="q.fifo", Attributes={"FifoQueue": "true"})["Code"],
                         "AWS.SimpleQueueService.UnsupportedOperation")
        self.assertEqual(self.refused(sqs.list_dead_letter_source_queues, QueueUrl=url)["Code"], "NotImplemented")
        sqs.delete_queue(QueueUrl=url)
        self.assertEqual(self.refused(sqs.delete_queue, QueueUrl=url)["Code"], "AWS.SimpleQueueService.NonExistentQueue")


class Strict(unittest.TestCase):
    def test_wants_signatures_and_a_policy(self):
        with sluice.Server(*sluice.VERIFY) as server:
            s3, sqs = connect("s3", server.url), connect("sqs", server.url)
            with self.assertRaises(ClientError) as refusal:
                connect("sqs", server.url, secret="other").list_queues()
            self.assertEqual(refusal.exception.response["Error"]["Code"], "SignatureDoesNotMatch")
            s3.create_bucket(Bucket="one")
            queue = sqs.create_queue(QueueName="q")["QueueUrl"]
            arn = "arn:aws:sqs:us-east-1:000000000000:q"
            rule = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
            with self.assertRaises(ClientError):
                s3.put_bucket_notification_configuration(Bucket="one", NotificationConfiguration=rule)
            policy = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
                                     "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::one"}}}]}
            sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
            s3.put_bucket_notification_configuration(Bucket="one", NotificationConfiguration=rule)
            s3.put_object(Bucket="one", Key="a", Body=b"")
            self.assertEqual([record["s3"]["object"]["key"] for record in records_of(sqs, queue)], ["a"])


class Why(unittest.TestCase):
    """`sluice why`: of a live server, over its restart, and of a saved trace."""

    def why(self, *arguments, code=0):
        done = subprocess.run([sluice.BINARY, "why", *arguments], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def test_tells_the_reason_of_each_rule(self):
        folder = tempfile.mkdtemp(prefix="sluice-why-")
        self.addCleanup(shutil.rmtree, folder)
        with sluice.Server("--data", folder) as server:
            s3, sqs = connect("s3", server.url), connect("sqs", server.url)
            s3.create_bucket(Bucket="one")
            queue = sqs.create_queue(QueueName="q")["QueueUrl"]
            s3.put_object(Bucket="one", Key="in/early", Body=b"")
            rules = [{"Id": name, "QueueArn": "arn:aws:sqs:us-east-1:000000000000:q", "Events": ["s3:ObjectCreated:Put"],
                      "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": name + "/"}]}}} for name in ("in", "out")]
            s3.put_bucket_notification_configuration(Bucket="one", NotificationConfiguration={"QueueConfigurations": rules})
            s3.put_object(Bucket="one", Key="in/a b", Body=b"x")
            told = self.why("s3://one/in/a b", "--port", server.port)
            self.assertRegex(told, r'rule "in" -> q: fired; in the queue')
            self.assertIn('rule "out" -> q: did not fire: the key does not begin with "out/"', told)
            records_of(sqs, queue)
            told = json.loads(self.why("s3://one/in/a b", "--port", server.port, "--json"))
            self.assertEqual({rule["rule"]: rule.get("outcome") or rule["why"] for rule in told["changes"][0]["rules"]},
                             {"in": "received and deleted", "out": 'the key does not begin with "out/"'})
            self.assertEqual([rule["fires"] for rule in told["now"]["rules"]], [True, False])
            self.assertIn("no event: the bucket had no notification rules then", self.why("s3://one/in/early", "--port", server.port))
            self.assertIn("did you mean s3://one/in/a b?", self.why("s3://one/in/a c", "--port", server.port, code=1))
            self.assertIn("there is no bucket two", self.why("s3://two/a", "--port", server.port, code=1))
            self.assertIn("s3://BUCKET/KEY", self.why("one/a", "--port", server.port, code=2))
        with sluice.Server("--data", folder) as server:
            told = self.why("s3://one/in/a b", "--port", server.port)
            self.assertIn("written before this server was started", told)
            self.assertIn('rule "in" -> q: fires', told)
        self.assertIn("sluice serve", self.why("s3://one/in/a b", "--port", server.port, code=4))

    def test_reads_a_saved_trace(self):
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as trace:
            course = os.path.join(sluice.HERE, "..", "..", "scenarios", "12-lost-event-tutorial.toml")
            subprocess.run([sluice.BINARY, "run", course, "--trace", trace.name], check=True, capture_output=True)
            keys = [json.loads(line)["key"] for line in trace if b'"kind":"change_file"' in line]
            told = [self.why(f"s3://cdc-input-pyspark/{key}", "--trace", trace.name) for key in keys]
            self.assertEqual(["lost: a fault dropped it" in text for text in told].count(True), 1, told)
            self.assertIn("the function succeeded", "".join(told))
            self.assertIn("CDC-pyspark", told[0])
            self.assertIn("did you mean", self.why(f"s3://cdc-input-pyspark/{keys[0]}x", "--trace", trace.name, code=1))


class Kill(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sluice-events-")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_loses_no_event_of_an_acknowledged_put(self):
        acknowledged, seen = [], []
        for round_number in range(8):
            server = sluice.Server("--data", self.folder)
            s3, sqs = connect("s3", server.url), connect("sqs", server.url)
            if round_number == 0:
                s3.create_bucket(Bucket="one")
                arn = "arn:aws:sqs:us-east-1:000000000000:q"
                sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "0"})
                s3.put_bucket_notification_configuration(Bucket="one", NotificationConfiguration={
                    "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
            url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
            for number in range(20):
                key = f"{round_number}-{number}"
                s3.put_object(Bucket="one", Key=key, Body=key.encode() * (1 if number % 5 else 40_000))
                acknowledged.append(key)
            server.kill()  # right behind the last acknowledgement: its event may still be on its way
            server.__exit__()
        with sluice.Server("--data", self.folder) as server:
            records = records_of(connect("sqs", server.url), connect("sqs", server.url).get_queue_url(QueueName="q")["QueueUrl"])
            seen = [record["s3"]["object"]["key"] for record in records]
        self.assertEqual(sorted(set(seen)), sorted(acknowledged))
        sequencers = {record["s3"]["object"]["sequencer"] for record in records}
        self.assertEqual(len(sequencers), len(acknowledged), "a repeated event repeats its record")

    def test_stops_with_a_poll_in_flight(self):
        with sluice.Server() as server:
            sqs = connect("sqs", server.url)
            queue = sqs.create_queue(QueueName="q")["QueueUrl"]
            got = []
            poll = threading.Thread(target=lambda: got.append(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)))
            poll.start()
            time.sleep(0.3)
            started = time.monotonic()
        self.assertLess(time.monotonic() - started, 5)
        poll.join()
        self.assertNotIn("Messages", got[0])


if __name__ == "__main__":
    sluice.main()
