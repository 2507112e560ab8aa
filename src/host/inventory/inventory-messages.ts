import { catalog } from "../../diagnostics/catalog.ts";

type Path = { readonly path: string };
type Because = Path & { readonly reason: string };
type Revision = { readonly revision: string };

const aModel = "name the model's directory, which has nodes/ and classes/, with --model DIR or PLINTH_MODEL";

/** What can be wrong about the files of a model, before anything of what they say is read. */
const message = catalog({
  "model-not-there": {
    failure: "configuration",
    what: ({ path, reason }: Because) => `cannot open the model ${path}: ${reason}`,
    fix: () => aModel,
  },
  "model-directory-missing": {
    failure: "configuration",
    what: ({ path, directory }: Path & { directory: string }) => `the model ${path} has no directory ${directory}`,
    fix: () => `${aModel} (git keeps no empty directory)`,
  },
  "model-directory-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: Because) => `cannot read the directory ${path}: ${reason}`,
    fix: ({ path }: Because) => `let this user read and enter it (chmod a+rX ${path}), or move it out of the model`,
  },
  "model-link-loop": {
    failure: "configuration",
    what: ({ path, target }: Path & { target: string }) =>
      `the link ${path} leads back to ${target}, a directory that contains it: the model would never end`,
    fix: () => "remove the link, or point it to a directory that does not contain it",
  },
  "model-link-broken": {
    failure: "configuration",
    what: ({ path, target, reason }: Because & { target: string }) =>
      `cannot follow the link ${path} to ${target}: ${reason}`,
    fix: () => "create its target, or remove the link",
  },
  "model-link-outside": {
    failure: "configuration",
    what: ({ path, target }: Path & { target: string }) =>
      `the link ${path} leads to ${target}, outside the repository, so no revision contains it`,
    fix: () => "move what the model links to into the repository, or compare checked-out directories",
  },
  "model-file-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: Because) => `cannot read ${path}: ${reason}`,
    fix: ({ path }: Because) => `let this user read it (chmod a+r ${path}), or remove it`,
  },
  "model-file-odd": {
    failure: "configuration",
    what: ({ path, kind }: Path & { kind: string }) => `${path} is not a file but ${kind}`,
    fix: () => "put a YAML file there, or remove it",
  },
  "model-file-too-large": {
    failure: "configuration",
    what: ({ path, size, limit }: Path & { size: number; limit: number }) =>
      `${path} has ${size} bytes; a file of a model may have at most ${limit}`,
    fix: () => "split it into several classes; rename it if it is not YAML but is called .yml or .yaml",
  },
  "model-file-not-utf8": {
    failure: "configuration",
    what: ({ path, guess }: Path & { guess?: string | undefined }) =>
      `${path} is not in UTF-8${guess === undefined ? "" : `: it looks like ${guess}`}`,
    fix: ({ guess }: Path & { guess?: string | undefined }) =>
      `save it as UTF-8: iconv -f ${guess ?? "latin1"} -t utf-8`,
  },
  "model-name-not-utf8": {
    failure: "configuration",
    what: ({ path }: Path) => `the name of the file ${path} is not in UTF-8`,
    fix: () => "rename the file: the name of a node or class is derived from it",
  },
  "model-too-many-files": {
    failure: "configuration",
    what: ({ path, limit }: Path & { limit: number }) => `below ${path} are more than ${limit} files and directories`,
    fix: () => "check that this is the model, and look for links to large directories",
  },
  "git-not-there": {
    failure: "not-found",
    what: () => "cannot find the command git, which reads a revision of the model",
    fix: () => "install git, or compare with the output of `plinth model show --all --json` at that revision",
  },
  "git-failed": {
    failure: "configuration",
    what: ({ path, reason }: Because) => `git cannot read ${path}: ${reason}`,
    fix: ({ path }: Because) => `see what git says: git -C ${path} status`,
  },
  "git-object-missing": {
    failure: "configuration",
    what: ({ path, id }: Path & { id: string }) => `the repository of ${path} does not have the object ${id}`,
    fix: ({ path }: Path) =>
      `fetch what a partial clone (git clone --filter) lacks: git -C ${path} fetch --refetch --no-filter; plinth itself fetches nothing`,
  },
  "git-no-repository": {
    failure: "configuration",
    what: ({ path }: Path) => `${path} is not in a git repository, so it has no revisions`,
    fix: () => "name the model's directory in its repository with --model DIR",
  },
  "git-not-owned": {
    failure: "configuration",
    what: ({ path }: Path) => `git does not trust the repository of ${path}: it belongs to another user`,
    fix: ({ directory }: Path & { directory: string }) =>
      `if you trust it, run git config --global --add safe.directory ${directory}`,
  },
  "revision-unknown": {
    failure: "configuration",
    what: ({ path, revision }: Path & Revision) => `the repository of ${path} has no revision ${revision}`,
    fix: ({ near, shallow }: Path & Revision & { near?: string | undefined; shallow: boolean }) =>
      [
        ...(near === undefined ? [] : [`did you mean ${near}?`]),
        shallow
          ? "this clone has only the newest revisions: git fetch --unshallow (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0)"
          : "name a commit, a branch or a tag that `git log` shows",
      ].join(" "),
  },
  "revision-without-model": {
    failure: "configuration",
    what: ({ path, revision }: Path & Revision) => `there is no directory ${path} in revision ${revision}`,
    fix: () => "name a later revision, or name the directory that the model had in that revision with --model DIR",
  },
  "submodule-not-there": {
    failure: "configuration",
    what: ({ path, commit }: Path & { commit: string }) =>
      `${path} is a git submodule, and its commit ${commit} is not checked out here`,
    fix: () => "run git submodule update --init --recursive, and then git fetch --all in the submodule",
  },
});

/** Makes a diagnostic; where nothing better is known, its place is the path that it is about. */
export const inventoryMessage: typeof message = Object.assign(
  ((code, parameters, place) => {
    const { path } = parameters as Partial<Path>;
    return message(code, parameters, place ?? (path === undefined ? undefined : { kind: "named", name: path }));
  }) as typeof message,
  { entries: message.entries },
);
