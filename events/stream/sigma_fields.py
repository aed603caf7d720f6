"""Names that Sigma rules use for fields, and the canonical (ECS) names under which events hold them."""

# SigmaHQ's names for Windows, Sysmon, proxies and firewalls. Those of Windows agree with the format's own table.
ECS = {
    "AccountName": "user.name",
    "c-uri": "url.original",
    "c-useragent": "user_agent.original",
    "CommandLine": "process.command_line",
    "Computer": "host.name",
    "ComputerName": "host.name",
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
    "LogonType": "winlog.logon.type",
    "NewProcessName": "process.executable",
    "OriginalFileName": "process.pe.original_file_name",
    "ParentCommandLine": "process.parent.command_line",
    "ParentImage": "process.parent.executable",
    "ParentProcessId": "process.parent.pid",
    "ParentProcessName": "process.parent.executable",
    "ProcessGuid": "process.entity_id",
    "ProcessId": "process.pid",
    "ProcessName": "process.name",
    "Protocol": "network.transport",
    "Provider_Name": "event.provider",
    "QueryName": "dns.question.name",
    "RuleName": "rule.name",
    "sc-status": "http.response.status_code",
    "SourceHostname": "source.domain",
    "SourceImage": "process.executable",
    "SourceIp": "source.ip",
    "SourcePort": "source.port",
    "src_ip": "source.ip",
    "src_port": "source.port",
    "TargetDomainName": "user.domain",
    "TargetFilename": "file.path",
    "TargetObject": "registry.path",
    "TargetUserName": "user.name",
    "TargetUserSid": "user.id",
    "User": "user.name",
    "WorkstationName": "source.domain",
}


WINDOWS = "winlog.event_data."  # where Windows events hold what has no canonical name


def names_of(field: str) -> tuple[str, ...]:
    """Where an event may hold a rule's field: under its canonical name, its own, and the one of Windows' event data."""
    names = (ECS[field], field) if field in ECS else (field,)
    return (*names, WINDOWS + field) if field[:1].isupper() and "." not in field else names
