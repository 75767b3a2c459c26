"""Prints the secret that the launcher delivered: the program knows no store, no token and no network."""

import os

print(os.environ["MY_APP_SECRET"])
