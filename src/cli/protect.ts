import { mask, type Settings, secretValues } from "../settings/settings.ts";

/** Shorter secrets are left alone here: taking out every `a` of every line hides nothing and spoils all. */
const shortest = 4;

/** The forms in which a secret can turn up in a message: as it is, in a URL, in JSON, in an oslo.config file. */
const forms = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll("$", "$$$$"),
];

/**
 * The second line of defence: no diagnostic is meant to hold a secret, but a server's own words may.
 *
 * @returns a function that takes every secret of the settings out of a text.
 */
export function hiderOf(settings: Settings): (text: string) => string {
  let secrets: readonly string[] | undefined;
  return (text) => {
    secrets ??= secretValues(settings)
      .filter((value) => value.length >= shortest)
      .flatMap(forms)
      .sort((one, other) => other.length - one.length);
    return secrets.reduce((shown, secret) => shown.replaceAll(secret, mask), text);
  };
}
