import { catalog } from "../../diagnostics/catalog.ts";

type Path = { readonly path: string };
type Because = Path & { readonly reason: string };
type Revision = { readonly revision: string };

const aModel = "a model is a folder with nodes/ and classes/; name it with --model DIR or PLINTH_MODEL";

/** What can be wrong about the files of a model, before anything of what they say is read. */
const message = catalog({
  "model-not-there": {
    failure: "configuration",
    what: ({ path, reason }: Because) => `cannot open the model ${path}: ${reason}`,
    fix: () => aModel,
  },
  "model-folder-missing": {
    failure: "configuration",
    what: ({ path, folder }: Path & { folder: string }) => `the model ${path} has no folder ${folder}`,
    fix: () => `${aModel} (git keeps no empty folder)`,
  },
  "model-folder-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: Because) => `cannot read the folder ${path}: ${reason}`,
    fix: ({ path }: Because) => `let this user read ${path} and enter it (chmod a+rX), or move it out of the model`,
  },
  "model-link-loop": {
    failure: "configuration",
    what: ({ path, target }: Path & { target: string }) =>
      `the link ${path} leads back to ${target}, the folder that it is in: the model would never end`,
    fix: () => "remove the link, or let it lead to a folder that does not hold it",
  },
  "model-link-broken": {
    failure: "configuration",
    what: ({ path, target, reason }: Because & { target: string }) =>
      `cannot follow the link ${path} to ${target}: ${reason}`,
    fix: () => "make what it leads to, or remove the link",
  },
  "model-link-outside": {
    failure: "configuration",
    what: ({ path, target }: Path & { target: string }) =>
      `the link ${path} leads to ${target}, outside of the repository: no revision holds that`,
    fix: () => "keep in the repository what the model links to; or compare checked-out folders, which can be read",
  },
  "model-file-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: Because) => `cannot read ${path}: ${reason}`,
    fix: ({ path }: Because) => `let this user read ${path} (chmod a+r), or remove it`,
  },
  "model-file-odd": {
    failure: "configuration",
    what: ({ path, kind }: Path & { kind: string }) => `${path} is no file but ${kind}`,
    fix: () => "put a YAML file there, or remove it",
  },
  "model-file-too-large": {
    failure: "configuration",
    what: ({ path, size, limit }: Path & { size: number; limit: number }) =>
      `${path} has ${size} bytes; a file of a model may have ${limit}`,
    fix: () => "divide it into several classes; what is no YAML should not be called .yml or .yaml",
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
    fix: () => "rename it: names of nodes and classes are made of it",
  },
  "model-too-many-files": {
    failure: "configuration",
    what: ({ path, limit }: Path & { limit: number }) => `below ${path} are more than ${limit} files and folders`,
    fix: () => "is this the model? look for links that lead to large folders",
  },
  "git-not-there": {
    failure: "not-found",
    what: () => "there is no command git, which reads a revision of the model",
    fix: () => "install git, or compare with what `plinth model show --all --json` gave at that revision",
  },
  "git-failed": {
    failure: "configuration",
    what: ({ path, reason }: Because) => `git cannot read ${path}: ${reason}`,
    fix: ({ path }: Because) => `try it by hand: git -C ${path} status`,
  },
  "git-object-missing": {
    failure: "configuration",
    what: ({ path, id }: Path & { id: string }) => `the repository of ${path} lacks the object ${id}`,
    fix: ({ path }: Path) =>
      `a partial clone (git clone --filter) gets what it lacks by git -C ${path} fetch --refetch --no-filter; plinth fetches nothing`,
  },
  "git-no-repository": {
    failure: "configuration",
    what: ({ path }: Path) => `${path} is in no git repository, so it has no revisions`,
    fix: () => "name the model in its repository with --model DIR",
  },
  "git-not-owned": {
    failure: "configuration",
    what: ({ path }: Path) => `git does not trust the repository of ${path}: it belongs to another user`,
    fix: ({ folder }: Path & { folder: string }) =>
      `if you trust it: git config --global --add safe.directory ${folder}`,
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
    what: ({ path, revision }: Path & Revision) => `there is no folder ${path} in revision ${revision}`,
    fix: () => "name a later revision, or the folder where the model was then with --model DIR",
  },
  "submodule-not-there": {
    failure: "configuration",
    what: ({ path, commit }: Path & { commit: string }) =>
      `${path} is a git submodule, and its commit ${commit} is not here`,
    fix: () => "git submodule update --init --recursive; then, in the submodule, git fetch --all",
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
