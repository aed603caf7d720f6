"""A ring whose acknowledgement is lost keeps no worker from hearing the next one."""

from celery.worker.request import Request as CeleryRequest
from kombu.transport.virtual import Channel, QoS


class Request(CeleryRequest):  # type: ignore[misc]
    """One ring that a worker has heard.

    Where a broker falls silent just then, kombu logs the lost acknowledgement and counts the message as being worked on
    for as long as the connection lasts. A worker of ours takes one at a time: it would be deaf.
    The broker gives the message to somebody again after its visibility timeout, which finds nothing to do.
    """

    def acknowledge(self) -> None:
        super().acknowledge()
        message = self.message
        if not message.acknowledged and isinstance(message.channel, Channel):
            QoS.ack(message.channel.qos, message.delivery_tag)
