-- Says that a consumer of a group lives, and who else does.
--
-- KEYS  members
-- ARGV  consumer, ms after which a silent consumer no longer counts, consumers known to be dead ...
--
-- Replies the names of the living, sorted.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
for i = 3, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[i])
end
local living = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(living)
return living
