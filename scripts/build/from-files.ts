/**
 * The main script of the carrier, which stands in the image that all others stand on: the program lies beside it, in files of each
 * image. Its place is fixed, as that of the loader and the libraries is, so neither words, variables nor working directory lead elsewhere.
 */
import { readdirSync, readFileSync } from "node:fs";
import { run } from "./loader.ts";

/** Where programs lie, each in a directory that is named after the carrier that it was made for. */
declare const PLINTH_PROGRAMS: string;
/** This carrier. */
declare const PLINTH_CARRIER: string;

/** Ends with the status of a configuration that is wrong: starting again does not help. */
function refuse({ code, message }: NodeJS.ErrnoException): never {
  const there = (): readonly string[] => {
    try {
      return readdirSync(PLINTH_PROGRAMS);
    } catch {
      return [];
    }
  };
  const others = there().filter((name) => name !== PLINTH_CARRIER);
  const [what, fix] =
    code !== "ENOENT"
      ? [message, "make its files readable for all"]
      : others.length > 0
        ? [
            `${PLINTH_PROGRAMS} has a program for the carrier ${others.join(", ")}, and this one is ${PLINTH_CARRIER}`,
            "copy build/plinth as a whole, or build this image and those that it stands on (make images)",
          ]
        : [
            `this carrier, ${PLINTH_CARRIER}, has no whole program in ${PLINTH_PROGRAMS}`,
            "copy build/plinth as a whole, or take an image that stands on this one",
          ];
  process.stderr.write(`plinth: ${what}\n  fix: ${fix}\n`);
  process.exit(78);
}

run((name) => {
  try {
    return readFileSync(`${PLINTH_PROGRAMS}/${PLINTH_CARRIER}/${name}`);
  } catch (error) {
    return refuse(error as NodeJS.ErrnoException);
  }
});
