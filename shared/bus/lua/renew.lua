-- Keeps a partition while nobody else has taken it; a lease that ran out unnoticed is taken again under the same epoch.
--
-- KEYS  lease, epoch
-- ARGV  token, consumer, lease in ms (0 gives the partition back)

if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
if ARGV[3] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
