/** How a report looks: readable on a screen and on paper, in light and dark. */
export const styles = `
:root { color-scheme: light dark; --line: #c8ced6; --soft: #f4f6f8; --more: #e3f6e6; --less: #fde8e6; --final: #b03a48; }
@media (prefers-color-scheme: dark) { :root { --line: #454c55; --soft: #21262c; --more: #17351f; --less: #431d1c; --final: #ff8a95; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.7rem; margin: 0.5rem 0; }
h2 { border-bottom: 2px solid var(--line); margin-top: 2.5rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: 4px; overflow-x: auto; padding: 0.6rem 0.8rem; }
pre.commands { white-space: pre-wrap; }
pre.diff span { display: inline-block; min-width: 100%; }
pre.diff .more { background: var(--more); }
pre.diff .less { background: var(--less); }
pre.diff .hunk { color: GrayText; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.6rem; text-align: left; vertical-align: top; }
td:first-child code { white-space: nowrap; }
td ul { margin: 0; padding-left: 1rem; }
details { border: 1px solid var(--line); border-radius: 4px; margin: 0.4rem 0; padding: 0.3rem 0.8rem; }
summary { cursor: pointer; }
.number { display: inline-block; font-weight: bold; min-width: 1.8rem; }
.count { color: GrayText; }
.kind { background: var(--soft); border-radius: 3px; padding: 0 0.4rem; }
.kind.goes, .kind.gone { background: var(--less); }
.kind.comes, .kind.new { background: var(--more); }
.final { border-top: 3px solid var(--final); color: var(--final); font-weight: bold; margin: 1.2rem 0 0.4rem; padding-top: 0.3rem; }
.summary { display: flex; flex-wrap: wrap; gap: 0.6rem 2rem; list-style: none; padding: 0; }
.summary b { font-size: 1.5rem; }
.picture { background: #fff; overflow-x: auto; }
dt { font-weight: bold; }
nav a { margin-right: 1rem; }
@media print { details { break-inside: avoid; } }
`;
