-- What wrk sends and how it reports. Arguments: method, path with a %d for a number where it has one,
-- first number, last number, and for POST the body. Prints RESULT and a JSON object.

local requests, position = {}, 0

function init(arguments)
  local method, path, body = arguments[1], arguments[2], arguments[5]
  local first, last = tonumber(arguments[3]), tonumber(arguments[4])
  if method == "POST" then wrk.headers["Content-Type"] = "application/json" end
  -- Up to a thousand of the numbers, evenly spread, so that not one record is asked for again and again.
  local step = math.max(1, math.floor((last - first + 1) / 1000))
  for number = first, last, step do
    requests[#requests + 1] = wrk.format(method, string.format(path, number), nil, body)
  end
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
