import { boolean, integer, list, port, secret, section, string } from "../schema/field.ts";
import { host, hostPattern } from "../schema/text.ts";
import { cache, logging, pageHealth, python, requestsEnd, wsgi } from "./blocks.ts";
import type { Account, FileRow, ImageRow } from "./component.ts";
import { ports } from "./ports.ts";

/** kolla's ids (kolla/common/users.py). */
const account: Account = { user: "horizon", group: "horizon", uid: 42420, gid: 42420 };

/** Debian's and Ubuntu's packages link openstack_dashboard/local/local_settings.py to it. */
const settings: FileRow = {
  template: "horizon/local_settings.py",
  path: "/etc/openstack-dashboard/local_settings.py",
  dialect: "python",
};
const uwsgi: FileRow = {
  template: "horizon/horizon-uwsgi.ini",
  path: "/etc/openstack-dashboard/horizon-uwsgi.ini",
  dialect: "uwsgi",
};

export const horizonServer = {
  component: "horizon",
  role: "server",
  account,
  environment: python,
  files: [settings],
  schema: section("horizon-server: the dashboard.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    debug: boolean("Log at debug level. Django's own debug mode, which shows settings to users, stays off.", {
      default: false,
    }),
    logging,
    secret_key: secret("Key that signs cookies; the same in all containers of the dashboard."),
    allowed_hosts: list(
      "Names that browsers may call the dashboard by (Host header); `*` is any. The address it listens on is one, too.",
      hostPattern("Host name or address."),
      { default: ["localhost"] },
    ),
    secure: boolean("Browsers come by https, through a proxy that says so in X-Forwarded-Proto.", { default: false }),
    bind: section("Where the dashboard listens.", {
      address: host("Address.", { default: "0.0.0.0" }),
      port: port("Port.", { default: ports.dashboard }),
    }),
    wsgi: section("Processes and threads.", {
      processes: integer("Processes.", { default: 1, minimum: 1 }),
      threads: integer("Threads of each: a page asks for several things at a time.", { default: 4, minimum: 1 }),
    }),
    cache,
    identity: section("keystone.", {
      engine: string("Identity service.", { default: "keystone", choices: ["keystone"] }),
      region: string("Region that is shown.", { default: "RegionOne" }),
      protocol: string("Protocol of keystone's endpoint.", { default: "http", choices: ["http", "https"] }),
      host: host("Host name or address of keystone."),
      port: port("Port of keystone's public API.", { default: ports.identity }),
      api_version: string("Version of the identity API.", {
        default: {
          byRelease: [
            ["kilo", "2"],
            ["newton", "3"],
          ],
        },
        choices: ["2", "3"],
      }),
      domain: string("Domain that users log in to, by name.", { default: "Default" }),
      default_role: string("Role of the members of a project.", {
        default: {
          byRelease: [
            ["kilo", "_member_"],
            ["queens", "member"],
          ],
        },
      }),
      endpoint_type: string("Which endpoints of the other services the dashboard calls.", {
        default: "internalURL",
        choices: ["publicURL", "internalURL", "adminURL"],
      }),
    }),
    multidomain: boolean("Users of any domain may log in, and say which.", { default: false }),
    time_zone: string("Time zone of what is shown.", { default: "UTC" }),
  }),
  services: {
    server: {
      kind: "service",
      doc: "The dashboard.",
      run: [
        {
          command: ["/usr/bin/uwsgi", "--ini", uwsgi.path],
          files: [uwsgi, { ...wsgi("openstack-dashboard"), since: "zed" }],
        },
      ],
      needs: [
        // It has the sessions. From zed on, the cookie has them while it is down (images/horizon-server).
        { probe: "memcached", from: "cache.members", until: "zed" },
        { probe: "memcached", from: "cache.members", optional: true, since: "zed" },
        { probe: "http", from: "identity", path: "/", expect: [200, 300] },
      ],
      health: pageHealth({ host: "{bind.address}", port: "{bind.port}" }, "/auth/login/", [200]),
      ports: { dashboard: { port: "{bind.port}" } },
      workload: {
        stop: requestsEnd,
        runs: "replicas",
        catalog: ["compute", "image", "network", "volume", "orchestration"],
        priority: "last",
      },
    },
  },
} satisfies ImageRow;
