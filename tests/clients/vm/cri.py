#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Calls of the Container Runtime Interface, as a kubelet makes them:  cri.py REQUESTS ANSWERS
#
# Both are FIFOs. A line of the first is a method and its request in JSON; the answer is a line "ok RESPONSE" or
# "error CODE: TEXT". It serves until it is ended: the library takes seconds to load under emulation. The messages are
# those of runtime.v1, as far as the tests need them; the bytes are protobuf's, put together here.
import json
import os
import sys

import grpc

SOCKET = 'unix:///run/containerd/containerd.sock'

# Message: field: (number, type); the types are str, int, bool, map (of strings), a message; a list of one: repeated
MESSAGES = {
    'VersionRequest': {},
    'VersionResponse': {'runtimeName': (2, str), 'runtimeVersion': (3, str)},
    'StatusRequest': {},
    'StatusResponse': {'status': (1, 'RuntimeStatus')},
    'RuntimeStatus': {'conditions': (1, ['RuntimeCondition'])},
    'RuntimeCondition': {'type': (1, str), 'status': (2, bool), 'reason': (3, str), 'message': (4, str)},
    'RunPodSandboxRequest': {'config': (1, 'PodSandboxConfig'), 'runtimeHandler': (2, str)},
    'RunPodSandboxResponse': {'podSandboxId': (1, str)},
    'StopPodSandboxRequest': {'podSandboxId': (1, str)},
    'StopPodSandboxResponse': {},
    'RemovePodSandboxRequest': {'podSandboxId': (1, str)},
    'RemovePodSandboxResponse': {},
    'CreateContainerRequest': {'podSandboxId': (1, str), 'config': (2, 'ContainerConfig'),
                               'sandboxConfig': (3, 'PodSandboxConfig')},
    'CreateContainerResponse': {'containerId': (1, str)},
    'StartContainerRequest': {'containerId': (1, str)},
    'StartContainerResponse': {},
    'StopContainerRequest': {'containerId': (1, str), 'timeout': (2, int)},
    'StopContainerResponse': {},
    'RemoveContainerRequest': {'containerId': (1, str)},
    'RemoveContainerResponse': {},
    'ContainerStatusRequest': {'containerId': (1, str)},
    'ContainerStatusResponse': {'status': (1, 'ContainerStatus')},
    'ContainerStatus': {'id': (1, str), 'state': (3, int), 'exitCode': (7, int), 'reason': (10, str)},
    'ExecSyncRequest': {'containerId': (1, str), 'cmd': (2, [str]), 'timeout': (3, int)},
    'ExecSyncResponse': {'stdout': (1, str), 'stderr': (2, str), 'exitCode': (3, int)},
    'UpdateContainerResourcesRequest': {'containerId': (1, str), 'linux': (2, 'LinuxContainerResources')},
    'UpdateContainerResourcesResponse': {},
    'ContainerStatsRequest': {'containerId': (1, str)},
    'ContainerStatsResponse': {'stats': (1, 'ContainerStats')},
    'ContainerStats': {'cpu': (2, 'Usage'), 'memory': (3, 'Usage')},
    'Usage': {'timestamp': (1, int), 'used': (2, 'Int64Value')},
    'Int64Value': {'value': (1, int)},
    'PodSandboxConfig': {'metadata': (1, 'Metadata'), 'hostname': (2, str), 'logDirectory': (3, str),
                         'labels': (6, map), 'annotations': (7, map), 'linux': (8, 'LinuxPodSandboxConfig')},
    'Metadata': {'name': (1, str), 'uid': (2, str), 'namespace': (3, str), 'attempt': (4, int)},
    'LinuxPodSandboxConfig': {'cgroupParent': (1, str), 'securityContext': (2, 'SandboxSecurity'),
                              'sysctls': (3, map)},
    'SandboxSecurity': {'namespaceOptions': (1, 'NamespaceOption'), 'privileged': (6, bool),
                        'seccomp': (9, 'SecurityProfile')},
    'NamespaceOption': {'network': (1, int), 'pid': (2, int), 'ipc': (3, int), 'targetId': (4, str),
                        'usernsOptions': (5, 'UserNamespace')},
    'UserNamespace': {'mode': (1, int), 'uids': (2, ['IDMapping']), 'gids': (3, ['IDMapping'])},
    'IDMapping': {'hostId': (1, int), 'containerId': (2, int), 'length': (3, int)},
    'SecurityProfile': {'profileType': (1, int), 'localhostRef': (2, str)},
    'ContainerConfig': {'metadata': (1, 'ContainerMetadata'), 'image': (2, 'ImageSpec'), 'command': (3, [str]),
                        'args': (4, [str]), 'workingDir': (5, str), 'envs': (6, ['KeyValue']),
                        'mounts': (7, ['Mount']), 'labels': (9, map), 'annotations': (10, map),
                        'logPath': (11, str), 'linux': (15, 'LinuxContainerConfig')},
    'ContainerMetadata': {'name': (1, str), 'attempt': (2, int)},
    'ImageSpec': {'image': (1, str)},
    'KeyValue': {'key': (1, str), 'value': (2, str)},
    'Mount': {'containerPath': (1, str), 'hostPath': (2, str), 'readonly': (3, bool), 'propagation': (5, int)},
    'LinuxContainerConfig': {'resources': (1, 'LinuxContainerResources'), 'securityContext': (2, 'Security')},
    'LinuxContainerResources': {'cpuPeriod': (1, int), 'cpuQuota': (2, int), 'cpuShares': (3, int),
                                'memoryLimitInBytes': (4, int), 'oomScoreAdj': (5, int),
                                'cpusetCpus': (6, str), 'unified': (9, map)},
    'Security': {'capabilities': (1, 'Capability'), 'privileged': (2, bool),
                 'namespaceOptions': (3, 'NamespaceOption'), 'runAsUser': (5, 'Int64Value'),
                 'readonlyRootfs': (7, bool), 'supplementalGroups': (8, [int]), 'noNewPrivs': (11, bool),
                 'runAsGroup': (12, 'Int64Value'), 'seccomp': (15, 'SecurityProfile'),
                 'apparmor': (16, 'SecurityProfile')},
    'Capability': {'addCapabilities': (1, [str]), 'dropCapabilities': (2, [str])},
    'MapEntry': {'key': (1, str), 'value': (2, str)},
}


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, kind, value):
    if kind in (int, bool):
        return varint(number << 3) + varint(int(value))
    data = value.encode() if kind is str else encode(kind, value)
    return varint(number << 3 | 2) + varint(len(data)) + data


def encode(message, values):
    out = b''
    for name, value in values.items():
        number, kind = MESSAGES[message][name]
        if kind is map:
            out += b''.join(field(number, 'MapEntry', {'key': k, 'value': v}) for k, v in value.items())
        elif isinstance(kind, list):
            out += b''.join(field(number, kind[0], v) for v in value)
        else:
            out += field(number, kind, value)
    return out


def read_varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def decode(message, data):
    """Fields that the table has not are left out; what is 0 or empty does not come over the wire."""
    fields = {number: (name, kind) for name, (number, kind) in MESSAGES[message].items()}
    out, at = {}, 0
    while at < len(data):
        key, at = read_varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = read_varint(data, at)
        elif wire == 2:
            size, at = read_varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = {1: 8, 5: 4}[wire]
            value, at = None, at + size
        if key >> 3 not in fields:
            continue
        name, kind = fields[key >> 3]
        one = kind[0] if isinstance(kind, list) else kind
        if one is str:
            value = value.decode(errors='replace')
        elif isinstance(one, str):
            value = decode(one, value)
        if isinstance(kind, list):
            out.setdefault(name, []).append(value)
        else:
            out[name] = value
    return out


def call(channel, method, request):
    call = channel.unary_unary(f'/runtime.v1.RuntimeService/{method}',
                               request_serializer=lambda values: encode(method + 'Request', values),
                               response_deserializer=lambda data: decode(method + 'Response', data))
    try:
        return 'ok ' + json.dumps(call(request, timeout=60, wait_for_ready=True))
    except grpc.RpcError as error:
        return f'error {error.code().name}: {error.details()}'.replace('\n', ' ')


def main():
    # for writing too: there is no end of the file when a writer has gone
    fifo = os.open(sys.argv[1], os.O_RDWR)
    with grpc.insecure_channel(SOCKET) as channel, os.fdopen(fifo, encoding='utf-8') as requests:
        for line in iter(requests.readline, ''):
            method, request = line.split(' ', 1)
            answer = call(channel, method, json.loads(request))
            with open(sys.argv[2], 'w', encoding='utf-8') as answers:
                print(answer, file=answers)


if __name__ == '__main__':
    main()
