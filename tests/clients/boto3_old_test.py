"""boto3 before version 1.36: it sends and asks for no checksum by itself. The tests are boto3_test.py's."""

import sluice

sluice.python_of("boto3-old")
from boto3_test import *  # noqa: F403

if __name__ == "__main__":
    sluice.main()
