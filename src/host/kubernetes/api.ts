import type { Result } from "../../diagnostics/diagnostic.ts";

export type Method = "GET" | "POST" | "PUT";

/** An answer of Kubernetes' API. `said` is why it refuses, in its own words; empty where it does not. */
export type Answer = { readonly status: number; readonly body: unknown; readonly said: string };

/**
 * The API of a cluster, whoever carries the requests: this pod itself, or kubectl. A cluster that cannot be asked at all is a
 * failure; whatever it answers is an answer.
 *
 * @param path such as `/api/v1/namespaces/plinth/secrets`.
 */
export type Ask = (method: Method, path: string, body?: unknown) => Promise<Result<Answer>>;

/** How a cluster is reached. `asMany`: requests that may be under way at a time. */
export type Cluster = { readonly ask: Ask; readonly asMany: number };

/** Milliseconds that the API has for one answer. */
export const apiTimeoutMs = 30_000;
