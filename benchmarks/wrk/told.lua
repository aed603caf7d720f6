-- What each script shares: threads are told apart, a refused answer is counted by its status, and the end is one line of JSON.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function begin()
  sent, refused = 0, 0
end

function response(status, headers, body)
  if status >= 400 then refused = refused + 1 end
end

function done(summary, latency, requests)
  local refusals = 0
  for _, thread in ipairs(threads) do refusals = refusals + thread:get("refused") end
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.3f, "p50_ms": %.1f, "p95_ms": %.1f, "longest_ms": %.1f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency.max / 1e3, refusals, errors.connect + errors.read + errors.write + errors.timeout))
end
