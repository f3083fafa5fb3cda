"""AWS SDK for Java 2: signed chunks and trailers, its transfer manager and presigner, by a driver in java/."""

import command_line
import every_client
import sluice


class Client(command_line.Java):
    driver, folder_of_jars = "SdkDriver", "hadoop-3.4"


AnyKey, Verified = every_client.tests(Client)

if __name__ == "__main__":
    sluice.main()
