-- The fenced commit of due timers of one partition: each one's effects. A timer that stands as it was read, and is removed here, is its fence.
--
-- KEYS  timers, dead-letter counts, epoch, positions, output streams ...
-- ARGV  token, number of timers, then per timer: name, due in ms, effects
--
-- Replies like commit.lua.

local epoch, positions = KEYS[3], KEYS[4]
local count = tonumber(ARGV[2])

if call('GET', epoch) ~= ARGV[1] then
  return 'FENCED'
end
local refusal = error_of(pcall_('HSETNX', positions, 'timers', '0-0'))
if refusal then
  return { 'REFUSED', refusal }
end

local statuses, at = {}, 3
for i = 1, count do
  local name, due = ARGV[at], tonumber(ARGV[at + 1])
  if tonumber(call('ZSCORE', timers, name) or '') ~= due then
    statuses[i] = 'gone'
  else
    -- Effects may set the same name again, therefore it goes first; a problem puts it back.
    local problem = check(at + 2)
    if not problem then
      call('ZREM', timers, name)
      problem = apply(at + 2)
      if problem then
        call('ZADD', timers, due, name)
      end
    end
    statuses[i] = problem or 'done'
  end
  at = behind(at + 2)
end
return statuses
