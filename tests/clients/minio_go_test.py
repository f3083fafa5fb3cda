"""minio-go (signed chunks over plain HTTP, GetBucketLocation first), by the driver in go/."""

import os

import command_line
import every_client
import sluice


class Client(command_line.Driver):
    program = [os.path.join(sluice.folder_of("minio-go"), "driver")]


AnyKey, Verified = every_client.tests(Client)

if __name__ == "__main__":
    sluice.main()
