import type { Api, Row } from "../../scripts/stack/demo/api.ts";

/** @returns the rows of nova's and cinder's services that have not reported for a while. */
export async function downServices(api: Api): Promise<readonly Row[]> {
  const listed = await Promise.all(
    ["compute", "volumev3"].map((service) => api.list(service, "/os-services", "services")),
  );
  return listed.flat().filter((row) => row["state"] !== "up");
}
