import fc from "fast-check";
import { expect, test } from "vitest";
import type { Board } from "../../src/board/merge.ts";
import { collate, ranked, sorted } from "../../src/board/order.ts";
import { Standing } from "../../src/board/standing.ts";
import type { Row } from "../../src/board/types.ts";
import { IDS, row } from "./world.ts";

const rows = fc.uniqueArray(row, { selector: (r) => r.id });
const collation = collate(IDS.map((id) => [id, id]));
const boardOf = (taken: readonly Row[]): Board => ({ cursor: null, state: null, total: taken.length, rows: new Map(taken.map((r) => [r.id, r])) });

test("following changes ends where starting anew begins, and what did not change stays the same object", () => {
  fc.assert(
    fc.property(rows, fc.array(row, { maxLength: 3 }), fc.subarray([...IDS], { maxLength: 2 }), (before, changes, gone) => {
      const board = boardOf(before);
      const standing = new Standing();
      standing.reset(board, collation);
      const [old, everybody] = [standing.placed, standing.everybody];
      for (const change of changes) board.rows.set(change.id, change);
      for (const id of gone) board.rows.delete(id);
      standing.follow(board, new Set([...changes.map(({ id }) => id), ...gone]), collation, 0);

      expect(standing.placed).toEqual(ranked(sorted(board.rows.values(), collation)));
      expect(standing.everybody).toEqual([...board.rows.keys()].sort());
      expect(standing.everybody === everybody).toBe(JSON.stringify(everybody) === JSON.stringify(standing.everybody));
      for (const each of standing.placed) {
        expect(standing.of(each.row.id)).toBe(each);
        const was = old.find((one) => one.row === each.row && one.rank === each.rank && one.tied === each.tied);
        if (was !== undefined) expect(each).toBe(was);
      }
      for (const id of gone) expect(standing.of(id)).toBe(null);
    }),
  );
});
