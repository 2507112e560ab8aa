import type { Engine } from "../deployment/engine.ts";
import type { Change as OptionChange } from "../options/diff.ts";
import type { Names, ReleaseDiff } from "../release/diff.ts";

/** What is done in a phase. */
export type What =
  | "images"
  | "backup"
  | "infrastructure"
  | "expand"
  | "migrate"
  | "check"
  | "stop"
  | "job"
  | "roll"
  | "unpin"
  | "contract"
  | "online migrations";

/** How one cloud of one release becomes one of another: computed from the model and tables, and carried out by whoever knows an engine. */
export type Plan = {
  /** Another number means that who reads the JSON has to change. */
  readonly format: 1;
  readonly from: string;
  readonly to: string;
  /** The model's `deploy_name`. */
  readonly deployment: string;
  readonly engine: Engine["name"];
  readonly phases: readonly Phase[];
  /** The last way back, from the backup: what is made since is lost. */
  readonly restore: { readonly commands: readonly string[] };
  /** Services that are left as they are, with their images of the older release. */
  readonly kept: readonly Kept[];
  /** Of components that the deployment has: their versions, where they differ. */
  readonly components: ReleaseDiff["components"];
  /** Workloads of the deployment. */
  readonly services: Names;
  readonly jobs: Names;
  readonly parameters: { readonly new: readonly ParameterChange[]; readonly gone: readonly ParameterChange[] };
  readonly settings: ReleaseDiff["settings"];
  /** What templates write otherwise, and why. */
  readonly features: ReleaseDiff["features"];
  readonly options: readonly OptionChanges[];
  readonly affected: readonly Affected[];
  /** Every configuration file that a deployed service reads in either release. */
  readonly files: readonly FileDiff[];
};

/** A dynamic parameter of some image's contract. */
export type ParameterChange = {
  readonly name: string;
  readonly images: readonly string[];
  /** Whether some container has to be given it; the deployment's own does. */
  readonly required: boolean;
  readonly secret: boolean;
};

/** What differs between a component's options, which may stand in any of these files. */
export type OptionChanges = {
  readonly component: string;
  readonly files: readonly string[];
  readonly changes: readonly OptionChange[];
};

/** A value of the model that an upgrade concerns. */
export type Affected = {
  readonly image: string;
  /** Null where a setting of the pillar is no more, whatever files it was for. */
  readonly file: string | null;
  readonly section: string | null;
  readonly option: string | null;
  /** As the file has it, without a secret. */
  readonly value: string | null;
  /**
   * What of the model it is made of: paths in the node (`_options:nova.conf:DEFAULT:debug`) or in the role's pillar
   * (`cpu_allocation_ratio`), each with its place (`model/classes/nova/controller.yml:12:5`).
   */
  readonly own: readonly { readonly path: string; readonly place: string }[];
  readonly change: OptionChange | { readonly kind: "setting" };
  /** Templates write the option from settings, for each release as it wants it: nothing has to be done. */
  readonly follows: boolean;
  /** The model of the new release is refused as long as it says the option. */
  readonly refused: boolean;
};

export type FileDiff = {
  readonly image: string;
  readonly path: string;
  /** Services that read it so, where not all of the image do. */
  readonly services: readonly string[] | null;
  readonly change: "same" | "changed" | "appears" | "goes";
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly Hunk[];
};

/** Lines that differ and some around them; line numbers are 1-based, 0 where a side has none. */
export type Hunk = {
  readonly before: number;
  readonly after: number;
  readonly lines: readonly { readonly sign: "+" | "-" | " "; readonly text: string }[];
};

export type Phase = {
  /** `nova-roll-conductor`: unique in the plan, and the same in each plan that has such a phase. */
  readonly id: string;
  /** Null where it is a matter of all. */
  readonly component: string | null;
  readonly what: What;
  /** What is done, and why then. */
  readonly title: string;
  readonly why: string;
  /** In their order, each when the one before has ended well. */
  readonly jobs: readonly Job[];
  /** In their order, each when the one before is well. Jobs come first. */
  readonly services: readonly Rolled[];
  readonly waits: readonly Awaited[];
  /** Options that files of both releases have to have meanwhile. */
  readonly settings: readonly Setting[];
  readonly back: Back;
  /** What a person types, in the project's directory. */
  readonly commands: readonly string[];
};

/** A program that runs once in an image of the deployment, with the files and parameters of one of its jobs. */
export type Job = {
  /** The workload whose container it is: `keystone-db-sync`. */
  readonly workload: string;
  /** Whole: `tcpcloud/keystone-server:2026.1`. */
  readonly image: string;
  /** In which release's deployment the workload is. */
  readonly of: "from" | "to";
  /** What plinth is asked to start: `db-sync`. */
  readonly service: string;
  /** The words after `plinth start db-sync --`; none: the job's own command, and with it its lock. */
  readonly command: readonly string[];
  /** Exit statuses that are well. */
  readonly accepts: readonly number[];
};

/** What becomes of a service. `restarted`: it starts again as it is. `stopped`: until a later phase rolls it. */
export type Change = "replaced" | "appears" | "goes" | "restarted" | "stopped";

export type Rolled = {
  readonly workload: string;
  readonly change: Change;
  /** `nova-controller`, `conductor` */
  readonly image: string;
  readonly service: string;
  /** Whole names of images; null where there is none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Containers before and after, in the order in which they are replaced: one at a time. */
  readonly containers: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** `overlap`: the new one serves before the old one ends, where the engine can; `gap`: never two at a time. */
  readonly rollout: "overlap" | "gap";
};

export type Awaited = {
  /**
   * `exit`: a job has ended with a status that is well; `healthy`: every container of a service says so (plinth healthcheck --ready); `gone`:
   * no container of it is left; `file`: something is there to be kept.
   */
  readonly for: "exit" | "healthy" | "gone" | "file";
  /** The workload; null for `file`. */
  readonly workload: string | null;
  readonly text: string;
};

/** An option of a configuration file: `[upgrade_levels] compute = auto` of nova.conf. */
export type Setting = {
  readonly file: string;
  readonly section: string;
  readonly option: string;
  readonly value: string;
  readonly why: string;
};

/** How one goes back once the phase is done. Phases are undone from the last one that is done to the first. */
export type Back = {
  /** Once a phase that says no is done, this one and all before it can be undone by the backup only. All after it say no. */
  readonly possible: boolean;
  readonly how: string;
  /** First these run, in images of the older release, then services are rolled back in the opposite order. */
  readonly jobs: readonly Job[];
  readonly commands: readonly string[];
};

export type Kept = {
  readonly workload: string;
  readonly image: string;
  readonly why: string;
};
