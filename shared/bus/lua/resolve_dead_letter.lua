-- Takes a dead letter away and, where it is replayed, puts its original back; whoever finds it gone does nothing.
--
-- KEYS  dead letters, dead-letter counts, stream or sorted set of timers that the original goes to
-- ARGV  id, `<stream>/<group>`, "drop" | "append" | "arm", event or name of the timer, due in ms

if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then
  return 0
end
if ARGV[3] == 'append' then
  redis.call('XADD', KEYS[3], '*', 'event', ARGV[4])
elseif ARGV[3] == 'arm' then
  redis.call('ZADD', KEYS[3], ARGV[5], ARGV[4])
end
redis.call('XDEL', KEYS[1], ARGV[1])
if redis.call('HINCRBY', KEYS[2], ARGV[2], -1) <= 0 then
  redis.call('HDEL', KEYS[2], ARGV[2])
end
return 1
