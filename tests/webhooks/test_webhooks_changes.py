"""What changed of a webhook stands in the trail, without what is secret of it."""

from __future__ import annotations

from support.trail import changed
from support.webhooks import House


def test_a_webhook_tells_what_changed(house: House) -> None:
    """Name, host, events and state are on record; no path of its address and no secret (X2, S8)."""
    database = house.office.database
    made = house.register("token.leaked", heard=False)
    told = changed(database, "webhook.create")
    assert told["events"] == (None, ["token.leaked"])
    assert made.secret is not None
    assert made.secret not in str(told)
    house.edit(made.webhook, name="Other", url="https://hooks.example.com/T0/very-secret")
    told = changed(database, "webhook.edit")
    assert told["name"] == (made.webhook.name, "Other")
    assert told["url"][1].startswith("https://hooks.example.com/… ")
    assert "very-secret" not in str(told)
    house.edit(made.webhook, url="https://hooks.example.com/T0/another")
    before, after = changed(database, "webhook.edit")["url"]
    assert before != after
    house.edit(made.webhook, enabled=False)
    assert changed(database, "webhook.edit") == {"enabled": (True, False)}
