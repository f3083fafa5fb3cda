"""s3fs (fsspec over aiobotocore), as pandas and Dask use it."""

import sluice

sluice.python_of("s3fs")
import s3fs

import every_client


class Client:
    def connect(self):
        self.s3 = s3fs.S3FileSystem(key=sluice.KEY, secret=sluice.SECRET, endpoint_url=self.url, skip_instance_cache=True,
                                    client_kwargs={"region_name": "us-east-1"})

    def connect_by_host(self):
        self.s3 = s3fs.S3FileSystem(key=sluice.KEY, secret=sluice.SECRET, endpoint_url=f"http://{every_client.HOST}",
                                    skip_instance_cache=True, client_kwargs={"region_name": "us-east-1"},
                                    config_kwargs={"proxies": {"http": self.url}, "s3": {"addressing_style": "virtual"}})

    def create_bucket(self):
        self.s3.mkdir(self.bucket)

    def put(self, key, body):
        with self.s3.open(f"{self.bucket}/{key}", "wb", block_size=8 << 20) as file:
            file.write(body)

    def get(self, key):
        return self.s3.cat_file(f"{self.bucket}/{key}")

    def get_range(self, key, first, last):
        return self.s3.cat_file(f"{self.bucket}/{key}", start=first, end=last + 1)

    def put_many(self, keys):
        self.s3.pipe({f"{self.bucket}/{key}": key.encode() for key in keys})

    def names(self):
        self.s3.invalidate_cache()
        return [name.removeprefix(self.bucket + "/") for name in self.s3.find(self.bucket)]

    def copy(self, source, target):
        self.s3.copy(f"{self.bucket}/{source}", f"{self.bucket}/{target}")

    def delete_many(self, keys):
        self.s3.rm([f"{self.bucket}/{key}" for key in keys])

    def test_globs_and_walks(self):
        for key in ("2026/01/a.csv", "2026/01/b.txt", "2026/02/c.csv", "top.csv"):
            self.put(key, key.encode())
        self.assertEqual(self.s3.glob(f"{self.bucket}/2026/*/*.csv"),
                         [f"{self.bucket}/2026/01/a.csv", f"{self.bucket}/2026/02/c.csv"])
        self.assertEqual(len(self.s3.glob(f"{self.bucket}/**/*.csv")), 3)
        self.assertEqual(self.s3.ls(f"{self.bucket}/2026"), [f"{self.bucket}/2026/01", f"{self.bucket}/2026/02"])
        walked = {place: files for place, _, files in self.s3.walk(self.bucket)}
        self.assertEqual(walked[f"{self.bucket}/2026/01"], ["a.csv", "b.txt"])
        self.assertIn(self.bucket, self.s3.ls(""))

    def test_appends_moves_and_writes_only_what_is_new(self):
        place = f"{self.bucket}/log"
        self.s3.pipe(place, b"one\n")
        with self.s3.open(place, "ab") as file:
            file.write(b"two\n")
        self.assertEqual(self.s3.cat(place), b"one\ntwo\n")
        self.s3.mv(place, place + ".old")
        self.assertFalse(self.s3.exists(place))
        self.assertEqual(self.s3.info(place + ".old")["size"], 8)
        with self.assertRaises(FileExistsError):
            self.s3.pipe_file(place + ".old", b"three\n", mode="create")
        self.s3.rm(self.bucket, recursive=True)
        self.assertFalse(self.s3.exists(self.bucket))


AnyKey, Verified = every_client.tests(Client)
VirtualHost = every_client.virtual_host(Client)

if __name__ == "__main__":
    sluice.main()
