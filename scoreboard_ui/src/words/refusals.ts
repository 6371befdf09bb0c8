/** What the server refuses, and what to do about it (`error_…`), and why a second person is asked (`needs_…`). */

import type { Phrase } from "../board/types.ts";

export const refusalWords = {
  needs_points: { zh: "分数变动 {moved}，达到 {limit} 须第二人复核", en: "moves {moved} points; from {limit} a second person decides" },
  needs_ranks: { zh: "名次变动 {moved}，达到 {limit} 须第二人复核", en: "moves {moved} ranks; from {limit} a second person decides" },
  needs_medals: { zh: "影响 {moved} 人的奖牌", en: "changes the medals of {moved}" },
  needs_reopens: { zh: "重新开放最终成绩", en: "reopens a final result" },
  needs_disqualifies: { zh: "取消整场资格", en: "disqualifies from the contest" },

  because_event: { zh: "{kind}事件 {source}", en: "{kind} {source}" },
  because_definition: { zh: "规则第 {n} 版", en: "definition {n}" },
  because_clock: { zh: "计时：{what}", en: "clock: {what}" },
  because_ruling: { zh: "裁定：{what}", en: "ruling: {what}" },
  because_undo: { zh: "撤销了一项裁定", en: "a ruling was undone" },
  because_approved: { zh: "裁定获同意", en: "a ruling was approved" },
  because_rejected: { zh: "裁定被驳回", en: "a ruling was rejected" },
  because_mark: { zh: "{what}的打分", en: "mark on {what}" },
  because_standing: { zh: "选手状态", en: "the contestant’s status" },
  because_drawn: { zh: "抽取加密号", en: "blind codes were drawn" },
  because_revealed: { zh: "加密号解密", en: "blind codes were revealed" },
} as const satisfies Record<string, Phrase>;
