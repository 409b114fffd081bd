-- The fenced commit of a batch of one stream in one partition: each delivery's effects, then its acknowledgement.
--
-- KEYS  timers, dead-letter counts, epoch, positions, stream read, output streams ...
-- ARGV  token, group, name of the stream, number of deliveries, then per delivery: id, effects
--
-- Replies "FENCED" where the partition has a new holder; {"REFUSED", error} where the server takes no writes (nothing is done then); else
-- one status per delivery: "done"; "gone" (no longer pending: it was committed before); "skipped" (after one that failed, because
-- revisions must not overtake each other); or the text of the error.

local epoch, positions, stream = KEYS[3], KEYS[4], KEYS[5]
local group, stream_name, count = ARGV[2], ARGV[3], tonumber(ARGV[4])

if call('GET', epoch) ~= ARGV[1] then
  return 'FENCED'
end

-- One look at everything pending between the first and the last id (deliveries come in order).
local last_at, at = nil, 5
for _ = 1, count do
  last_at = at
  at = behind(at + 1)
end
local seen = call('XPENDING', stream, group, ARGV[5], ARGV[last_at], 2 * count)
local pending = {}
for _, entry in ipairs(seen) do
  pending[entry[1]] = true
end
local seen_all = #seen < 2 * count

-- Redis refuses a write for want of memory only before a script's first write: this one asks for the whole batch, and changes nothing.
local refusal = error_of(pcall_('HSETNX', positions, stream_name, '0-0'))
if refusal then
  return { 'REFUSED', refusal }
end

local statuses, finished = {}, nil
at = 5
for i = 1, count do
  local id = ARGV[at]
  if not pending[id] and (seen_all or #call('XPENDING', stream, group, id, id, 1) == 0) then
    statuses[i] = 'gone'
  else
    local problem = check(at + 1) or apply(at + 1)
    if problem then
      statuses[i] = problem
      for later = i + 1, count do
        statuses[later] = 'skipped'
      end
      break
    end
    call('XACK', stream, group, id)
    finished = id
    statuses[i] = 'done'
  end
  at = behind(at + 1)
end
if finished then
  call('HSET', positions, stream_name, finished)
end
return statuses
