"""Names that Sigma rules use for fields, and the canonical (ECS) names under which events hold them."""

# From SigmaHQ's field names for Windows, Sysmon, proxies, firewalls and Linux, as the ecs_windows pipeline maps them.
ECS = {
    "AccountName": "user.name",
    "c-uri": "url.original",
    "c-useragent": "user_agent.original",
    "CommandLine": "process.command_line",
    "ComputerName": "host.name",
    "Computer": "host.name",
    "cs-host": "url.domain",
    "cs-method": "http.request.method",
    "CurrentDirectory": "process.working_directory",
    "DestinationHostname": "destination.domain",
    "DestinationIp": "destination.ip",
    "DestinationPort": "destination.port",
    "dst_ip": "destination.ip",
    "dst_port": "destination.port",
    "EventID": "event.code",
    "FileName": "file.name",
    "Image": "process.executable",
    "ImageLoaded": "dll.path",
    "IpAddress": "source.ip",
    "IpPort": "source.port",
    "OriginalFileName": "process.pe.original_file_name",
    "ParentCommandLine": "process.parent.command_line",
    "ParentImage": "process.parent.executable",
    "ParentProcessId": "process.parent.pid",
    "ProcessId": "process.pid",
    "ProcessName": "process.name",
    "Provider_Name": "winlog.provider_name",
    "QueryName": "dns.question.name",
    "sc-status": "http.response.status_code",
    "SourceHostname": "source.domain",
    "SourceIp": "source.ip",
    "SourcePort": "source.port",
    "src_ip": "source.ip",
    "src_port": "source.port",
    "SubjectUserName": "user.name",
    "TargetFilename": "file.path",
    "TargetObject": "registry.path",
    "TargetUserName": "user.name",
    "User": "user.name",
    "WorkstationName": "source.domain",
}


def names_of(field: str) -> tuple[str, ...]:
    """Where an event may hold a rule's field: under its canonical name, and, where no mapping knew it, its own."""
    known = ECS.get(field)
    return (known, field) if known else (field,)
