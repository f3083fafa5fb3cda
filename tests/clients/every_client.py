"""What every client does: create, put small and large, list in pages, read a range, copy, delete many, and compare bytes.

A test of a client is a class with these calls, all of them on self.bucket, and `AnyKey, Verified = tests(Class)` in its module:

  connect()               called once the server runs at self.url
  create_bucket()         makes self.bucket
  put(key, body)          of any size; get(key) gives the bytes
  get_range(key, first, last)
  put_many(keys)          each key with its own name as its body
  names()                 all keys of the bucket, in pages
  copy(source, target)
  delete_many(keys)
"""

import itertools
import os
import random
import shutil
import tempfile
import unittest

import sluice

LARGE = random.Random(40).randbytes(40 << 20)
KEYS = ["plain.csv", "folder/a b+c.csv", "folder/été/100%.csv", "folder/=&?#x"]


class EveryClient(unittest.TestCase):
    numbers = itertools.count(1)
    keys = KEYS
    many = 2500
    server_options = ()

    @classmethod
    def setUpClass(cls):
        if missing := cls.missing():
            raise unittest.SkipTest(missing)
        cls.server = sluice.Server(*cls.server_options)
        cls.addClassCleanup(cls.server.__exit__)
        cls.url = cls.server.url

    @classmethod
    def missing(cls):
        """Why this client cannot run here; a client that is a program has this from command_line."""
        return None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sluice-client-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.bucket = f"client-bucket-{next(self.numbers)}"
        self.connect()
        self.create_bucket()

    def assert_same(self, left, right):
        """assertEqual would print forty megabytes."""
        self.assertEqual(len(left), len(right))
        self.assertTrue(left == right, "other bytes")

    def path(self, name, content=None):
        """A file of the test's own folder."""
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def content(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def test_gets_what_it_put(self):
        for number, key in enumerate(self.keys):
            body = LARGE[:number * 7]  # the first is empty
            self.put(key, body)
            self.assert_same(self.get(key), body)
        self.assertEqual(sorted(self.names()), sorted(self.keys))

    def test_gets_forty_mebibytes_and_ranges_of_them(self):
        self.put("large", LARGE)
        self.assert_same(self.get("large"), LARGE)
        for first, last in ((0, 0), (8 << 20, (8 << 20) + 99), (len(LARGE) - 100, len(LARGE) - 1)):
            self.assert_same(self.get_range("large", first, last), LARGE[first:last + 1])

    def test_lists_many_keys_in_pages_and_deletes_them(self):
        keys = [f"many/{number:04}" for number in range(self.many)]
        self.put_many(keys)
        self.assertEqual(sorted(self.names()), keys)
        self.assertEqual(self.get(keys[-1]), keys[-1].encode())
        self.delete_many(keys[1:])
        self.assertEqual(list(self.names()), keys[:1])

    def test_copies(self):
        self.put("a b/é.csv", b"0,Ada\n")
        self.copy("a b/é.csv", "copy+of it")
        self.assertEqual(self.get("copy+of it"), b"0,Ada\n")
        self.put("large", LARGE)
        self.copy("large", "large copy")
        self.assert_same(self.get("large copy"), LARGE)


# Virtual-host style needs names for buckets, and there is no DNS for them here. A client that is told of a proxy asks that one for
# http://BUCKET.s3.amazonaws.com/KEY, and every server has to take a request in this form: so sluice is named as the proxy.
HOST = "s3.amazonaws.com"


def proxied(server_url):
    return {**sluice.ENVIRONMENT, "HTTP_PROXY": server_url, "http_proxy": server_url, "NO_PROXY": "", "no_proxy": ""}


def virtual_host(client, many=50):
    """The same in virtual-host style, for a client that has `connect_by_host()` as well; signatures are verified, which are over the host."""
    path_style_only = {name: None for name in dir(client) if name.startswith("test_")}  # what is typical of the client was tried already
    return type(client.__name__ + "VirtualHost", (client, EveryClient),
                {"__module__": client.__module__, "server_options": sluice.VERIFY, "many": many, "connect": client.connect_by_host,
                 **path_style_only})


def tests(client, verified_many=1100):
    """The same for a server that takes any key and for one that verifies signatures."""
    def mode(name, **members):
        return type(client.__name__ + name, (client, EveryClient), {"__module__": client.__module__, **members})

    return mode("AnyKey"), mode("Verified", server_options=sluice.VERIFY, many=verified_many)
