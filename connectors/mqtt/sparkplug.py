"""Sparkplug B 3.0 payloads: the part of `sparkplug_b.proto` that alerting needs, and plain values.

Data sets, templates, metadata and properties are unknown fields here and are skipped.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError as NotProtobuf

from opsconductor.errors import DecodeError

NOT_SPARKPLUG = "not_sparkplug"
"""Reason of DecodeError."""

PACKAGE = "org.eclipse.tahu.protobuf"
BOOLEAN = 11
SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
"""Datatypes of signed numbers, encoded as two's complement in unsigned fields, and their size."""

_Field = descriptor_pb2.FieldDescriptorProto
_PAYLOAD_FIELDS = (("timestamp", 1, _Field.TYPE_UINT64), ("seq", 3, _Field.TYPE_UINT64))
_METRIC_FIELDS = (
    ("name", 1, _Field.TYPE_STRING),
    ("alias", 2, _Field.TYPE_UINT64),
    ("timestamp", 3, _Field.TYPE_UINT64),
    ("datatype", 4, _Field.TYPE_UINT32),
    ("is_historical", 5, _Field.TYPE_BOOL),
    ("is_null", 7, _Field.TYPE_BOOL),
)
_VALUE_FIELDS = (
    ("int_value", 10, _Field.TYPE_UINT32),
    ("long_value", 11, _Field.TYPE_UINT64),
    ("float_value", 12, _Field.TYPE_FLOAT),
    ("double_value", 13, _Field.TYPE_DOUBLE),
    ("boolean_value", 14, _Field.TYPE_BOOL),
    ("string_value", 15, _Field.TYPE_STRING),
)


class Reported(NamedTuple):
    """One metric of a payload.

    Attributes:
        name: Empty if only the alias is present.
        alias: None if only the name is present.
        datatype: 0 if absent.
        value: None: null, or of an unsupported type.
    """

    name: str
    alias: int | None
    datatype: int
    value: object
    is_historical: bool


class SparkplugReport(NamedTuple):
    """One payload; `seq` is None in an NDEATH."""

    seq: int | None
    metrics: tuple[Reported, ...]


def _schema() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="sparkplug_b.proto", package=PACKAGE, syntax="proto2")
    payload = file.message_type.add(name="Payload")
    for name, number, kind in _PAYLOAD_FIELDS:
        payload.field.add(name=name, number=number, type=kind, label=_Field.LABEL_OPTIONAL)
    payload.field.add(
        name="metrics",
        number=2,
        type=_Field.TYPE_MESSAGE,
        label=_Field.LABEL_REPEATED,
        type_name=f".{PACKAGE}.Payload.Metric",
    )
    metric = payload.nested_type.add(name="Metric")
    metric.oneof_decl.add(name="value")
    for name, number, kind in _METRIC_FIELDS:
        metric.field.add(name=name, number=number, type=kind, label=_Field.LABEL_OPTIONAL)
    for name, number, kind in _VALUE_FIELDS:
        metric.field.add(name=name, number=number, type=kind, label=_Field.LABEL_OPTIONAL, oneof_index=0)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.Payload"))


PAYLOAD: Any = _schema()
"""The class of payloads; `PAYLOAD.FromString(data)` and `.SerializeToString()`."""


def decode(data: bytes) -> SparkplugReport:
    """Parse a payload; raises DecodeError."""
    try:
        payload = PAYLOAD.FromString(data)
        metrics = tuple(_metrics(payload))
    except (NotProtobuf, UnicodeDecodeError) as error:
        raise DecodeError(NOT_SPARKPLUG, str(error)[:100]) from None
    return SparkplugReport(payload.seq if payload.HasField("seq") else None, metrics)


def _metrics(payload: Any) -> Iterator[Reported]:
    for metric in payload.metrics:
        kind = metric.WhichOneof("value")
        value = None if kind is None or metric.is_null else getattr(metric, kind)
        yield Reported(
            _text(metric.name),
            metric.alias if metric.HasField("alias") else None,
            metric.datatype,
            _text(value) if isinstance(value, bytes) else value,
            metric.is_historical,
        )


def _text(value: str | bytes) -> str:
    """Return a text; the library returns bytes if it is not UTF-8."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def value_of(value: object, datatype: int) -> object:
    """Return a signed value: -5 is encoded as 4294967291 in an Int32."""
    bits = SIGNED_BITS.get(datatype)
    if bits is None or isinstance(value, bool) or not isinstance(value, int):
        return value
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def rebirth_request(now_ms: int) -> bytes:
    """Return the payload that requests an edge node's birth."""
    payload = PAYLOAD(timestamp=now_ms)
    payload.metrics.add(name="Node Control/Rebirth", timestamp=now_ms, datatype=BOOLEAN, boolean_value=True)
    written: bytes = payload.SerializeToString()
    return written
