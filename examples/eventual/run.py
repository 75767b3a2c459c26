"""One run of a project: everything the project has is there, and the arguments are what was asked for."""

import json
import os
import sys

storage = json.loads(os.environ["S3_CREDENTIALS"])
print(os.environ["DATABASE_URL"])
print(storage["aws_access_key_id"], len(storage["aws_secret_access_key"]))
print(os.environ["API_KEY"], os.environ["MY_SECRET_KEY"])
print("others" if "UNRELATED" in os.environ else "no other project's")
print(*sys.argv[1:], sep="|")
