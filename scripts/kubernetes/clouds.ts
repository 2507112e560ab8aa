import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Deployment, secret } from "../stack/deployment.ts";
import { readEndpoints } from "../stack/endpoints.ts";

/** Where the administrator's credentials are, as OpenStack's clients read them (OS_CLIENT_CONFIG_FILE). */
export const cloudsPath = ({ directory }: Deployment): string => join(directory, "clouds.yaml");

/**
 * Writes credentials for OpenStack's own clients, with the addresses by which this machine reaches each service: keystone's catalog has
 * the name that users know, which need not lead to a cluster that one tries.
 *
 * https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 */
export function writeClouds(deployment: Deployment): void {
  const at = readEndpoints(deployment.directory);
  const auth = {
    auth_url: `${at.identity}/v3`,
    username: "admin",
    password: secret(deployment, "admin"),
    project_name: "admin",
    user_domain_id: "default",
    project_domain_id: "default",
  };
  const overrides = {
    identity_endpoint_override: at.identity && `${at.identity}/v3`,
    // The SDK looks for a version document there, and glance has one at its root only.
    image_endpoint_override: at.image,
    placement_endpoint_override: at.placement,
    compute_endpoint_override: at.compute && `${at.compute}/v2.1`,
    network_endpoint_override: at.network && `${at.network}/v2.0`,
    volume_endpoint_override: at.volume && `${at.volume}/v3`,
    block_storage_endpoint_override: at.volume && `${at.volume}/v3`,
  };
  const cloud = { auth, region_name: deployment.region, identity_api_version: "3", ...overrides };
  // JSON is YAML, too.
  const text = JSON.stringify({ clouds: { [deployment.name]: cloud } }, undefined, 2);
  writeFileSync(cloudsPath(deployment), `${text}\n`, { mode: 0o600 });
}
