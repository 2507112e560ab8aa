declare const PLINTH_VERSION: string | undefined;
declare const PLINTH_COMMIT: string | undefined;

/** Set when the binary is built; run from source, plinth has neither. */
export const version = typeof PLINTH_VERSION === "string" ? PLINTH_VERSION : "0.0.0-source";
const commit = typeof PLINTH_COMMIT === "string" ? PLINTH_COMMIT : "unknown";

export const versionText = (): string => `plinth ${version} (commit ${commit}, Node ${process.version})`;
