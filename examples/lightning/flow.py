"""A flow that starts two works; each of them sees the secret."""

import os
import subprocess
import sys

WORK = 'import os; print("work", os.environ["MY_APP_SECRET"], os.environ["FOO"])'

print("flow", os.environ["MY_APP_SECRET"], os.environ["FOO"], *sys.argv[1:], flush=True)
for _ in range(2):
    subprocess.run([sys.executable, "-c", WORK], check=True)
