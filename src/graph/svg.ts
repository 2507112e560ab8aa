import type { Graph, GraphPort, GraphService } from "./graph.ts";
import { type Rail, railsOf } from "./rails.ts";
import { lineOf } from "./text.ts";

const lineHeight = 19;
const gap = 9;
const margin = 14;
const pitch = 25;

/** Widths of letters differ by font, and there is none to measure: wide enough for the usual sans-serif ones at 12 pixels. */
const letter = 6.7;
const boldLetter = 7.3;

/** Dark enough on white for thin lines, and different also for those who see few colours (Okabe and Ito, 2008). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#a8528a", "#8a6d00", "#4b5bb5", "#b03a48", "#33758a"] as const;
const innerColour = "#6b7785";

const escaped = (text: string): string => lineOf(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

type Row = GraphService & {
  readonly image: string;
  readonly first: boolean;
  readonly y: number;
  readonly height: number;
};

const linesOf = ({ ports }: GraphService): number => Math.max(1, ports.length);

/** @returns a row for each service, with its place from the top. */
function rowsOf({ images }: Graph, top: number): readonly Row[] {
  let y = top;
  return images.flatMap(({ name: image, services }) => {
    const rows = services.map((service, index) => {
      const row = { ...service, image, first: index === 0, y, height: linesOf(service) * lineHeight };
      y += row.height;
      return row;
    });
    y += gap;
    return rows;
  });
}

const widest = (texts: readonly string[], width: number): number =>
  Math.ceil(Math.max(0, ...texts.map((text) => lineOf(text).length)) * width);

const noteGap = 8;

const portHead = "reached at : port";

/** A port, the last word, as it is reached: `3306` in the cloud only, `127.0.0.1:5000`, or `127.0.0.1:15000 → 5000`. */
function portText({ port, published }: GraphPort): string {
  const [first = "", ...more] = published;
  if (first === "") return `${port}`;
  return more.length === 0 && first.endsWith(`:${port}`) ? first : `${published.join(", ")} → ${port}`;
}

/** Where the columns of text are, and the first rail. */
function columnsOf(rows: readonly Row[]) {
  const image = margin + 10;
  const mark =
    image +
    widest(
      rows.map((row) => row.image),
      boldLetter,
    ) +
    16;
  const service = mark + 12;
  const nameWidth = ({ name, note }: Row): number =>
    widest([name], letter) + (note === "" ? 0 : noteGap + widest([note], letter));
  const rowWidth = (row: Row): number =>
    nameWidth(row) + (row.ports.length === 0 ? 0 : 14 + widest(row.ports.map(portText), letter));
  const portEnd = service + Math.max(widest([portHead], letter), ...rows.map(rowWidth));
  return { image, mark, service, portEnd, rails: portEnd + 20 };
}

const centre = ({ y }: Row): number => y + lineHeight / 2;

const diamond = (x: number, y: number): string => `M${x} ${y - 4.5}l4.5 4.5l-4.5 4.5l-4.5 -4.5z`;

function textOf(row: Row, columns: ReturnType<typeof columnsOf>): string {
  const base = centre(row) + 4;
  const middle = centre(row);
  const mark =
    row.kind === "job"
      ? `<path d="${diamond(columns.mark, middle)}" fill="#fff" stroke="#52606d" stroke-width="1.3"/>`
      : `<rect x="${columns.mark - 3.5}" y="${middle - 3.5}" width="7" height="7" rx="1" fill="#52606d"/>`;
  const ports = row.ports.map((one, index) => {
    const text = portText(one);
    // The addresses of the machine stand back behind the port itself.
    const before = text.slice(0, text.length - `${one.port}`.length);
    const address = before === "" ? "" : `<tspan class="n">${escaped(before)}</tspan>`;
    return `<text x="${columns.portEnd}" y="${base + index * lineHeight}" text-anchor="end">${address}${one.port}</text>`;
  });
  const note = row.note === "" ? "" : `<tspan dx="${noteGap}" class="n">${escaped(row.note)}</tspan>`;
  return [
    `<g><title>${escaped(`${row.name}: ${row.doc}`)}</title>`,
    row.first ? `<text x="${columns.image}" y="${base}" class="b">${escaped(row.image)}</text>` : "",
    mark,
    `<text x="${columns.service}" y="${base}"${row.kind === "job" ? ' class="j"' : ""}>${escaped(row.name)}${note}</text>`,
    ...ports,
    "</g>",
  ].join("");
}

/** @returns the picture of one rail: the line, where it begins, and who waits. */
function railOf(rail: Rail, rows: readonly Row[], x: number, left: number, colour: string): string {
  const at = (row: number): number => {
    const found = rows[row];
    return found ? centre(found) : 0;
  };
  const begin = at(rail.row);
  const ys = [begin, ...rail.points.map(({ row }) => at(row))];
  const points = rail.points.map(({ row, optional, what }) => {
    const title = `${rows[row]?.name} ${optional ? "asks for" : "waits for"} ${rail.to}: ${what.join(", ")}`;
    const paint = optional ? `fill="#fff" stroke="${colour}" stroke-width="1.6"` : `fill="${colour}"`;
    return `<circle cx="${x}" cy="${at(row)}" r="${optional ? 3.6 : 4}" ${paint}><title>${escaped(title)}</title></circle>`;
  });
  return [
    `<path d="M${left} ${begin}H${x}M${x} ${Math.min(...ys)}V${Math.max(...ys)}" stroke="${colour}" stroke-width="2" fill="none"/>`,
    `<rect x="${x - 5}" y="${begin - 5}" width="10" height="10" fill="${colour}"><title>${escaped(rail.to)}</title></rect>`,
    ...points,
  ].join("");
}

/** What the signs mean: its picture, and words. */
const legend = [
  [
    (x: number, y: number) => `<rect x="${x - 3.5}" y="${y - 3.5}" width="7" height="7" rx="1" fill="#52606d"/>`,
    "service",
  ],
  [
    (x: number, y: number) => `<path d="${diamond(x, y)}" fill="#fff" stroke="#52606d" stroke-width="1.3"/>`,
    "job: runs once, and ends",
  ],
  [
    (x: number, y: number) => `<rect x="${x - 5}" y="${y - 5}" width="10" height="10" fill="${colours[0]}"/>`,
    "others wait for it, along its line:",
  ],
  [
    (x: number, y: number) => `<circle cx="${x}" cy="${y}" r="4" fill="${colours[0]}"/>`,
    "does not start before it is there",
  ],
  [
    (x: number, y: number) =>
      `<circle cx="${x}" cy="${y}" r="3.6" fill="#fff" stroke="${colours[0]}" stroke-width="1.6"/>`,
    "asks for it, and starts without it, too",
  ],
] as const;
const legendLine = 17;

/**
 * Draws a graph as an SVG document without script, style sheet or font of others: a row for each service, a box for each image,
 * and a vertical line for each service that others wait for.
 */
export function svgOf(graph: Graph): string {
  const { rails, columns: count, innerColumns } = railsOf(graph);
  const labels = rails.filter(({ inner }) => !inner);
  const labelled = Math.max(
    widest(
      labels.map(({ to }) => to),
      letter,
    ),
    widest(["its image's own jobs"], letter),
  );
  // Names of rails stand at 55 degrees.
  const top = Math.max(52 + legend.length * legendLine, Math.ceil(labelled * 0.82) + 34);
  const rows = rowsOf(graph, top);
  const columns = columnsOf(rows);
  const x = (column: number): number => columns.rails + 12 + column * pitch;
  const width = Math.ceil(x(count - 1) + Math.max(30, labelled * 0.58 + 8));
  const boxWidth = x(count - 1) + 16 - margin;
  const last = rows.at(-1);
  const height = (last ? last.y + last.height : top) + margin + 4;

  const boxes = graph.images.map(({ name }) => {
    const own = rows.filter(({ image }) => image === name);
    const [first] = own;
    const tall = own.reduce((sum, row) => sum + row.height, 0) + 4;
    return `<rect x="${margin}" y="${(first?.y ?? 0) - 2}" width="${boxWidth}" height="${tall}" rx="4" fill="#f4f6f8" stroke="#d5dbe1"/>`;
  });
  const guides = rows.flatMap((row, index) => {
    const waited = rails.filter(({ points }) => points.some((one) => one.row === index));
    const reach = Math.max(0, ...waited.map(({ column }) => x(column)));
    const path = `M${columns.rails - 6} ${centre(row)}H${reach}`;
    return waited.length === 0 ? [] : [`<path d="${path}" stroke="#c3cbd3" stroke-width="1"/>`];
  });
  const heads = labels.map(({ to, row, column }, index) => {
    const colour = colours[index % colours.length];
    const begin = rows[row];
    return (
      `<path d="M${x(column)} ${top - 12}V${begin ? centre(begin) : top}" stroke="${colour}" stroke-dasharray="1 3"/>` +
      `<text transform="translate(${x(column) + 2} ${top - 16})rotate(-55)" fill="${colour}" class="b">${escaped(to)}</text>`
    );
  });
  const own =
    innerColumns === 0
      ? []
      : [
          `<text transform="translate(${(x(0) + x(innerColumns - 1)) / 2 + 2} ${top - 16})rotate(-55)" fill="${innerColour}">its image&#39;s own jobs</text>`,
        ];
  const drawn = rails.map((rail) =>
    railOf(
      rail,
      rows,
      x(rail.column),
      columns.rails - 6,
      rail.inner ? innerColour : (colours[labels.indexOf(rail) % colours.length] ?? innerColour),
    ),
  );
  const texts = rows.map((row) => textOf(row, columns));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif" font-size="12" fill="#1f2933">`,
    `<title>${escaped(graph.title)}</title>`,
    `<desc>Images with their services and jobs in the order in which they can start, and who waits for whom.</desc>`,
    `<style>.b{font-weight:600}.n{fill:#616e7c}.j{font-style:italic}</style>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${margin}" y="26" font-size="16" class="b">${escaped(graph.title)}</text>`,
    ...legend.map(([picture, words], index) => {
      const y = 46 + index * legendLine;
      return `${picture(margin + 6, y)}<text x="${margin + 18}" y="${y + 4}" class="n">${words}</text>`;
    }),
    `<text x="${columns.portEnd}" y="${top - 9}" text-anchor="end" class="n">${portHead}</text>`,
    ...boxes,
    ...guides,
    ...heads,
    ...own,
    ...drawn,
    ...texts,
    "</svg>",
  ].join("\n")}\n`;
}
