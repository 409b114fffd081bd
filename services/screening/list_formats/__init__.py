"""Party lists as others publish them: pure readers from a stream of bytes to entries that know their place in it."""
