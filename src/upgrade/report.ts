import { changeText, type Change as OptionChange } from "../options/diff.ts";
import { sideText } from "../release/text.ts";
import { wordsOf } from "./commands.ts";
import { html, type Markup, trusted } from "./markup.ts";
import type { Affected, FileDiff, OptionChanges, Phase, Plan } from "./plan.ts";
import { styles } from "./styles.ts";
import { pointOfNoReturn, sentence, todoOf } from "./text.ts";

const code = (text: string): Markup => html`<code>${text}</code>`;

const commands = (lines: readonly string[]): Markup =>
  lines.length === 0 ? html`` : html`<pre class="commands">${lines.join("\n")}</pre>`;

const list = (items: readonly (Markup | string)[]): Markup =>
  items.length === 0 ? html`` : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

const table = (heads: readonly string[], rows: readonly (readonly (Markup | string)[])[]): Markup =>
  html`<table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>
${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table>`;

const section = (id: string, title: string, ...parts: readonly Markup[]): Markup =>
  html`<section id="${id}"><h2>${title}</h2>\n${parts}</section>\n`;

function phaseHtml(phase: Phase, number: number, last: boolean): Markup {
  const { id, title, why, waits, settings, back } = phase;
  const needs = settings.map(
    ({ file, section: group, option, value, why: reason }) =>
      html`${code(`[${group}] ${option} = ${value}`)} in ${code(file)}: ${reason}`,
  );
  return html`${last ? html`<p class="final">From here on only the backup leads back.</p>\n` : html``}<details id="phase-${id}"${
    last ? html` open=""` : html``
  }>
<summary><span class="number">${number}</span> ${title}</summary>
<p>${sentence(why)}</p>${list(needs)}${commands(phase.commands)}
<dl><dt>Waits for</dt><dd>${waits.map(({ text }) => text).join("; ")}</dd>
<dt>Way back</dt><dd>${back.possible ? "" : "None: "}${back.how}${commands(back.commands)}</dd></dl>
</details>
`;
}

const lineClass = { "+": "more", "-": "less", " ": "same" } as const;

function fileHtml({ image, path, services, change, added, removed, hunks }: FileDiff): Markup {
  const readers = services ? ` (${services.join(", ")})` : "";
  const lines = hunks.map(
    ({ before, after, lines: own }) => html`<span class="hunk">line ${before} → ${after}</span>
${own.map(({ sign, text }) => html`<span class="${lineClass[sign]}">${sign} ${text}</span>\n`)}`,
  );
  return html`<details><summary>${image}: ${code(path)}${readers} <span class="count">${change}, +${added} −${removed}</span></summary>
<pre class="diff">${lines}</pre></details>
`;
}

const kinds: Readonly<Record<OptionChange["kind"], string>> = {
  comes: "new",
  goes: "gone",
  renamed: "renamed",
  default: "default",
  type: "type",
  deprecated: "to be removed",
};

/** What the line of the text says behind the option's name. */
function detailOf(change: OptionChange): string {
  if (change.kind === "renamed") return change.to;
  return change.kind === "default" || change.kind === "type" ? `${change.before} → ${change.after}` : "";
}

function optionsHtml({ component, files, changes }: OptionChanges): Markup {
  const rows = changes.map((change) => [
    html`<span class="kind ${change.kind}">${kinds[change.kind]}</span>`,
    code(`[${change.section}] ${change.option}`),
    detailOf(change),
  ]);
  return html`<details><summary>${component} <span class="count">${changes.length} options, ${files.join(", ")}</span></summary>
${table(["", "Option", ""], rows)}</details>
`;
}

function affectedRow(affected: Affected, plan: Plan): readonly (Markup | string)[] {
  const { image, file, value, own, change } = affected;
  const what = change.kind === "setting" ? "the setting has no meaning any more" : changeText(change);
  return [
    html`${image}${file === null ? "" : html`<br/>${code(file)}`}`,
    html`${code(what)}${value === null ? "" : html`<br/>now ${code(value)}`}`,
    list(own.map(({ path, place }) => html`${code(path)}<br/>${place}`)),
    sentence(todoOf(affected, plan)),
  ];
}

const names = (
  title: string,
  { new: come, gone }: { readonly new: readonly string[]; readonly gone: readonly string[] },
): Markup =>
  come.length + gone.length === 0
    ? html`<p>${title}: the same in both releases.</p>`
    : html`<h3>${title}</h3>${list([...gone.map((name) => html`<del>${name}</del>`), ...come.map((name) => html`<ins>${name}</ins>`)])}`;

function summaryHtml(plan: Plan): Markup {
  const last = pointOfNoReturn(plan);
  const number = last ? plan.phases.indexOf(last) + 1 : 0;
  const changed = plan.files.filter(({ change }) => change !== "same").length;
  const open = plan.affected.filter(({ follows }) => !follows).length;
  const refused = plan.affected.filter((one) => one.refused).length;
  return html`<ul class="summary">
<li><b>${plan.phases.length}</b> phases</li>
<li><b>${last ? number - 1 : plan.phases.length}</b> of them can be undone one by one</li>
<li><b>${changed}</b> of ${plan.files.length} configuration files change</li>
<li><b>${open}</b> values of the model to look at${refused === 0 ? "" : `, ${refused} of them first: ${plan.to} refuses them`}</li>
</ul>
`;
}

/**
 * Writes a plan for the administrator: one file of HTML, which asks nobody for anything.
 *
 * @param pictures of the deployment in either release, as SVG by src/graph, which escapes what it is given.
 */
export function reportHtml(plan: Plan, pictures: { readonly before: string; readonly after: string }): string {
  const {
    from,
    to,
    deployment,
    phases,
    components,
    services,
    jobs,
    parameters,
    settings,
    features,
    options,
    affected,
    files,
    kept,
  } = plan;
  const title = `${deployment}: ${from} → ${to}`;
  const last = pointOfNoReturn(plan);
  const changed = files.filter(({ change }) => change !== "same");
  const parameterNames = {
    new: parameters.new.map(({ name }) => name),
    gone: parameters.gone.map(({ name }) => name),
  };
  const settingNames = {
    gone: settings.gone,
    new: [
      ...settings.new,
      ...settings.defaults.map(
        ({ setting, before, after }) => `${setting}: default ${sideText(before)} → ${sideText(after)}`,
      ),
    ],
  };
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Upgrade of ${title}</title>
<style>${trusted(styles)}</style>
</head>
<body>
<header><h1>Upgrade of ${title}</h1>
<p>Computed by <code>plinth upgrade plan</code> from the model and the tables of releases. ${wordsOf[plan.engine].where}</p>
${summaryHtml(plan)}<nav><a href="#phases">Phases</a> <a href="#deployment">Deployment</a> <a href="#model">Your model</a> <a href="#files">Files</a>
<a href="#options">Options</a></nav></header>
<main>
${section(
  "components",
  "Components",
  table(
    ["Component", from, to],
    components.map(({ component, before, after }) => [component, sideText(before), sideText(after)]),
  ),
)}
${section(
  "phases",
  "Phases",
  html`<p>Services of one phase may be replaced side by side, containers of one service one after the other.</p>\n`,
  ...phases.map((phase, index) => phaseHtml(phase, index + 1, phase === last)),
  html`<h3>The last way back</h3><p>What was made since the backup is lost.</p>${commands(plan.restore.commands)}`,
)}
${section(
  "deployment",
  "Deployment",
  names("Services", services),
  names("Jobs", jobs),
  html`<h3>Left as it is, with the images of ${from}</h3><p>${wordsOf[plan.engine].never}</p>
${table(
  ["Service", "Image"],
  kept.map(({ workload, image }) => [workload, code(image)]),
)}
<details><summary>Who waits for whom in ${to}</summary><div class="picture">${trusted(pictures.after)}</div></details>
<details><summary>Who waits for whom in ${from}</summary><div class="picture">${trusted(pictures.before)}</div></details>\n`,
)}
${section(
  "model",
  "Your model",
  affected.length === 0
    ? html`<p>No value of the model is affected.</p>`
    : table(
        ["Where", "What", "In the model", "To do"],
        affected.map((one) => affectedRow(one, plan)),
      ),
  names("Dynamic parameters", parameterNames),
  names("Settings", settingNames),
)}
${section(
  "files",
  "Configuration files",
  html`<p>As plinth renders them for this deployment; secrets are masked.</p>\n`,
  ...changed.map(fileHtml),
  html`<p>The same in both releases: ${files
    .filter(({ change }) => change === "same")
    .map(({ image, path }) => `${image} ${path}`)
    .join(
      ", ",
    )}.</p><h3>Why</h3>${list(features.map(({ change, why }) => html`<span class="kind ${change}">${change}</span> ${why}`))}`,
)}
${section("options", "Options", ...options.map(optionsHtml))}
</main>
</body>
</html>
`;
  return page.text;
}
