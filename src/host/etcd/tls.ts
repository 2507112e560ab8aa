/** All that needs node:tls, which takes long to load: this file is imported only where an endpoint is https. */
import { connect, createSecureContext } from "node:tls";
import type { EtcdSettings } from "../../overlay/etcd-settings.ts";
import { type Connect, overSocket } from "./http.ts";

/** @returns how to connect over TLS. Throws when the certificates cannot be used. */
export function connectSecurely({ authority, certificate, key }: EtcdSettings["tls"]): Connect {
  const secureContext = createSecureContext({ ca: authority, cert: certificate, key });
  return (endpoint) => {
    const { host, port } = endpoint;
    // Node sends SNI for a name and leaves it out for an address, as RFC 6066, 3 has it.
    return overSocket(connect({ host, port, secureContext }).setNoDelay(true), "secureConnect", endpoint);
  };
}
