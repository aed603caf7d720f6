"""The names of the formats, and the error of those who know none of them."""

FORMATS = {
    "json": "JSON lines",
    "csv": "CSV with a header line",
    "reference": "The reference's CSV of sessions, seven columns",
    "suricata": "Suricata eve.json",
    "zeek": "Zeek logs, as JSON or tab-separated",
    "sysmon": "Sysmon and Windows event logs as JSON, by Winlogbeat or evtx_dump",
    "ecs": "Elastic Common Schema, JSON lines",
    "ocsf": "Open Cybersecurity Schema Framework, JSON lines",
    "syslog": "Syslog, RFC 5424 and RFC 3164",
    "cef": "ArcSight Common Event Format",
}


class UnknownFormat(ValueError):
    """Lines, or a name, of no known format; the message is a sentence that says what to do."""
