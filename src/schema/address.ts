/**
 * Host names and addresses as settings hold them: an IPv6 address stands without brackets there. Brackets belong to URLs
 * and to `host:port`, where they keep the port apart (RFC 3986, section 3.2.2), so they are added where such a text is made.
 */

/** @returns whether the text can only be an IPv6 address: no host name holds a colon. */
export const isIpv6 = (host: string): boolean => host.includes(":");

/** @returns whether the text is written as an IPv6 address, so that brackets are all that a URL lacks. */
export const looksLikeIpv6 = (text: string): boolean => /^[0-9a-f.]*(?::[0-9a-f.]*){2,}$/i.test(text);

/** @returns an IPv6 address without the brackets that it was given with, and every other text as it is. */
export function unbracketed(text: string): string {
  const inner = text.slice(1, -1);
  return text.startsWith("[") && text.endsWith("]") && looksLikeIpv6(inner) ? inner : text;
}

/** @returns the host as it stands in a URL or before `:port`. */
export const bracketed = (host: string): string => (isIpv6(host) && !host.startsWith("[") ? `[${host}]` : host);

/** `::`, `0::0`, `0:0:0:0:0:0:0:0` and, mapped into IPv6, 0.0.0.0. */
const anyIpv6 = /^[0:]*:[0:]*(?:ffff:(?:0\.0\.0\.0|0{1,4}:0{1,4}))?$/i;

/** @returns whether the address is none of its own, but stands for all of a machine that listens on it. */
export const isUnspecified = (address: string): boolean =>
  address === "0.0.0.0" || (isIpv6(address) && anyIpv6.test(address));

/** @returns the address to reach a service at that listens on `address`, from within its own container. */
export function nearAddress(address: string): string {
  if (!isUnspecified(address)) return address;
  // What listens on ::ffff:0.0.0.0 takes IPv4 only.
  return !isIpv6(address) || /ffff/i.test(address) ? "127.0.0.1" : "::1";
}

/**
 * @returns what clients write into the Host header to call this host: an IPv6 address in brackets, as it stands here and in
 * its canonical form (RFC 5952), which is what browsers send however the address was typed.
 */
export function hostHeaders(host: string): readonly string[] {
  if (!isIpv6(host)) return [host];
  const written = bracketed(host.toLowerCase());
  const { hostname = written } = URL.parse(`http://${written}`) ?? {};
  return [...new Set([hostname, written])];
}
