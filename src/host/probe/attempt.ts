import type { Attempt } from "../../wait/probe.ts";

/**
 * Tries once. Each protocol's module, and the client library it uses, is loaded by the first try that needs it: while
 * that try finds the port still closed, the library is being loaded, and it costs nothing when the port opens.
 */
export const attempt: Attempt = async (target, signal, progress) => {
  switch (target.kind) {
    case "mysql":
      return (await import("./mysql.ts")).attempt(target, signal, progress);
    case "amqp":
      return (await import("./amqp.ts")).attempt(target, signal, progress);
    case "memcached":
      return (await import("./memcached.ts")).attempt(target, signal, progress);
    case "libvirt":
      return (await import("./libvirt.ts")).attempt(target, signal, progress);
    case "keystone":
      return (await import("./keystone.ts")).attempt(target, signal, progress);
    case "etcd":
      return (await import("./etcd.ts")).attempt(target, signal, progress);
    case "http":
      return (await import("./http.ts")).attempt(target, signal, progress);
    case "tcp":
      return (await import("./tcp.ts")).attempt(target, signal, progress);
    case "name":
      return (await import("./name.ts")).attempt(target, signal, progress);
    case "file":
      return (await import("./file.ts")).attempt(target);
    case "space":
      return (await import("./space.ts")).attempt(target);
  }
};
