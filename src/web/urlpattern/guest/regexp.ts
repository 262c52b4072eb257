/** Regular expressions with the `v` flag, on engines that read it too strictly. */

/**
 * Compiles a source. QuickJS applies the rules of character classes outside of them as well in this mode, and refuses
 * a plain hyphen, slash, or pair such as "::"; there they are written as escapes, which mean the same everywhere.
 */
export function compileRegExp(source: string, flags: "v" | "vi"): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const spelled = spellOut(source);
    if (spelled === source) throw error;
    return new RegExp(spelled, flags);
  }
}

const hexadecimal = (character: string): string => `\\x${character.charCodeAt(0).toString(16)}`;

/** A modifier group's opening such as "(?i-s:", whose hyphen is syntax. */
const MODIFIERS = /\(\?[a-z]*-[a-z]*:/y;

function spellOut(source: string): string {
  let result = "";
  let classDepth = 0;
  for (let index = 0; index < source.length; index++) {
    const character = source[index]!;
    if (character === "\\") {
      result += character + (source[++index] ?? "");
      continue;
    }
    if (character === "[") classDepth++;
    else if (character === "]" && classDepth > 0) classDepth--;
    if (classDepth > 0) {
      result += character;
      continue;
    }
    MODIFIERS.lastIndex = index;
    const modifiers = character === "(" ? MODIFIERS.exec(source)?.[0] : undefined;
    if (modifiers !== undefined) {
      result += modifiers;
      index += modifiers.length - 1;
    } else if (
      /[-/]/.test(character) ||
      (/[!#%&,:;<=>@`~]/.test(character) && source[index - 1] === character)
    ) {
      result += hexadecimal(character);
    } else {
      result += character;
    }
  }
  return result;
}
