/** One thing a service needs, with all that is needed to ask for it. Made from settings; holds secrets. */
export type Probe =
  | {
      readonly kind: "mysql";
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
      /** The database must hold a migrated schema, too. */
      readonly schema: boolean;
    }
  | {
      readonly kind: "amqp";
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly virtualHost: string;
    }
  | { readonly kind: "memcached"; readonly host: string; readonly port: number }
  | { readonly kind: "etcd"; readonly url: string }
  | { readonly kind: "http"; readonly url: string; readonly expect: readonly number[] }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "file"; readonly path: string };

/**
 * What one try gave. `absent`: nothing answers at the address, asking cost the other side nothing. `unready`: it
 * answers, but cannot serve yet. `refused`: it answers and says no (wrong password, no such vhost): waiting rarely
 * helps, but a bootstrap job may still be creating the user. `reason` never holds a secret.
 */
export type Outcome =
  | { readonly state: "ready" }
  | { readonly state: "absent" | "unready" | "refused"; readonly reason: string };

/** Tries once. Never rejects; gives up when `signal` fires. */
export type Attempt = (probe: Probe, signal: AbortSignal) => Promise<Outcome>;
