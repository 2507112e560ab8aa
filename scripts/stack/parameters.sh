#!/bin/sh
# Writes to etcd where the services of a control plane on the machine's own network are. OVN's databases stay in the stack's.
set -eu
until etcdctl endpoint health >/dev/null 2>&1; do sleep 0.2; done
for service in DATABASE MESSAGE_QUEUE MEMCACHED IDENTITY IMAGE PLACEMENT COMPUTE METADATA NETWORK VOLUME ORCHESTRATION \
  ORCHESTRATION_CFN; do
  etcdctl put "/plinth/all/SERVICE_${service}_HOST" "$STACK_NETWORK.1"
done
etcdctl put /plinth/all/SERVICE_OVN_NORTHBOUND_HOST "$STACK_NETWORK.11"
etcdctl put /plinth/all/SERVICE_OVN_SOUTHBOUND_HOST "$STACK_NETWORK.12"
