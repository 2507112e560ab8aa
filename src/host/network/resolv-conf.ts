/** What glibc's resolver does with a question, as resolv.conf(5) says. */
export type Resolver = {
  readonly servers: readonly string[];
  /** Milliseconds after which it has given up, whatever name servers do. */
  readonly limitMs: number;
};

/** glibc's own bounds (resolv.h: MAXNS, RES_MAXRETRANS, RES_MAXRETRY) and what it does without a word in the file. */
const most = { servers: 3, timeout: 30, attempts: 5 };
const usual = { timeout: 5, attempts: 2, server: "127.0.0.1" };

/**
 * How often one question may have to wait its time out: an answer to A without one to AAAA makes glibc ask twice more, one
 * question at a time and then from another port (resolv.conf(5), single-request and single-request-reopen).
 */
const repeats = 3;

/** What a loaded machine needs beyond all that. */
const graceMs = 1000;

function option(words: readonly string[], name: string, otherwise: number, limit: number): number {
  const given = words.findLast((word) => word.startsWith(`${name}:`))?.slice(name.length + 1);
  const number = Number.parseInt(given ?? "", 10);
  return Number.isNaN(number) ? otherwise : Math.min(limit, Math.max(1, number));
}

/**
 * @param text of /etc/resolv.conf; empty where there is none.
 * @param more further options, as the variable RES_OPTIONS has them.
 */
export function resolverOf(text: string, more = ""): Resolver {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const named = (keyword: string) => lines.filter(([first]) => first === keyword).map(([, ...words]) => words);
  const given = named("nameserver").flatMap(([server]) => server ?? []);
  const servers = given.length > 0 ? given.slice(0, most.servers) : [usual.server];
  const words = [...named("options").flat(), ...more.trim().split(/\s+/)];
  const timeout = option(words, "timeout", usual.timeout, most.timeout);
  const attempts = option(words, "attempts", usual.attempts, most.attempts);
  // One server after the other is asked, each with a time of its own (glibc's res_send.c, get_timeout).
  const round = servers.reduce((sum, _, index) => {
    const seconds = timeout * 2 ** index;
    return sum + Math.max(1, index === 0 ? seconds : Math.floor(seconds / servers.length));
  }, 0);
  // The name as it stands, and with each domain of the search list; without a list, with the machine's own domain.
  const domains = [...named("search"), ...named("domain")].at(0)?.length ?? 1;
  return { servers, limitMs: 1000 * attempts * round * Math.max(repeats, domains + 1) + graceMs };
}
