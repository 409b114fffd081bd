-- The fenced commit of a batch of one stream in one partition, or of a piece of it: each delivery's effects, and its acknowledgement
-- behind them.
--
-- KEYS  timers, dead-letter counts, epoch, positions, stream read, output streams ...
-- ARGV  token, group, name of the stream, number of deliveries, last id, number of deliveries to come with these, last id of those,
--       then per delivery (in order of their ids): id, effects
--
-- Replies "FENCED" where the partition has a new holder; "BEHIND" where something older is pending, which goes first (a former holder read
-- it after its lease had ended); {"REFUSED", error} where the server takes no writes (in all three nothing is done); else
-- {how many finished, what stopped the next one or "", ids among them that were no longer pending (committed before) ...}. What comes
-- behind one that failed is left alone, because revisions must not overtake each other.

local epoch, positions, stream = KEYS[3], KEYS[4], KEYS[5]
local group, stream_name, count = ARGV[2], ARGV[3], tonumber(ARGV[4])

if call('GET', epoch) ~= ARGV[1] then
  return 'FENCED'
end

local function is_older(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)%-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)%-(%d+)$')
  if a_ms ~= b_ms then
    return tonumber(a_ms) < tonumber(b_ms)
  end
  return tonumber(a_seq) < tonumber(b_seq)
end

-- Is each one still pending? Where as many are pending as there are to come, from the first id to the last, they are the same. Else one
-- look at everything between the two; an id that it cannot show is asked for on its own.
local summary = call('XPENDING', stream, group)
if summary[1] > 0 and summary[2] ~= ARGV[8] and is_older(summary[2], ARGV[8]) then
  return 'BEHIND'
end
local all_pending = summary[1] == tonumber(ARGV[6]) and summary[2] == ARGV[8] and summary[3] == ARGV[7]
local pending, seen_all = {}, true
if not all_pending then
  local seen = call('XPENDING', stream, group, ARGV[8], ARGV[5], 2 * count)
  for i = 1, #seen do
    pending[seen[i][1]] = true
  end
  seen_all = #seen < 2 * count
end

local function is_gone(id)
  return not all_pending and not pending[id] and (seen_all or #call('XPENDING', stream, group, id, id, 1) == 0)
end

-- Redis refuses a write for want of memory only before a script's first write: this one asks for the whole batch, and changes nothing.
local refusal = error_of(pcall_('HSETNX', positions, stream_name, '0-0'))
if refusal then
  return { 'REFUSED', refusal }
end

local reply, finished, at = { 0, '' }, {}, 8
for i = 1, count do
  local id = ARGV[at]
  if is_gone(id) then
    reply[#reply + 1] = id
  else
    local problem = check(at + 1) or apply(at + 1)
    if problem then
      reply[2] = problem
      break
    end
    finished[#finished + 1] = id
  end
  reply[1] = i
  at = behind(at + 1)
end

-- Acknowledged last. Nothing can come between: the script is one step, and one transaction in the append-only file.
for from = 1, #finished, 1000 do
  call('XACK', stream, group, unpack(finished, from, math.min(from + 999, #finished)))
end
if #finished > 0 then
  call('HSET', positions, stream_name, finished[#finished])
end
return reply
