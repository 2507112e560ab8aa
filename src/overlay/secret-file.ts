/** Docker's and Kubernetes' secrets hold what an editor or `echo` wrote: one newline at the end is not the value's. */
export const withoutLastNewline = (text: string): string => text.replace(/\r?\n$/, "");
