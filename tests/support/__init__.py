"""What tests stand on: an office, an organization, its tokens, doors to knock at, real servers."""
