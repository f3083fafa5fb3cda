"""PyPI's boto3 against a live server."""

import filecmp
import hashlib
import io
import itertools
import os
import shutil
import socket
import tempfile
import unittest
from unittest import mock

import sluice

if __name__ == "__main__":
    sluice.python_of("boto3")
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import every_client


def connect(url, key=sluice.KEY, secret=sluice.SECRET, **config):
    config = Config(retries={"total_max_attempts": 1}, **{"s3": {"addressing_style": "path"}, **config})
    return boto3.client("s3", endpoint_url=url, config=config, region_name="us-east-1", aws_access_key_id=key,
                        aws_secret_access_key=secret)


class Client:
    def connect(self):
        self.s3 = connect(self.url)

    def create_bucket(self):
        self.s3.create_bucket(Bucket=self.bucket)

    def put(self, key, body):
        self.s3.upload_fileobj(io.BytesIO(body), self.bucket, key)

    def get(self, key):
        back = io.BytesIO()
        self.s3.download_fileobj(self.bucket, key, back)
        return back.getvalue()

    def get_range(self, key, first, last):
        return self.s3.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={first}-{last}")["Body"].read()

    def put_many(self, keys):
        for key in keys:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=key.encode())

    def names(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [entry["Key"] for page in pages for entry in page["Contents"]]

    def copy(self, source, target):
        self.s3.copy({"Bucket": self.bucket, "Key": source}, self.bucket, target)

    def delete_many(self, keys):
        for at in range(0, len(keys), 1000):
            chosen = {"Objects": [{"Key": key} for key in keys[at:at + 1000]]}
            self.assertNotIn("Errors", self.s3.delete_objects(Bucket=self.bucket, Delete=chosen))

    def test_presigns(self):
        self.put("k", b"body")
        link = self.s3.generate_presigned_url("get_object", {"Bucket": self.bucket, "Key": "k"}, ExpiresIn=60)
        self.assertEqual(sluice.read(link), b"body")

    def test_addresses_buckets_by_host(self):
        resolve = socket.getaddrinfo
        local = mock.patch("socket.getaddrinfo", lambda host, *more, **named: resolve("127.0.0.1", *more, **named))
        for host in ("localhost", "s3.localhost.localstack.cloud", "s3.us-east-1.amazonaws.com"):
            with self.subTest(host), local:
                s3 = connect(self.url.replace("127.0.0.1", host), s3={"addressing_style": "virtual"}, signature_version="s3v4")
                s3.put_object(Bucket=self.bucket, Key="a//b é+", Body=host.encode())
                self.assertEqual([entry["Key"] for entry in s3.list_objects_v2(Bucket=self.bucket)["Contents"]], ["a//b é+"])
                link = s3.generate_presigned_url("get_object", {"Bucket": self.bucket, "Key": "a//b é+"}, ExpiresIn=60)
                self.assertIn(f"//{self.bucket}.{host}:", link)
                self.assertEqual(sluice.read(link), host.encode())
                self.assertIn(self.bucket, [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]])


AnyKey, Verified = every_client.tests(Client)


class Strict(unittest.TestCase):
    def test_refuses_who_does_not_have_the_key(self):
        with sluice.Server(*sluice.VERIFY) as server:
            for key, secret, code in ((sluice.KEY, "other", "SignatureDoesNotMatch"), ("OTHER", "other", "InvalidAccessKeyId")):
                with self.assertRaises(ClientError) as refusal:
                    connect(server.url, key, secret).list_buckets()
                self.assertEqual(refusal.exception.response["Error"]["Code"], code)

    def test_refuses_a_stranger_before_the_body(self):
        with sluice.Server(*sluice.VERIFY) as server:
            connect(server.url).create_bucket(Bucket="bucket")
            with socket.create_connection(("127.0.0.1", int(server.port)), timeout=10) as stranger:
                stranger.sendall(b"PUT /bucket/k HTTP/1.1\r\nHost: h\r\nContent-Length: 123\r\nExpect: 100-continue\r\n\r\n")
                self.assertEqual(stranger.recv(1024).split()[1], b"403")


class Boto3(unittest.TestCase):
    numbers = itertools.count()

    @classmethod
    def setUpClass(cls):
        cls.server = sluice.Server()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        self.s3 = connect(self.server.url)
        self.bucket = f"bucket-{next(self.numbers)}"
        self.s3.create_bucket(Bucket=self.bucket)

    def refused(self, call, **arguments):
        with self.assertRaises(ClientError) as refusal:
            call(Bucket=self.bucket, **arguments)
        return refusal.exception.response["Error"]["Code"]

    def put(self, key, body=b"x", **arguments):
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **arguments)

    def body(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def test_gives_back_what_was_put(self):
        put = self.put("k", b"0,Ada\n", ContentType="text/csv", Metadata={"note": "first"})
        self.assertEqual(put["ETag"], '"%s"' % hashlib.md5(b"0,Ada\n").hexdigest())
        got = self.s3.get_object(Bucket=self.bucket, Key="k")
        self.assertEqual(got["Body"].read(), b"0,Ada\n")
        self.assertEqual(got["ContentType"], "text/csv")
        self.assertEqual(got["Metadata"], {"note": "first"})
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="k")["ContentLength"], 6)

    def test_keeps_keys_as_they_are(self):
        keys = sorted(["a//b", "a/../b", "a/./b", "/lead", "été +%25&?", "\U0001f600", "a", "a/b", "tail/"], key=str.encode)
        for key in keys:
            self.put(key, key.encode())
        for key in keys:
            self.assertEqual(self.body(key), key.encode())
        listed = self.s3.list_objects_v2(Bucket=self.bucket)["Contents"]
        self.assertEqual([entry["Key"] for entry in listed], keys)

    def test_pages_through_a_listing(self):
        for number in range(25):
            self.put(f"n/{number:02}")
        self.put("m/other")
        pages = list(self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, PaginationConfig={"PageSize": 10}))
        self.assertEqual([page["KeyCount"] for page in pages], [10, 10, 6])
        folders = self.s3.list_objects_v2(Bucket=self.bucket, Delimiter="/")["CommonPrefixes"]
        self.assertEqual([folder["Prefix"] for folder in folders], ["m/", "n/"])

    def test_deletes_many_at_once(self):
        for number in range(12):
            self.put(str(number))
        done = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": str(number)} for number in range(12)]})
        self.assertEqual(len(done["Deleted"]), 12)
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.bucket)["KeyCount"], 0)

    def test_writes_under_conditions(self):
        first = self.put("k", b"1", IfNoneMatch="*")
        self.assertEqual(self.refused(self.s3.put_object, Key="k", Body=b"2", IfNoneMatch="*"), "PreconditionFailed")
        self.assertEqual(self.refused(self.s3.put_object, Key="k", Body=b"2", IfMatch='"00"'), "PreconditionFailed")
        self.put("k", b"3", IfMatch=first["ETag"])
        self.assertEqual(self.body("k"), b"3")

    def test_copies_an_object_with_its_metadata(self):
        self.put("from/ä +", b"body", Metadata={"note": "kept"})
        self.s3.copy_object(Bucket=self.bucket, Key="to", CopySource={"Bucket": self.bucket, "Key": "from/ä +"})
        self.assertEqual(self.body("to"), b"body")
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="to")["Metadata"], {"note": "kept"})

    def test_streams_a_large_body_both_ways(self):
        content = os.urandom(1 << 20) * 40
        self.put("large", content)
        self.assertEqual(hashlib.sha256(self.body("large")).digest(), hashlib.sha256(content).digest())

    def test_transfers_files_in_parts(self):
        folder = tempfile.mkdtemp(prefix="sluice-boto3-")
        self.addCleanup(shutil.rmtree, folder)
        there, back = os.path.join(folder, "there"), os.path.join(folder, "back")
        with open(there, "wb") as file:
            file.write(os.urandom(20 << 20))
        for extra in ({"Metadata": {"note": "kept"}}, {"ChecksumAlgorithm": "SHA256"}):
            self.s3.upload_file(there, self.bucket, "large", ExtraArgs=extra)
            self.s3.download_file(self.bucket, "large", back, ExtraArgs={"ChecksumMode": "ENABLED"})
            self.assertTrue(filecmp.cmp(there, back, shallow=False))
            head = self.s3.head_object(Bucket=self.bucket, Key="large", PartNumber=1)
            self.assertEqual((head["PartsCount"], head["ContentLength"]), (3, 8 << 20))
            self.assertEqual(head["Metadata"], extra.get("Metadata", {}))

    def test_uploads_parts_by_hand(self):
        name = {"Bucket": self.bucket, "Key": "k"}
        self.put("source", b"0123456789")
        upload = self.s3.create_multipart_upload(**name, ChecksumAlgorithm="CRC32")["UploadId"]
        first = self.s3.upload_part(**name, UploadId=upload, PartNumber=1, ChecksumAlgorithm="CRC32", Body=b"a" * (5 << 20))
        copied = self.s3.upload_part_copy(**name, UploadId=upload, PartNumber=2, CopySourceRange="bytes=2-4",
                                          CopySource={"Bucket": self.bucket, "Key": "source"})["CopyPartResult"]
        listed = list(self.s3.get_paginator("list_parts").paginate(**name, UploadId=upload, PaginationConfig={"PageSize": 1}))
        parts = [part for page in listed for part in page["Parts"]]
        self.assertEqual([(part["PartNumber"], part["Size"]) for part in parts], [(1, 5 << 20), (2, 3)])
        for name_of in ("ETag", "ChecksumCRC32"):
            self.assertEqual([part[name_of] for part in parts], [first[name_of], copied[name_of]])
        uploads = self.s3.list_multipart_uploads(Bucket=self.bucket)["Uploads"]
        self.assertEqual([(found["Key"], found["UploadId"]) for found in uploads], [("k", upload)])
        chosen = {"Parts": [{key: part[key] for key in ("PartNumber", "ETag", "ChecksumCRC32")} for part in parts]}
        done = self.s3.complete_multipart_upload(**name, UploadId=upload, MultipartUpload=chosen, IfNoneMatch="*")
        again = self.s3.complete_multipart_upload(**name, UploadId=upload, MultipartUpload=chosen)
        self.assertEqual(done["ETag"], again["ETag"])
        self.assertEqual(self.body("k"), b"a" * (5 << 20) + b"234")
        asked = self.s3.get_object_attributes(**name, ObjectAttributes=["ETag", "ObjectParts", "ObjectSize", "Checksum"])
        self.assertEqual(asked["ObjectParts"]["TotalPartsCount"], 2)
        self.assertEqual(asked["ObjectSize"], (5 << 20) + 3)
        self.assertEqual(self.refused(self.s3.abort_multipart_upload, Key="k", UploadId=upload), "NoSuchUpload")

    def test_uploads_parts_without_choosing_a_checksum(self):
        name = {"Bucket": self.bucket, "Key": "k"}
        upload = self.s3.create_multipart_upload(**name)["UploadId"]
        part = self.s3.upload_part(**name, UploadId=upload, PartNumber=1, Body=b"body")
        with_checksum = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": "26gLsg=="}]}  # AWS keeps none of such a part
        self.assertEqual(self.refused(self.s3.complete_multipart_upload, Key="k", UploadId=upload, MultipartUpload=with_checksum), "InvalidPart")
        chosen = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        self.s3.complete_multipart_upload(**name, UploadId=upload, MultipartUpload=chosen)
        self.assertEqual(self.body("k"), b"body")

    def test_says_of_each_sub_resource_that_it_is_not_configured(self):
        """What Terraform reads of a bucket (aws_s3_bucket), and which code it takes for "none"."""
        s3 = self.s3
        for call, code in [(s3.get_bucket_policy, "NoSuchBucketPolicy"), (s3.get_bucket_tagging, "NoSuchTagSet"),
                           (s3.get_bucket_cors, "NoSuchCORSConfiguration"), (s3.get_bucket_website, "NoSuchWebsiteConfiguration"),
                           (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
                           (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError"),
                           (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"),
                           (s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration"),
                           (s3.get_bucket_ownership_controls, "OwnershipControlsNotFoundError")]:
            self.assertEqual(self.refused(call), code)
        answers = {call.__name__: {name: value for name, value in call(Bucket=self.bucket).items() if name != "ResponseMetadata"}
                   for call in (s3.get_bucket_versioning, s3.get_bucket_accelerate_configuration, s3.get_bucket_request_payment,
                                s3.get_bucket_logging, s3.get_bucket_location, s3.get_bucket_notification_configuration)}
        self.assertEqual(answers, {"get_bucket_versioning": {}, "get_bucket_accelerate_configuration": {},
                                   "get_bucket_request_payment": {"Payer": "BucketOwner"}, "get_bucket_logging": {},
                                   "get_bucket_location": {"LocationConstraint": None},
                                   "get_bucket_notification_configuration": {}})
        self.assertEqual([grant["Permission"] for grant in s3.get_bucket_acl(Bucket=self.bucket)["Grants"]], ["FULL_CONTROL"])
        rule, = s3.get_bucket_encryption(Bucket=self.bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        self.assertEqual(rule["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})
        self.assertEqual(s3.head_bucket(Bucket=self.bucket)["BucketRegion"], "us-east-1")

    def test_reads_an_object_part_by_part(self):
        if "ChecksumType" not in self.s3.meta.service_model.operation_model("CreateMultipartUpload").input_shape.members:
            self.skipTest("this boto3 does not know checksums of whole objects in parts")
        bodies = [b"a" * 5_242_880, b"tail"]
        upload = {"Bucket": self.bucket, "Key": "parts",
                  "UploadId": self.s3.create_multipart_upload(Bucket=self.bucket, Key="parts", ChecksumAlgorithm="CRC32",
                                                              ChecksumType="FULL_OBJECT")["UploadId"]}
        parts = [{"PartNumber": number, "ETag": self.s3.upload_part(PartNumber=number, Body=body, ChecksumAlgorithm="CRC32", **upload)["ETag"]}
                 for number, body in enumerate(bodies, 1)]
        self.s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
        for number, body in enumerate(bodies, 1):
            part = self.s3.get_object(Bucket=self.bucket, Key="parts", PartNumber=number)  # verifies the checksum of the part
            self.assertEqual((part["PartsCount"], part["ContentLength"], part["ChecksumType"]), (2, len(body), "FULL_OBJECT"))
            self.assertEqual(part["Body"].read(), body)
        self.assertEqual(self.refused(self.s3.get_object, Key="parts", PartNumber=3), "InvalidPartNumber")
        listed = self.s3.get_object_attributes(Bucket=self.bucket, Key="parts", ObjectAttributes=["ObjectParts", "ObjectSize"])
        self.assertEqual([part["Size"] for part in listed["ObjectParts"]["Parts"]], [len(body) for body in bodies])

    def test_keeps_the_encodings_that_were_given(self):
        for given, kept in (("gzip", "gzip"), ("deflate, gzip", "deflate, gzip"), ("aws-chunked, gzip", "gzip"), ("aws-chunked", None)):
            self.put("k", ContentEncoding=given)
            self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="k").get("ContentEncoding"), kept)

    def test_names_what_is_wrong(self):
        self.assertEqual(self.refused(self.s3.get_object, Key="none"), "NoSuchKey")
        self.assertEqual(self.refused(self.s3.head_object, Key="none"), "404")
        self.assertEqual(self.refused(self.s3.put_object, Key="k" * 1025, Body=b""), "KeyTooLongError")
        self.assertEqual(self.refused(self.s3.put_bucket_replication, ReplicationConfiguration={"Role": "r", "Rules": []}),
                         "NotImplemented")
        self.bucket = "absent-bucket"
        # 100 Continue is not sent: the answer comes before the body.
        self.assertEqual(self.refused(self.s3.put_object, Key="k", Body=b"x" * 5_000_000), "NoSuchBucket")


if __name__ == "__main__":
    sluice.main()
