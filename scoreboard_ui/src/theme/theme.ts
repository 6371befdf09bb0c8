/** How a contest is dressed, as the server checked it. Refuses colours that are none: what a page sets on itself comes from nobody else. */

export interface Theme {
  readonly colours: Readonly<Record<string, string>>;
  readonly logo: string | null;
  readonly background: string | null;
  readonly sponsors: readonly string[];
}

export const PLAIN: Theme = { colours: {}, logo: null, background: null, sponsors: [] };

/** What of the page each colour of a theme dresses. */
const DRESSES: Readonly<Record<string, readonly string[]>> = {
  accent: ["--accent"],
  background: ["--void"],
  floor: ["--floor"],
  plate: ["--plate"],
  plate_high: ["--plate-high"],
  edge: ["--edge"],
  ink: ["--ink"],
  ink_dim: ["--ink-dim", "--ink-faint"],
};

export function themeOutOf(raw: unknown): Theme {
  if (typeof raw !== "object" || raw === null) return PLAIN;
  const told = raw as Record<string, unknown>;
  const colours = Object.entries(told["colours"] ?? {}).filter(([name, value]) => name in DRESSES && isColour(value));
  const sponsors = Array.isArray(told["sponsors"]) ? told["sponsors"] : [];
  return {
    colours: Object.fromEntries(colours) as Record<string, string>,
    logo: imageName(told["logo"]),
    background: imageName(told["background"]),
    sponsors: sponsors.map(imageName).filter((name) => name !== null),
  };
}

/** The properties that a theme sets on the page. */
export function propertiesOf(theme: Theme): readonly (readonly [string, string])[] {
  return Object.entries(theme.colours).flatMap(([name, value]) => DRESSES[name]!.map((property) => [property, value] as const));
}

function isColour(value: unknown): boolean {
  return typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value);
}

function imageName(value: unknown): string | null {
  return typeof value === "string" && /^[\w.\-]{1,64}$/.test(value) ? value : null;
}
