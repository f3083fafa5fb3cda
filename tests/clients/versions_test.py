"""Versions and Object Lock, with PyPI's boto3 against a live server on a folder."""

import datetime
import tempfile
import unittest

import sluice

sluice.python_of("boto3")
import boto3
from botocore.exceptions import ClientError

import boto3_test


class Versions(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.start()

    def start(self):
        self.server = sluice.Server("--data", self.folder.name)
        self.s3 = boto3_test.connect(self.server.url)

    def tearDown(self):
        self.server.__exit__()

    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as refusal:
            call(Bucket="kept", Key="k", **arguments)
        self.assertEqual(refusal.exception.response["Error"]["Code"], code)
        return refusal.exception.response

    def versioned(self):
        self.s3.create_bucket(Bucket="kept")
        self.s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})

    def put(self, body, **arguments):
        return self.s3.put_object(Bucket="kept", Key="k", Body=body, **arguments)["VersionId"]

    def test_are_there_after_a_restart(self):
        self.versioned()
        ids = [self.put(b"small"), self.put(b"large" * 100_000), self.put(b"last")]
        marker = self.s3.delete_object(Bucket="kept", Key="k")["VersionId"]
        self.tearDown()
        self.start()
        listed = self.s3.list_object_versions(Bucket="kept")
        self.assertEqual([version["VersionId"] for version in listed["Versions"]], ids[::-1])
        self.assertEqual(listed["DeleteMarkers"][0]["VersionId"], marker)
        self.assertEqual(self.s3.get_object(Bucket="kept", Key="k", VersionId=ids[1])["Body"].read(), b"large" * 100_000)
        headers = self.refused("NoSuchKey", self.s3.get_object)["ResponseMetadata"]["HTTPHeaders"]
        self.assertEqual(headers["x-amz-delete-marker"], "true")

    def test_are_deleted_page_by_page(self):
        self.versioned()
        for _ in range(12):
            self.put(b"x")
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket="kept", PaginationConfig={"PageSize": 5})
        self.assertEqual(sum(len(page["Versions"]) for page in pages), 12)
        bucket = boto3.resource("s3", endpoint_url=self.server.url, region_name="us-east-1", aws_access_key_id=sluice.KEY,
                                aws_secret_access_key=sluice.SECRET).Bucket("kept")
        bucket.object_versions.delete()
        bucket.delete()

    def test_are_held(self):
        self.s3.create_bucket(Bucket="kept", ObjectLockEnabledForBucket=True)
        until = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)
        id = self.put(b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until, ObjectLockLegalHoldStatus="ON")
        self.assertEqual(self.s3.head_object(Bucket="kept", Key="k")["ObjectLockRetainUntilDate"], until)
        self.refused("AccessDenied", self.s3.delete_object, VersionId=id, BypassGovernanceRetention=True)
        self.s3.put_object_legal_hold(Bucket="kept", Key="k", LegalHold={"Status": "OFF"})
        self.refused("AccessDenied", self.s3.delete_object, VersionId=id)
        self.s3.delete_object(Bucket="kept", Key="k", VersionId=id, BypassGovernanceRetention=True)
        self.refused("NoSuchVersion", self.s3.get_object, VersionId=id)


if __name__ == "__main__":
    unittest.main()
