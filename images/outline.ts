import { type Planned, servicesOf } from "./plan.ts";

const listed = (names: readonly string[]): string => (names.length > 0 ? names.join(" ") : "none");

/** @returns what one image of a plan is, in lines. */
function outline(image: Planned): string {
  const { recipe, on } = image;
  const { service, job } = servicesOf(recipe);
  const base = on ?? `none (the model names no image whose apt finds the packages of ${recipe.release})`;
  const archive = recipe.archive === null ? "" : `, with ${recipe.archive}`;
  const lines = [
    `${recipe.image}: ${recipe.title}`,
    recipe.parent === null ? `  base: ${base}${archive}` : `  stands on: ${on}`,
    `  packages: ${listed(recipe.packages)}`,
    ...(service.length + job.length > 0 ? [`  services: ${listed(service)}`, `  jobs: ${listed(job)}`] : []),
  ];
  return lines.join("\n");
}

/** @returns a plan to be read: each image with what it stands on, its packages, and what plinth starts in it. */
export const planText = (planned: readonly Planned[]): string => `${planned.map(outline).join("\n\n")}\n`;
