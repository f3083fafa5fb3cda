"""AWS SDK for JavaScript v3 with lib-storage, presigned links and forms, by the driver in js/."""

import os

import command_line
import every_client
import sluice


class Client(command_line.Driver):
    program = [os.path.join(sluice.folder_of("js-sdk"), name) for name in ("node", "driver.mjs")]


AnyKey, Verified = every_client.tests(Client)

if __name__ == "__main__":
    sluice.main()
