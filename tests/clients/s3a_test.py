"""Hadoop's S3A, by a driver in java/: 3.3 on AWS SDK for Java 1, 3.4 on version 2; jobs with the magic and the directory committers."""

import command_line
import every_client
import sluice


class Client(command_line.Java):
    driver = "S3aDriver"

    def create_bucket(self):
        sluice.request("PUT", f"{self.url}/{self.bucket}")

    def test_commits_jobs_with_the_magic_committer(self):
        self.run_it("commit", self.bucket, "magic")

    def test_commits_jobs_with_the_directory_committer(self):
        self.run_it("commit", self.bucket, "directory")


class Hadoop33(Client):
    folder_of_jars = "hadoop-3.3"


class Hadoop34(Client):
    folder_of_jars = "hadoop-3.4"


Hadoop33AnyKey, Hadoop33Verified = every_client.tests(Hadoop33)
Hadoop34AnyKey, Hadoop34Verified = every_client.tests(Hadoop34)

if __name__ == "__main__":
    sluice.main()
