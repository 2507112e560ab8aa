import { interpolate } from "../settings/interpolate.ts";
import type { Asked } from "./asked.ts";
import type { Health } from "./deployment.ts";
import { portsOf } from "./plan.ts";

/** How a service is asked; null where nothing is a reason to restart it. */
export function healthOf(asked: Asked): Health | null {
  const { health } = asked.row;
  if (!health) return null;
  const { pillar, parameters } = asked.source.image;
  if (health.page) {
    const port = interpolate(health.page.port, pillar).replace(
      /^\$\{?(\w+)\}?$/,
      (_, parameter) => parameters[parameter] ?? "",
    );
    return { serves: { ask: "page", port: Number(port), path: health.page.path } };
  }
  const [port] = Object.values(portsOf(asked));
  // MariaDB writes a warning into its log for each connection that ends without a login.
  const isLogged = health.alive.some(({ ask }) => ask === "mysql");
  if (port === undefined || isLogged) return { serves: { ask: "plinth" } };
  return { serves: { ask: "port", port } };
}
