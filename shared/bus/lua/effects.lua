-- Effects in ARGV, shared by every script that lets something take effect (it is put in front of them).
--
-- KEYS  timers, dead-letter counts, ... , output streams
-- ARGV  from `at`: number of outputs, (index of the stream in KEYS, event) ...,
--                  number of writes, (command, key, number of arguments, arguments ...) ...,
--                  number of timers, (name, due in ms or "") ...,
--                  `<stream>/<group>` to count as a dead letter, or ""

local ARGV, KEYS, tonumber = ARGV, KEYS, tonumber
local call, pcall_ = redis.call, redis.pcall
local timers, dead_letter_counts = KEYS[1], KEYS[2]

local kind_of_command = { HSET = 'hash', HDEL = 'hash', SADD = 'set', SREM = 'set', ZADD = 'zset', ZREM = 'zset' }

local function error_of(reply)
  return type(reply) == 'table' and reply['err'] or nil
end

local function kind_of(key)
  return call('TYPE', key)['ok']
end

local function wrong(key, kind, wanted)
  return 'WRONGTYPE ' .. key .. ' is a ' .. kind .. ', not a ' .. wanted
end

local checked_streams = {}

local function stream_problem(index)
  local problem = checked_streams[index]
  if problem == nil then
    local key = KEYS[tonumber(index)]
    local kind = kind_of(key)
    problem = kind ~= 'none' and kind ~= 'stream' and wrong(key, kind, 'stream')
    checked_streams[index] = problem
  end
  return problem
end

-- What would fail half-way is found before anything is done, because a write cannot be taken back. Returns the problem, if any.
local function check(at)
  if ARGV[at] ~= '0' then
    for _ = 1, tonumber(ARGV[at]) do
      local problem = stream_problem(ARGV[at + 1])
      if problem then
        return problem
      end
      at = at + 2
    end
  end
  at = at + 1
  if ARGV[at] ~= '0' then
    local kinds = {}
    for _ = 1, tonumber(ARGV[at]) do
      local command, key = ARGV[at + 1], ARGV[at + 2]
      local wanted = kind_of_command[command]
      if wanted then
        local kind = kinds[key] or kind_of(key)
        if kind ~= 'none' and kind ~= wanted then
          return wrong(key, kind, wanted)
        end
        kinds[key] = wanted
      elseif command == 'SET' then
        kinds[key] = 'string'
      elseif command == 'DEL' then
        kinds[key] = 'none'
      end
      at = at + 3 + tonumber(ARGV[at + 3])
    end
  end
  at = at + 1
  if ARGV[at] ~= '0' then
    local kind = kind_of(timers)
    if kind ~= 'none' and kind ~= 'zset' then
      return wrong(timers, kind, 'zset')
    end
  end
  return nil
end

-- Where the effects that begin at `at` end, without doing them.
local function behind(at)
  at = at + 1 + 2 * tonumber(ARGV[at])
  local writes = ARGV[at]
  at = at + 1
  if writes ~= '0' then
    for _ = 1, tonumber(writes) do
      at = at + 3 + tonumber(ARGV[at + 2])
    end
  end
  return at + 2 + 2 * tonumber(ARGV[at])
end

-- Does them. Returns the problem, if any, after taking back what was appended (reached only where an access rule forbids a key).
local function apply(at)
  local appended, problem = nil, nil
  if ARGV[at] ~= '0' then
    for _ = 1, tonumber(ARGV[at]) do
      local key = KEYS[tonumber(ARGV[at + 1])]
      local id = pcall_('XADD', key, '*', 'event', ARGV[at + 2])
      if type(id) == 'table' then
        problem = id['err']
        break
      end
      appended = { key, id, appended }
      at = at + 2
    end
  end
  at = at + 1
  if not problem then
    if ARGV[at] ~= '0' then
      for _ = 1, tonumber(ARGV[at]) do
        local count = tonumber(ARGV[at + 3])
        problem = error_of(pcall_(ARGV[at + 1], ARGV[at + 2], unpack(ARGV, at + 4, at + 3 + count)))
        if problem then
          break
        end
        at = at + 3 + count
      end
    end
    at = at + 1
  end
  if problem then
    while appended do
      pcall_('XDEL', appended[1], appended[2])
      appended = appended[3]
    end
    return problem
  end
  if ARGV[at] ~= '0' then
    for _ = 1, tonumber(ARGV[at]) do
      if ARGV[at + 2] == '' then
        call('ZREM', timers, ARGV[at + 1])
      else
        call('ZADD', timers, ARGV[at + 2], ARGV[at + 1])
      end
      at = at + 2
    end
  end
  if ARGV[at + 1] ~= '' then
    call('HINCRBY', dead_letter_counts, ARGV[at + 1], 1)
  end
  return nil
end
