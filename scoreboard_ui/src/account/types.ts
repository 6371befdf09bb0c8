/** Accounts, grants and tokens, as the server answers them. */

import type { Appeal } from "../chief/types.ts";

export const ROLES = ["admin", "director", "chief", "referee", "venue", "auditor", "contestant"] as const;
export type Role = (typeof ROLES)[number];

export interface Grant {
  readonly id: string;
  readonly role: Role;
  readonly contest: string | null;
  readonly venue: string | null;
  readonly official: string | null;
  readonly contestant: string | null;
}

export interface Me {
  readonly account: string;
  readonly name: string | null;
  readonly has_password: boolean;
  readonly grants: readonly Grant[];
  readonly expires: string;
}

export interface AccountRow {
  readonly account: string;
  readonly name: string;
  readonly email: string | null;
  readonly has_password: boolean;
  readonly disabled: string | null;
  readonly grants: readonly Grant[];
}

/** `GET …/own`: what a contestant sees of themself. */
export interface OwnResult {
  readonly published: { readonly rank: number | null; readonly points: string } | null;
  readonly frozen: boolean;
  readonly appeals: readonly Appeal[];
}

export interface TokenRow {
  readonly id: string;
  readonly role: string;
  readonly venue: string | null;
  readonly label: string;
  readonly created: string;
  readonly expires: string | null;
  readonly state: "in_force" | "revoked" | "expired";
}

export interface Issued extends TokenRow {
  readonly secret: string;
}
