-- Pages in turn. Arguments: a session, then addresses.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "told.lua")

local addresses, session = {}, ""

function init(arguments)
  begin()
  session = arguments[1]
  for place = 2, #arguments do table.insert(addresses, arguments[place]) end
  sent = number * 7
end

function request()
  sent = sent + 1
  return wrk.format("GET", addresses[sent % #addresses + 1], { ["Cookie"] = "sessionid=" .. session })
end
