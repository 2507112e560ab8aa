type Json = { readonly [key: string]: unknown };

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/**
 * What SPDX 2.3 wants of a JSON document, as far as ours use it: the mandatory fields of clauses 6 (document), 7 (package)
 * and 11 (relationship), and the forms of their values. https://spdx.github.io/spdx-spec/v2.3
 */
export function spdxMistakes(document: unknown): readonly string[] {
  const bill = document as Json;
  const mistakes: string[] = [];
  const want = (right: boolean, what: string): void => {
    if (!right) mistakes.push(what);
  };
  want(bill["spdxVersion"] === "SPDX-2.3", "6.1 spdxVersion");
  want(bill["dataLicense"] === "CC0-1.0", "6.2 dataLicense");
  want(bill["SPDXID"] === "SPDXRef-DOCUMENT", "6.3 SPDXID");
  want(isText(bill["name"]), "6.4 name");
  want(/^https?:\/\/[^\s#]+$/.test(String(bill["documentNamespace"])), "6.5 documentNamespace: absolute, without #");
  const info = (bill["creationInfo"] ?? {}) as Json;
  const creators = Array.isArray(info["creators"]) ? info["creators"] : [];
  want(creators.length > 0 && creators.every((one) => /^(Tool|Person|Organization): \S/.test(one)), "6.8 creators");
  want(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(String(info["created"])), "6.9 created: UTC, in seconds");

  const ids = new Set<unknown>([bill["SPDXID"]]);
  for (const one of listOf(bill["packages"])) {
    const id = String(one["SPDXID"]);
    const of = (field: string): string => `${field} of ${id}`;
    want(isText(one["name"]), of("7.1 name"));
    want(/^SPDXRef-[a-zA-Z0-9.-]+$/.test(id), of("7.2 SPDXID"));
    want(!ids.has(id), `7.2 SPDXID twice: ${id}`);
    ids.add(id);
    want(isText(one["versionInfo"]), of("7.3 versionInfo"));
    const { supplier, homepage } = one as { supplier?: string; homepage?: string };
    want(supplier === undefined || /^(NOASSERTION$|(Person|Organization): \S)/.test(supplier), of("7.5 supplier"));
    want(isText(one["downloadLocation"]), of("7.7 downloadLocation"));
    // Else a package verification code and a list of files belong to it.
    want(one["filesAnalyzed"] === false, of("7.8 filesAnalyzed"));
    want(homepage === undefined || URL.canParse(homepage), of("7.11 homepage"));
    want(isText(one["licenseConcluded"]) && isText(one["licenseDeclared"]), of("7.13, 7.15 licenses"));
    want(isText(one["copyrightText"]), of("7.17 copyrightText"));
    for (const reference of listOf(one["externalRefs"])) {
      want(reference["referenceCategory"] === "PACKAGE-MANAGER", of("7.21 referenceCategory"));
      want(reference["referenceType"] === "purl", of("7.21 referenceType"));
      want(/^pkg:[a-z]+\/\S+@\S+$/.test(String(reference["referenceLocator"])), of("7.21 referenceLocator"));
    }
  }
  const relationships = listOf(bill["relationships"]);
  for (const { spdxElementId, relatedSpdxElement } of relationships) {
    for (const id of [spdxElementId, relatedSpdxElement]) want(ids.has(id), `11.1 relationship of ${String(id)}`);
  }
  const described = relationships.some((one) => one["relationshipType"] === "DESCRIBES");
  want(described, "11.1 nothing is described");
  return mistakes;
}
