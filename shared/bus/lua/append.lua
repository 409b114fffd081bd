-- The intake's conditional write: compare the version, write the record, append the events.
--
-- KEYS  timers, dead-letter counts, record, output streams ...
-- ARGV  expected version, new version, content of the record, effects
--
-- A record is `<version>:<content>`. Replies 1; 0 where the stored version differs; an error where the server takes no writes or a key has
-- the wrong type, and then nothing is done.

local record = KEYS[3]
local kind = kind_of(record)
if kind ~= 'none' and kind ~= 'string' then
  return redis.error_reply(wrong(record, kind, 'string'))
end
local stored = call('GET', record)
if (stored and string.match(stored, '^%d+') or '0') ~= ARGV[1] then
  return 0
end
local problem = check(4)
if problem then
  return redis.error_reply(problem)
end
-- The record goes first: effects may set its expiry, and Redis refuses a script for want of memory only before its first write.
problem = error_of(pcall_('SET', record, ARGV[2] .. ':' .. ARGV[3]))
if problem then
  return redis.error_reply(problem)
end
problem = apply(4)
if problem then
  if stored then
    pcall_('SET', record, stored)
  else
    pcall_('DEL', record)
  end
  return redis.error_reply(problem)
end
return 1
