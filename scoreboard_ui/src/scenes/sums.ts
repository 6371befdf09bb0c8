/** Sums of decimals as text, exact to the digit: points are never floats until they are only drawn. */

export function sumOf(a: string, b: string): string {
  const digits = Math.max(decimals(a), decimals(b));
  const sum = scaled(a, digits) + scaled(b, digits);
  const text = (sum < 0n ? -sum : sum).toString().padStart(digits + 1, "0");
  const cut = text.length - digits;
  return `${sum < 0n ? "-" : ""}${text.slice(0, cut)}${digits > 0 ? `.${text.slice(cut)}` : ""}`;
}

function decimals(text: string): number {
  return text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
}

function scaled(text: string, digits: number): bigint {
  const [, sign, whole, part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? ["", "", "0"];
  return BigInt(`${sign ?? ""}${whole}${part.padEnd(digits, "0")}`);
}
