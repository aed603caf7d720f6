-- Another report with each request. Arguments: a word that no other run has, then
-- "api" and a token, or "form" and a session.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "told.lua")

local sender, header, run

function init(arguments)
  begin()
  run, sender, header = arguments[1], arguments[2], arguments[3]
end

local function words()
  sent = sent + 1
  local key = string.format("%s-%d-%d", run, number, sent)
  return key, "Transfer " .. key, "A caller who said he was from my bank asked for the code of transfer " .. key ..
    " and then money was gone from my account."
end

local function by_api()
  local key, title, text = words()
  local body = string.format('{"title": "%s", "text": "%s"}', title, text)
  return wrk.format("POST", "/api/v1/incidents/", {
    ["Authorization"] = "Token " .. header, ["Content-Type"] = "application/json", ["Idempotency-Key"] = key }, body)
end

local function by_form()
  local _, title, text = words()
  local secret = string.rep("a", 32)
  local uuid = string.format("%08x-0000-4000-8000-%04x%08x", tonumber(run, 16), number, sent)
  local body = string.format("csrfmiddlewaretoken=%s&key=%s&currency=INR&title=%s&text=%s", secret, uuid,
    title:gsub(" ", "+"), text:gsub(" ", "+"))
  return wrk.format("POST", "/file/", { ["Cookie"] = "sessionid=" .. header .. "; csrftoken=" .. secret,
    ["Content-Type"] = "application/x-www-form-urlencoded" }, body)
end

function request()
  return sender == "api" and by_api() or by_form()
end
