-- Drops entries that every group has finished and that are older than the replay window.
--
-- KEYS  stream
-- ARGV  oldest id that the replay window keeps
--
-- A stream that no group reads is kept whole: what was accepted must wait for its first reader. Replies how many entries went.

local function later(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)%-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)%-(%d+)$')
  a_ms, b_ms = tonumber(a_ms), tonumber(b_ms)
  if a_ms ~= b_ms then
    return a_ms > b_ms
  end
  return tonumber(a_seq) > tonumber(b_seq)
end

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
local groups = redis.call('XINFO', 'GROUPS', KEYS[1])
if #groups == 0 then
  return 0
end
local keep_from = ARGV[1]
for _, fields in ipairs(groups) do
  local group = {}
  for i = 1, #fields, 2 do
    group[fields[i]] = fields[i + 1]
  end
  local unfinished = group['last-delivered-id']
  if group['pending'] > 0 then
    unfinished = redis.call('XPENDING', KEYS[1], group['name'], '-', '+', 1)[1][1]
  end
  if later(keep_from, unfinished) then
    keep_from = unfinished
  end
end
return redis.call('XTRIM', KEYS[1], 'MINID', '~', keep_from)
