/** All that needs node:tls, which takes long to load: this file is imported only where an endpoint is https. */
import { isIP } from "node:net";
import { createSecureContext, connect as secure } from "node:tls";
import type { EtcdSettings } from "../../overlay/etcd-settings.ts";
import { connect } from "../network/connect.ts";
import { type Connect, overSocket } from "./http.ts";

/** @returns how to connect over TLS. Throws when the certificates cannot be used. */
export function connectSecurely({ authority, certificate, key }: EtcdSettings["tls"]): Connect {
  const secureContext = createSecureContext({ ca: authority, cert: certificate, key });
  return (endpoint) =>
    overSocket(async (signal, progress) => {
      const { host } = endpoint;
      const plain = await connect(endpoint, signal, progress);
      // RFC 6066, 3: SNI is for a name. The certificate is checked against the address otherwise.
      const socket = secure({ socket: plain, host, secureContext, ...(isIP(host) === 0 && { servername: host }) });
      const { promise, resolve, reject } = Promise.withResolvers<typeof socket>();
      signal.addEventListener("abort", () => socket.destroy());
      socket.once("secureConnect", () => resolve(socket));
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the connection was closed before TLS stood")));
      return promise;
    }, endpoint);
}
