/** The tie chain in words: what each link compares, and who of two invented contestants would stand first by it. */

import type { Measure } from "./answers.ts";
import { both } from "./naming.ts";
import type { Both, Draft, Link } from "./types.ts";

export interface Choice {
  readonly by: string;
  /** What it says of the usual direction: "less time first". */
  readonly title: Both;
}

/** Everything that a link may compare in this draft, besides what it compares already. */
export function choicesOf(draft: Draft, measures: readonly Measure[]): readonly Choice[] {
  const used = new Set((draft.ranking ?? []).map((link) => link.by));
  const plain = measures.filter((each) => !each.by.includes(":")).map(({ by, title }) => ({ by, title }));
  return [...plain, ...stagesAndGroups(draft)].filter((each) => !used.has(each.by));
}

/** Marks and times of groups, then of stages. */
function stagesAndGroups(draft: Draft): readonly Choice[] {
  const stages = draft.stages.filter((stage) => stage.id !== "").map((stage) => choices("stage", stage.id, titled(stage.name, stage.id)));
  const groups = [...new Set(draft.stages.map((stage) => stage.group ?? "").filter(Boolean))].map((group) => choices("group", group, { zh: group, en: group }));
  return [...groups, ...stages].flat();
}

function choices(kind: "group" | "stage", id: string, name: Both): readonly Choice[] {
  return [
    { by: `${kind}:${id}`, title: { zh: `“${name.zh}”得分高者在前`, en: `more marks in “${name.en}” first` } },
    { by: `${kind}_ms:${id}`, title: { zh: `“${name.zh}”用时短者在前`, en: `less time for “${name.en}” first` } },
  ];
}

function titled(name: Draft["contest"]["name"], id: string): Both {
  const { zh, en } = both(name);
  return { zh: zh || en || id, en: en || zh || id };
}

/** What a link compares, in words. */
export function titleOf(by: string, draft: Draft, measures: readonly Measure[]): Both {
  const known = measures.find((each) => each.by === by);
  if (known !== undefined) return known.title;
  return stagesAndGroups(draft).find((each) => each.by === by)?.title ?? { zh: by, en: by };
}

export function isTime(link: Link): boolean {
  return link.by.split(":")[0]!.endsWith("_ms");
}

/** Times rank ascending, everything else descending, unless the draft says otherwise. */
export function isDescending(link: Link): boolean {
  return link.order === undefined ? !isTime(link) : link.order === "desc";
}

export interface Duel {
  /** Of the first and of the second. */
  readonly values: readonly [string, string];
  /** Whom this link alone sets first; null: they stay equal, so that the next link decides. */
  readonly first: 0 | 1 | null;
}

const ONE_MS: Readonly<Record<string, number>> = { ms: 1, second: 1_000, minute: 60_000 };
const TIMES_MS = [723_400, 723_900] as const;
const COUNTS: Readonly<Record<string, readonly [string, string]>> = { points: ["86.5", "84"], cleared: ["6", "5"], furthest: ["6", "5"] };

/** Two results by which a link is shown at work. Times lie within a second, so that a unit is seen to matter. */
export function duelOf(link: Link): Duel {
  if (!isTime(link)) return { values: COUNTS[link.by] ?? ["42", "40"], first: isDescending(link) ? 0 : 1 };
  const unit = ONE_MS[link.unit ?? "ms"] ?? 1;
  const [one, other] = TIMES_MS.map((ms) => Math.floor(ms / unit)) as [number, number];
  const first = one === other ? null : one < other === !isDescending(link) ? 0 : 1;
  return { values: [timeText(TIMES_MS[0]), timeText(TIMES_MS[1])], first };
}

/** 12:03.4 */
function timeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}.${Math.floor((ms % 1000) / 100)}`;
}
