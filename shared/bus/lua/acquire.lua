-- Takes a partition for a consumer if nobody holds it, or if the holder is the one known to be dead.
--
-- KEYS  lease, epoch
-- ARGV  consumer, lease in ms, a holder known to be dead or ""
--
-- Replies {token} or {false, holder}. The token is `<epoch> <consumer>`; every commit compares it.

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and holder ~= ARGV[3] then
  return { false, holder }
end
local epoch = tonumber(string.match(redis.call('GET', KEYS[2]) or '0', '^(%d+)')) + 1
local token = string.format('%d %s', epoch, ARGV[1])
redis.call('SET', KEYS[2], token)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { token }
