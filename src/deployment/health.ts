import type { Health } from "./deployment.ts";
import { portsOf, rowNumber } from "./plan.ts";
import type { WorkloadRequest } from "./requests.ts";

/** How a service is asked; null where nothing is a reason to restart it. */
export function healthOf(asked: WorkloadRequest): Health | null {
  const { health } = asked.row;
  if (!health) return null;
  if (health.page) {
    const port = rowNumber(health.page.port, asked.source.image);
    return { serves: { ask: "page", port, path: health.page.path } };
  }
  const [port] = Object.values(portsOf(asked));
  // MariaDB writes a warning into its log for each connection that ends without a login.
  const isLogged = health.alive.some(({ ask }) => ask === "mysql");
  return { serves: port === undefined ? { ask: "plinth" } : { ask: "port", port, logs: isLogged } };
}
