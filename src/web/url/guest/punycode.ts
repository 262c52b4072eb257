/**
 * Domains in the letters of Latin-1, which UTS 46 maps as `toLowerCase` does and finds no fault with: their ASCII form takes
 * no table (https://www.unicode.org/reports/tr46/, RFC 3492). All others are the host's.
 */
const LATIN = /^[a-z0-9\-.\u00df-\u00f6\u00f8-\u00ff]+$/;
const ENCODED_LABEL = /(?:^|\.)xn--/;

const DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";
const BASE = DIGITS.length;
const THRESHOLD_MIN = 1;
const THRESHOLD_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;

/** The ASCII form of a domain in lower case; undefined where that is not for here to say. */
export function latinDomainToASCII(domain: string): string | undefined {
  if (!LATIN.test(domain) || ENCODED_LABEL.test(domain)) return undefined;
  return domain
    .split(".")
    .map(label => (/[^\0-\x7f]/.test(label) ? `xn--${encode(label)}` : label))
    .join(".");
}

/** https://www.rfc-editor.org/rfc/rfc3492#section-6.3 */
function encode(label: string): string {
  const basic = label.replace(/[^\0-\x7f]/g, "");
  let output = basic === "" ? "" : `${basic}-`;
  let handled = basic.length;
  let delta = 0;
  let bias = INITIAL_BIAS;
  let codePoint = 0x80;
  while (handled < label.length) {
    const next = smallestFrom(label, codePoint);
    delta += (next - codePoint) * (handled + 1);
    codePoint = next;
    for (let index = 0; index < label.length; index++) {
      const unit = label.charCodeAt(index);
      if (unit < codePoint) delta++;
      if (unit !== codePoint) continue;
      output += variableLength(delta, bias);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    codePoint++;
  }
  return output;
}

function smallestFrom(label: string, least: number): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let index = 0; index < label.length; index++) {
    const unit = label.charCodeAt(index);
    if (unit >= least && unit < smallest) smallest = unit;
  }
  return smallest;
}

/** A delta as a generalized variable-length integer. */
function variableLength(delta: number, bias: number): string {
  let digits = "";
  let rest = delta;
  for (let position = BASE; ; position += BASE) {
    const threshold = Math.min(Math.max(position - bias, THRESHOLD_MIN), THRESHOLD_MAX);
    if (rest < threshold) return digits + DIGITS[rest];
    const span = BASE - threshold;
    digits += DIGITS[threshold + ((rest - threshold) % span)];
    rest = Math.floor((rest - threshold) / span);
  }
}

/** https://www.rfc-editor.org/rfc/rfc3492#section-6.1 */
function adapt(delta: number, points: number, isFirst: boolean): number {
  let scaled = Math.floor(isFirst ? delta / DAMP : delta / 2);
  scaled += Math.floor(scaled / points);
  let bias = 0;
  for (; scaled > ((BASE - THRESHOLD_MIN) * THRESHOLD_MAX) / 2; bias += BASE) {
    scaled = Math.floor(scaled / (BASE - THRESHOLD_MIN));
  }
  return bias + Math.floor(((BASE - THRESHOLD_MIN + 1) * scaled) / (scaled + SKEW));
}
