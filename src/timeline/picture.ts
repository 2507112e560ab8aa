import { offsets, type Start, totalOf } from "./starts.ts";

const rowHeight = 18;
const left = 250;
const width = 760;
const top = 50;

/** Round steps of an axis, in seconds. */
const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * Draws starts as an SVG: a bar for each, dark while plinth worked, light while it waited; behind it the service runs.
 *
 * @returns the document.
 */
export function timelinePicture(starts: readonly Start[]): string {
  const since = offsets(starts);
  const ends = starts.map((start, index) => (since[index] ?? 0) + totalOf(start));
  const whole = Math.max(1000, ...ends) * 1.05;
  const x = (ms: number): string => (left + (ms / whole) * width).toFixed(1);
  const length = (ms: number): string => Math.max(0.8, (ms / whole) * width).toFixed(1);
  const height = top + starts.length * rowHeight + 12;
  const step = (steps.find((each) => whole / 1000 / each <= 12) ?? 7200) * 1000;
  const axis = Array.from({ length: Math.floor(whole / step) + 1 }, (_, index) => index * step).map(
    (ms) =>
      `<line x1="${x(ms)}" y1="${top - 6}" x2="${x(ms)}" y2="${height - 8}" stroke="#ddd"/>` +
      `<text x="${x(ms)}" y="${top - 12}" text-anchor="middle" fill="#555">${ms / 1000} s</text>`,
  );
  const bars = starts.map((start, index) => {
    const y = top + index * rowHeight;
    const began = since[index] ?? 0;
    const own = start.bootMs + start.resolveMs + start.renderMs;
    const end = ends[index] ?? 0;
    const name = escaped(`${start.image} ${start.service}`);
    const runs = start.kind === "job" ? "#c8a4d4" : "#8fce9b";
    return (
      `<g><title>${name}: resolve ${start.resolveMs} ms, render ${start.renderMs} ms, wait ${start.waitMs} ms</title>` +
      `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${name}</text>` +
      `<rect x="${x(began)}" y="${y + 3}" width="${length(own)}" height="11" fill="#1f4e8c"/>` +
      `<rect x="${x(began + own)}" y="${y + 3}" width="${length(start.waitMs)}" height="11" fill="#a9c4e6"/>` +
      `<rect x="${x(end)}" y="${y + 3}" width="${length(whole - end)}" height="11" fill="${runs}"/></g>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 20}" height="${height}" ` +
    `font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>` +
    `<text x="8" y="16" fill="#333">dark: plinth works; light: it waits; green: the service runs; violet: the job</text>` +
    `${axis.join("")}${bars.join("")}</svg>\n`
  );
}
