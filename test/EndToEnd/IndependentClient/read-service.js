// Reads one service's cluster and endpoints with gRPC's own xDS client, and prints them as one line of JSON.
// usage: GRPC_XDS_BOOTSTRAP_CONFIG=… node read-service.js SERVICE ENDPOINTS
//   ENDPOINTS: how many endpoints to wait for.
'use strict';
// Without this the client knows no load balancing policy, and refuses every cluster that names some.
require('@grpc/grpc-js-xds').register();
const { XdsClient, Watcher } = require('@grpc/grpc-js-xds/build/src/xds-client');
const { ClusterResourceType } = require('@grpc/grpc-js-xds/build/src/xds-resource-type/cluster-resource-type');
const { EndpointResourceType } = require('@grpc/grpc-js-xds/build/src/xds-resource-type/endpoint-resource-type');

const [service, wanted] = process.argv.slice(2);
const client = new XdsClient();

function watch(type, name, onResourceChanged) {
  client.watchResource(type, name, new Watcher({
    onResourceChanged,
    onError: status => { console.error(`${type.getTypeUrl()} ${name}: ${status.details}`); },
    onResourceDoesNotExist: () => { console.error(`${type.getTypeUrl()} ${name}: does not exist`); process.exit(1); },
  }));
}

watch(ClusterResourceType.get(), service, cluster => {
  watch(EndpointResourceType.get(), cluster.edsServiceName || cluster.name, assignment => {
    const endpoints = assignment.endpoints.flatMap(locality => locality.lb_endpoints.map(lb => lb.endpoint.address.socket_address))
      .map(address => `${address.address}:${address.port_value}`).sort();
    if (endpoints.length < Number(wanted)) return;
    console.log(JSON.stringify({ cluster: cluster.name, type: cluster.type, endpoints }));
    process.exit(0);
  });
});

setTimeout(() => { console.error('no answer within 60 s'); process.exit(1); }, 60_000);
