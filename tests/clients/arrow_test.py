"""pyarrow's S3FileSystem (the C++ SDK), and a partitioned Parquet data set written and read back through it."""

import sluice

sluice.python_of("arrow")
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
from pyarrow import fs

import every_client


class Client:
    def connect(self):
        self.s3 = fs.S3FileSystem(access_key=sluice.KEY, secret_key=sluice.SECRET, region="us-east-1", scheme="http",
                                  endpoint_override=self.url.removeprefix("http://"), allow_bucket_creation=True)

    def connect_by_host(self):
        self.s3 = fs.S3FileSystem(access_key=sluice.KEY, secret_key=sluice.SECRET, region="us-east-1", scheme="http",
                                  endpoint_override=every_client.HOST, force_virtual_addressing=True, proxy_options=self.url,
                                  allow_bucket_creation=True)

    def create_bucket(self):
        self.s3.create_dir(self.bucket)

    def put(self, key, body):
        with self.s3.open_output_stream(f"{self.bucket}/{key}") as stream:
            stream.write(body)

    def get(self, key):
        with self.s3.open_input_stream(f"{self.bucket}/{key}") as stream:
            return stream.read()

    def get_range(self, key, first, last):
        with self.s3.open_input_file(f"{self.bucket}/{key}") as file:
            return file.read_at(last + 1 - first, first)

    def put_many(self, keys):
        for key in keys:
            self.put(key, key.encode())

    def names(self):
        found = self.s3.get_file_info(fs.FileSelector(self.bucket, recursive=True))
        return [entry.path.removeprefix(self.bucket + "/") for entry in found if entry.type == fs.FileType.File]

    def copy(self, source, target):
        self.s3.copy_file(f"{self.bucket}/{source}", f"{self.bucket}/{target}")

    def delete_many(self, keys):
        """DeleteObjects is what deletes a folder; single files it deletes one by one."""
        kept = set(self.names()) - set(keys)
        for key in kept:
            self.s3.move(f"{self.bucket}/{key}", f"{self.bucket}/kept")
        self.s3.delete_dir_contents(f"{self.bucket}/many")
        for key in kept:
            self.s3.move(f"{self.bucket}/kept", f"{self.bucket}/{key}")

    def test_writes_and_reads_partitioned_parquet(self):
        table = pyarrow.table({"id": range(10_000), "city": ["London", "Paris", "São Paulo", "a/b"] * 2_500})
        place = f"{self.bucket}/table"
        pyarrow.dataset.write_dataset(table, place, filesystem=self.s3, format="parquet", partitioning=["city"],
                                      partitioning_flavor="hive")
        read = pyarrow.dataset.dataset(place, filesystem=self.s3, format="parquet", partitioning="hive")
        self.assertEqual(len(read.files), 4)
        self.assertEqual(read.to_table().sort_by("id").select(["id", "city"]).to_pylist(), table.to_pylist())
        self.assertEqual(read.count_rows(filter=pyarrow.dataset.field("city") == "a/b"), 2_500)

    def test_moves_and_deletes_folders(self):
        self.put("folder/one", b"1")
        self.s3.create_dir(f"{self.bucket}/empty")
        self.s3.move(f"{self.bucket}/folder/one", f"{self.bucket}/folder/two")
        types = {entry.base_name: entry.type for entry in self.s3.get_file_info(fs.FileSelector(self.bucket))}
        self.assertEqual(types, {"folder": fs.FileType.Directory, "empty": fs.FileType.Directory})
        self.s3.delete_dir(f"{self.bucket}/folder")
        self.assertEqual(self.s3.get_file_info(f"{self.bucket}/folder/two").type, fs.FileType.NotFound)


AnyKey, Verified = every_client.tests(Client)
VirtualHost = every_client.virtual_host(Client)

if __name__ == "__main__":
    sluice.main()
