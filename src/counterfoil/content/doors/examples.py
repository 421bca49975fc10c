"""Requests, as the reference shows them; the tests send each of them to a server.

The id in them is nobody's: it stands for one of the type beside it.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import SAMPLE

NEW_ITEM: Final = {
    "data": {
        "type": "item",
        "attributes": {"title": "Hello, world!"},
        "relationships": {
            "parent": {"data": {"type": "node", "id": SAMPLE}},
            "item_type": {"data": {"type": "item_type", "id": SAMPLE}},
        },
        "meta": {"slug": "hello-world"},
    }
}

ITEM: Final = {
    "data": {"type": "item", "id": SAMPLE, "attributes": {"title": "Hello again"}},
}

NEW_NODE: Final = {
    "data": {
        "type": "node",
        "attributes": {"kind": "folder", "slug": "blog"},
        "relationships": {"parent": {"data": {"type": "node", "id": SAMPLE}}},
    }
}

NODE: Final = {"data": {"type": "node", "id": SAMPLE, "attributes": {"slug": "news"}}}

NEW_ITEM_TYPE: Final = {
    "data": {
        "type": "item_type",
        "attributes": {
            "api_key": "story",
            "name": "Story",
            "schema_id": "https://example.com/story.json",
            "body": {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "properties": {"title": {"type": "string"}},
                "required": ["title"],
            },
        },
    }
}

ITEM_TYPE: Final = {
    "data": {"type": "item_type", "id": SAMPLE, "attributes": {"name": "Short story"}},
}

NEW_UPLOAD: Final = {"data": {"type": "upload_request", "attributes": {"size": 5}}}

NEW_ASSET: Final = {
    "data": {
        "type": "node",
        "attributes": {"upload": SAMPLE, "filename": "hello.txt", "slug": "hello.txt"},
        "relationships": {"parent": {"data": {"type": "node", "id": SAMPLE}}},
    }
}

NEW_FILE: Final = {
    "data": {"type": "node", "attributes": {"upload": "0123456789abcdef0123456789abcdef"}},
}

BULK: Final = {"data": [{"type": "item", "id": SAMPLE}]}

SCHEDULE: Final = {
    "data": {
        "type": "schedule",
        "attributes": {
            "publish_at": "2999-03-01T08:00:00Z",
            "unpublish_at": "2999-04-01T00:00:00+02:00",
        },
    }
}
