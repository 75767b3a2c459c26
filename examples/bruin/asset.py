"""@bruin
name: dashboard.hello
type: python
secrets:
  - key: MY_API_KEY
  - key: SLACK_WEBHOOK
    inject_as: WEBHOOK_URL
  - key: db-creds#password
    inject_as: DB_PASSWORD
@bruin"""

import os

for name in ("MY_API_KEY", "WEBHOOK_URL", "DB_PASSWORD", "DATABASE_NAME"):
    print(name, os.environ[name])
print("SLACK_WEBHOOK" in os.environ)
