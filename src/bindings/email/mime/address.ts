/** Addresses in a header (https://www.rfc-editor.org/rfc/rfc5322#section-3.4). */

/** The addresses of a list, without names and comments; those of groups too. */
export function addressesOf(list: string): string[] {
  const found: string[] = [];
  for (const part of splitList(list)) {
    const angled = /<([^<>]*)>\s*$/.exec(part);
    const address = (angled?.[1] ?? part).trim();
    if (address !== "") found.push(address);
  }
  return found;
}

/** The list at its commas, without comments, without the names and ends of groups. */
function splitList(list: string): string[] {
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  let angled = false;
  let comments = 0;
  for (let index = 0; index < list.length; index++) {
    const character = list.charAt(index);
    if (character === "\\" && (quoted || comments > 0)) {
      if (comments === 0) part += character + list.charAt(index + 1);
      index++;
    } else if (quoted) {
      quoted = character !== '"';
      part += character;
    } else if (character === "(") comments++;
    else if (character === ")" && comments > 0) comments--;
    else if (comments > 0) continue;
    else if ((character === "," || character === ";") && !angled) {
      parts.push(part);
      part = "";
    } else if (character === ":" && !angled) part = "";
    else {
      if (character === '"') quoted = true;
      else if (character === "<") angled = true;
      else if (character === ">") angled = false;
      part += character;
    }
  }
  return [...parts, part];
}
