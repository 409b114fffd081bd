-- Appends the announcement of a version to a partition's reference-changes, once per version.
--
-- KEYS  announced, stream
-- ARGV  kind, version, event

if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  return 0
end
redis.call('XADD', KEYS[2], '*', 'event', ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
