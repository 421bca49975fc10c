"""`python fill.py N` makes a database with N tokens of each kind, and writes them to keys.json."""

import json
import sys
from pathlib import Path

import rest  # noqa: F401 - sets Django up
from django.contrib.auth.models import User
from django.core.management import call_command
from knox.models import AuthToken
from rest_framework.authtoken.models import Token
from rest_framework_api_key.models import APIKey

call_command("migrate", verbosity=0)
keys = {"knox": [], "token": [], "key": []}
for number in range(int(sys.argv[1])):
    user = User.objects.create(username=f"user{number}")
    keys["knox"].append(AuthToken.objects.create(user)[1])
    keys["token"].append(Token.objects.create(user=user).key)
    keys["key"].append(APIKey.objects.create_key(name=f"key {number}")[1])
Path("keys.json").write_text(json.dumps(keys))
