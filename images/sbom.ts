import type { Recipe } from "../src/image/recipe.ts";
import { timestamp } from "./plan.ts";

/** A package of the image's own database. */
export type Package = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly sourceVersion: string;
  /** KiB on disk, as its maker counted (Debian policy 5.6.20). */
  readonly installedKib: number;
  readonly maintainer: string;
  readonly homepage: string;
};

const fields = [
  "Status",
  "Package",
  "Version",
  "Architecture",
  "source:Package",
  "source:Version",
  "Installed-Size",
  "Maintainer",
  "Homepage",
] as const;

const query = `dpkg-query -W -f '${fields.map((field) => `\${${field}}`).join("\\t")}\\n'`;

/**
 * What an image is asked: whose system it is, then a line a package. Ubuntu 14.04's dpkg-query knows these fields, too. Those that
 * install-packages has only the files of, dpkg does not know; a Python environment tells of itself.
 */
export const listingScript = [
  `. /etc/os-release && echo "$ID \${VERSION_CODENAME:-}" && ${query}`,
  "if [ -d /var/lib/dpkg/status.d ]; then own=$(mktemp -d)",
  'for file in /var/lib/dpkg/status.d/*; do cat "$file" && echo; done > "$own/status"',
  `${query} --admindir="$own"; fi`,
  "[ ! -x /opt/openstack/list-packages ] || exec /opt/openstack/list-packages",
].join("; ");

/** A package of the Python environment. */
export type PythonPackage = {
  /** As package indexes have it: https://packaging.python.org/en/latest/specifications/name-normalization. */
  readonly name: string;
  readonly version: string;
  readonly installedKib: number;
  /** SHA-256 of the files that it may have been installed from: its lock has those of wheels and of the source. */
  readonly hashes: readonly string[];
};

/** What is installed in an image. */
export type Installed = {
  /** As os-release(5) says it: `debian`. */
  readonly distribution: string;
  /** Its code name, `trixie`; empty where it does not say. */
  readonly suite: string;
  readonly packages: readonly Package[];
  readonly python: readonly PythonPackage[];
};

/** @returns what the listing of an image says; packages that are removed but for their configuration are not in it. */
export function readListing(listing: string): Installed {
  const [system = "", ...lines] = listing.split("\n");
  const [distribution = "", suite = ""] = system.split(" ");
  const packages = lines
    .filter((line) => / installed\t/.test(line))
    .map((line): Package => {
      const [, name = "", version = "", architecture = "", source = "", sourceVersion = "", ...rest] = line.split("\t");
      const [size, maintainer = "", homepage = ""] = rest;
      const installedKib = Number(size);
      return { name, version, architecture, source, sourceVersion, installedKib, maintainer, homepage };
    });
  const python = lines
    .filter((line) => line.startsWith("python\t"))
    .map((line): PythonPackage => {
      const [, name = "", version = "", size, hashes = ""] = line.split("\t");
      return { name, version, installedKib: Number(size), hashes: hashes.split(" ").filter(Boolean) };
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return { distribution, suite, packages, python };
}

/** Parts of a package URL are percent-encoded, but for colons: https://github.com/package-url/purl-spec. */
const encoded = (text: string): string => encodeURIComponent(text).replaceAll("%3A", ":");

/** @returns the address by which others know a Debian package: `pkg:deb/debian/curl@8.14.1-2?arch=amd64&distro=trixie`. */
export function packageUrl(
  { name, version, architecture }: Pick<Package, "name" | "version" | "architecture">,
  { distribution, suite }: Pick<Installed, "distribution" | "suite">,
): string {
  const qualifiers = `arch=${architecture}${suite && `&distro=${encoded(suite)}`}`;
  return `pkg:deb/${encoded(distribution)}/${encoded(name)}@${encoded(version)}?${qualifiers}`;
}

/** SPDX's ids know letters, digits, dots and dashes; Debian's names are in small letters, so that a large one is free. */
const idOf = ({ name, architecture }: Package): string =>
  `SPDXRef-Package-${name.replaceAll("+", "P")}-${architecture}`;

/** `Name <address>` as SPDX writes it. Debian does not say whether that is a person or many; many is the rule. */
const supplierOf = (maintainer: string): string =>
  maintainer === "" ? "NOASSERTION" : `Organization: ${maintainer.replace(/ *<([^>]*)>/, " ($1)")}`;

type SpdxPackage = {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo: string;
  readonly downloadLocation: "NOASSERTION";
  readonly filesAnalyzed: false;
  readonly licenseConcluded: string;
  readonly licenseDeclared: string;
  readonly copyrightText: "NOASSERTION";
  readonly primaryPackagePurpose?: "CONTAINER" | "APPLICATION";
  readonly supplier?: string;
  readonly sourceInfo?: string;
  readonly homepage?: string;
  readonly comment?: string;
  readonly checksums?: readonly { readonly algorithm: "SHA256"; readonly checksumValue: string }[];
  readonly externalRefs?: readonly {
    readonly referenceCategory: "PACKAGE-MANAGER";
    readonly referenceType: "purl";
    readonly referenceLocator: string;
  }[];
};

export type Spdx = {
  readonly spdxVersion: "SPDX-2.3";
  readonly dataLicense: "CC0-1.0";
  readonly SPDXID: "SPDXRef-DOCUMENT";
  readonly name: string;
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: "DESCRIBES" | "CONTAINS";
    readonly relatedSpdxElement: string;
  }[];
};

/** What no package database says; whoever reads it must not take it for a statement. */
const unsaid = {
  downloadLocation: "NOASSERTION",
  filesAnalyzed: false,
  licenseConcluded: "NOASSERTION",
  licenseDeclared: "NOASSERTION",
  copyrightText: "NOASSERTION",
} as const;

const purl = (referenceLocator: string) =>
  [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator }] as const;

const sizeComment = /^Installed-Size: (\d+) KiB$/;

function packageOf(one: Package, installed: Installed): SpdxPackage {
  return {
    SPDXID: idOf(one),
    name: one.name,
    versionInfo: one.version,
    ...unsaid,
    supplier: supplierOf(one.maintainer),
    sourceInfo: `built from the source package ${one.source} ${one.sourceVersion}`,
    ...(/^https?:\/\/\S+$/.test(one.homepage) ? { homepage: one.homepage } : {}),
    comment: `Installed-Size: ${one.installedKib} KiB`,
    externalRefs: purl(packageUrl(one, installed)),
  };
}

function pythonPackageOf({ name, version, installedKib, hashes }: PythonPackage): SpdxPackage {
  return {
    SPDXID: `SPDXRef-Python-${name}`,
    name,
    versionInfo: version,
    ...unsaid,
    ...(hashes.length > 0
      ? { checksums: hashes.map((checksumValue) => ({ algorithm: "SHA256", checksumValue }) as const) }
      : {}),
    ...(hashes.length > 1 ? { sourceInfo: "installed from a file that has one of the checksums" } : {}),
    comment: `Installed-Size: ${installedKib} KiB`,
    externalRefs: purl(`pkg:pypi/${encoded(name)}@${encoded(version)}`),
  };
}

/** Of an image with this id; SPDX wants another address for another document, which need not lead anywhere (2.3, 6.5). */
export const namespaceOf = ({ name, release }: Recipe, id: string): string =>
  `https://spdx.org/spdxdocs/${name}-${release}-${id.replace(/^sha256:/, "")}`;

/** An image as the engine knows it, and the versions of plinth and of its Node where they are in it. */
export type Contents = {
  readonly recipe: Recipe;
  readonly id: string;
  /** As the engine says it, to the nanosecond. */
  readonly created: string;
  readonly plinth: string | undefined;
  readonly node: string | undefined;
  /** The plinth that writes this. */
  readonly tool: string;
};

/** @returns the image's bill of materials (https://spdx.github.io/spdx-spec/v2.3). */
export function spdxOf({ recipe, id, created, plinth, node, tool }: Contents, installed: Installed): Spdx {
  const image: SpdxPackage = {
    SPDXID: "SPDXRef-Image",
    name: recipe.image,
    versionInfo: recipe.release,
    ...unsaid,
    primaryPackagePurpose: "CONTAINER",
  };
  const application = (name: string, version: string | undefined, licence: string): readonly SpdxPackage[] =>
    version
      ? [
          {
            SPDXID: `SPDXRef-${name}`,
            name,
            versionInfo: version,
            ...unsaid,
            licenseDeclared: licence,
            primaryPackagePurpose: "APPLICATION",
            externalRefs: purl(`pkg:generic/${name}@${encoded(version)}`),
          },
        ]
      : [];
  // Node is MIT, and what is linked into it has licences of its own.
  const carried = [...application("plinth", plinth, "Apache-2.0"), ...application("node", node, "NOASSERTION")];
  const contained = [
    ...carried,
    ...installed.packages.map((one) => packageOf(one, installed)),
    ...installed.python.map(pythonPackageOf),
  ];
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: recipe.image,
    documentNamespace: namespaceOf(recipe, id),
    creationInfo: {
      created: timestamp(Math.floor(Date.parse(created) / 1000)),
      creators: [`Tool: plinth-${tool}`],
    },
    packages: [image, ...contained],
    relationships: [
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: image.SPDXID },
      ...contained.map(
        ({ SPDXID }) =>
          ({ spdxElementId: image.SPDXID, relationshipType: "CONTAINS", relatedSpdxElement: SPDXID }) as const,
      ),
    ],
  };
}

/** @returns how many packages of a kind of package URL an image has: `deb`, `pypi`. */
export const countOf = ({ packages }: Spdx, type: string): number =>
  packages.filter(({ externalRefs = [] }) => externalRefs[0]?.referenceLocator.startsWith(`pkg:${type}/`)).length;

/** @returns what the packages of an image say they take on disk, all together. */
export const installedBytes = ({ packages }: Spdx): number =>
  packages.reduce((sum, { comment = "" }) => sum + 1024 * Number(sizeComment.exec(comment)?.[1] ?? 0), 0);
