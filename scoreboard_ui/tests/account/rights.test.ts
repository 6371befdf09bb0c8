import { expect, test } from "vitest";
import { called, codeIn, directed, grantOrder, isAdmin, pageOf, scopeOf } from "../../src/account/rights.ts";
import type { Grant, Role } from "../../src/account/types.ts";

const grant = (role: Role, contest: string | null = null, more: Partial<Grant> = {}): Grant => ({ id: "g", role, contest, venue: null, official: null, contestant: null, ...more });
const contests = ["cup", "league"];

test("who directs a contest looks after its tokens, an administrator after all", () => {
  expect(directed([grant("director", "cup")], contests)).toEqual(["cup"]);
  expect(directed([grant("chief", "league", { official: "C1" })], contests)).toEqual(["league"]);
  expect(directed([grant("director")], contests)).toEqual(contests);
  expect(directed([grant("admin")], contests)).toEqual(contests);
  expect(directed([grant("auditor"), grant("referee", "cup"), grant("venue", "cup")], contests)).toEqual([]);
  expect([isAdmin([grant("director")]), isAdmin([grant("admin")])]).toEqual([false, true]);
});

test("a page to work at is offered to officials and to those of a venue", () => {
  expect([grant("chief", "cup"), grant("referee", "cup"), grant("director", "cup"), grant("auditor"), grant("venue", "cup"), grant("venue")].map(pageOf)).toEqual(["chief", "referee", null, null, "desk", null]);
});

test("a grant is sent only once nothing of it is missing", () => {
  expect(grantOrder("admin", "cup", "x")).toEqual({ role: "admin" });
  expect(grantOrder("auditor", "", "")).toEqual({ role: "auditor" });
  expect(grantOrder("director", "cup", "")).toEqual({ role: "director", contest: "cup" });
  expect(grantOrder("chief", "cup", " C1 ")).toEqual({ role: "chief", contest: "cup", official: "C1" });
  expect(grantOrder("venue", "cup", "yongjia")).toEqual({ role: "venue", contest: "cup", venue: "yongjia" });
  expect([grantOrder("referee", "", "R1"), grantOrder("referee", "cup", " "), grantOrder("contestant", "", "")]).toEqual([null, null, null]);
});

test("a grant says what its contest is called, and the id besides only where two have the same name", () => {
  const listed = [{ id: "cup", name: { en: "Two Cities Cup" } }, { id: "a", name: { en: "Sprint" } }, { id: "b", name: { en: "Sprint" } }, { id: "bare", name: null }] as unknown as Parameters<typeof called>[0];
  const named = called(listed, (name, instead) => (name as { en: string } | null)?.en ?? instead);
  expect(scopeOf(grant("referee", "cup", { official: "R1" }), named)).toBe("Two Cities Cup · R1");
  expect(["a", "b", "bare", "gone"].map(named)).toEqual(["Sprint (a)", "Sprint (b)", "bare", "gone"]);
  expect(scopeOf(grant("admin"), named)).toBe("");
});

test("six digits are read however they are typed", () => {
  expect(["123456", "123 456", "123-456", "１２３４５６"].map(codeIn)).toEqual(Array(4).fill("123456"));
  expect(["12345", "1234567", "12a456", "", "١٢٣٤٥٦"].map(codeIn)).toEqual(Array(5).fill(null));
});
