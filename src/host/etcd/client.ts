/** The one place that loads etcd3, which costs ten times what Node's own start does: never import this on the start path. */
import { type CallOptionsFactory, Etcd3, type ITxnResponse, KVClient } from "etcd3";
import type { EtcdEndpoint, EtcdSettings } from "../../overlay/etcd-settings.ts";

// grpc-js gives an address as TLS server name, and Node warns of that (DEP0123). It is not for users to mend.
process.noDeprecation = true;

type CallOptions = Exclude<CallOptionsFactory, (...parameters: never) => unknown>;
type Interceptor = NonNullable<CallOptions["interceptors"]>[number];

/** gRPC's own re-connecting and proxying are set to what plinth does elsewhere. */
const channelOptions = {
  // A member that hangs or is cut off shall be noticed. etcd allows a ping each 5 s (--grpc-keepalive-min-time).
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.keepalive_permit_without_calls": 1,
  // Connections are shared between all channels of a process, with a back-off that grows to two minutes while etcd is
  // away: a new client would inherit it, and sleep long after etcd has come back.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.max_reconnect_backoff_ms": 1_000,
  // grpc-js heeds http_proxy, the gateway's connection does not: etcd is asked directly in both.
  "grpc.enable_http_proxy": 0,
  // Its limit of 4 MB is less than one change in etcd may hold.
  "grpc.max_receive_message_length": -1,
};

/** A connection of etcd3's to one endpoint, with a token of our own making. */
export class EtcdClient extends Etcd3 {
  /** Sent with each call. etcd3's own login is not used: it opens a channel that nobody can close. */
  token: string | undefined;

  constructor(endpoint: EtcdEndpoint, { tls }: EtcdSettings) {
    const identify: Interceptor = (options, nextCall) => {
      const call = nextCall(options);
      const start = call.start.bind(call);
      call.start = (metadata, listener) => {
        if (this.token !== undefined) metadata.set("token", this.token);
        // A member without a leader would keep a watch open and say nothing; asked like this, it ends it.
        metadata.set("hasleader", "true");
        start(metadata, listener);
      };
      return call as ReturnType<Interceptor>;
    };
    const pem = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text));
    super({
      hosts: endpoint.url,
      grpcOptions: channelOptions,
      defaultCallOptions: { interceptors: [identify] },
      ...(endpoint.secure && {
        // Left out, the authority is Node's own list; etcd3's type does not know that it may be.
        credentials: {
          rootCertificate: pem(tls.authority) as Buffer,
          ...(tls.certificate !== undefined && { certChain: pem(tls.certificate) as Buffer }),
          ...(tls.key !== undefined && { privateKey: pem(tls.key) as Buffer }),
        },
      }),
    });
  }

  /** Several ranges at one revision. */
  readRanges(ranges: readonly { readonly key: Buffer; readonly range_end: Buffer }[]): Promise<ITxnResponse> {
    return new KVClient(this.pool).txn({ success: ranges.map((range) => ({ request_range: range })) });
  }
}
