/** The members of classes and interfaces in declarations, as data. */
import {
  type ClassElement,
  type Node,
  type ParameterDeclaration,
  SyntaxKind,
  type TypeElement,
} from "typescript/unstable/ast";
import {
  isComputedPropertyName,
  isGetAccessorDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
  isPropertyDeclaration,
  isPropertySignatureDeclaration,
  isSetAccessorDeclaration,
} from "typescript/unstable/ast/is";

export interface Member {
  /** As written, or `@@iterator` for a well-known symbol. */
  readonly name: string;
  readonly static: boolean;
  readonly kind: "method" | "accessor" | "property";
  /** Of a method: the smallest number of arguments that one of its overloads requires. */
  readonly length: number;
  /** Of an accessor or property: whether it may be written. */
  readonly writable: boolean;
  /** Whether an object may be without it. */
  readonly optional: boolean;
}

/** Tells the members of one class from each other. */
export const keyOf = (member: Member): string => `${member.static ? "static " : ""}${member.name}`;

/** The public members; overloads, and a getter with its setter, are one. */
export function membersOf(elements: Iterable<ClassElement | TypeElement>): Member[] {
  const members = new Map<string, Member>();
  for (const element of elements) {
    const member = memberOf(element);
    if (member === undefined) continue;
    const known = members.get(keyOf(member));
    members.set(keyOf(member), {
      ...member,
      length: Math.min(member.length, known?.length ?? member.length),
      writable: member.writable || (known?.writable ?? false),
    });
  }
  return [...members.values()];
}

/** Both lists; of two members of one name the first, unless only the second can be written. */
export function union(first: readonly Member[], second: readonly Member[]): Member[] {
  const members = new Map(first.map(member => [keyOf(member), member]));
  for (const member of second) {
    const known = members.get(keyOf(member));
    if (known === undefined || (member.writable && !known.writable)) members.set(keyOf(member), member);
  }
  return [...members.values()];
}

function memberOf(element: ClassElement | TypeElement): Member | undefined {
  const name = memberName(element);
  if (name === undefined || HIDDEN.some(kind => hasModifier(element, kind))) return undefined;
  const shape = {
    name,
    static: hasModifier(element, SyntaxKind.StaticKeyword),
    optional:
      (element as Partial<Record<"postfixToken", Node>>).postfixToken?.kind === SyntaxKind.QuestionToken,
  };
  if (isMethodDeclaration(element) || isMethodSignatureDeclaration(element)) {
    return { ...shape, kind: "method", length: requiredOf(element.parameters), writable: false };
  }
  if (isGetAccessorDeclaration(element)) return { ...shape, kind: "accessor", length: 0, writable: false };
  if (isSetAccessorDeclaration(element)) return { ...shape, kind: "accessor", length: 0, writable: true };
  if (!isPropertyDeclaration(element) && !isPropertySignatureDeclaration(element)) return undefined;
  const writable = !hasModifier(element, SyntaxKind.ReadonlyKeyword);
  return { ...shape, kind: "property", length: 0, writable };
}

const HIDDEN = [SyntaxKind.PrivateKeyword, SyntaxKind.ProtectedKeyword];

/** The name of a member; undefined where it has none, such as a constructor or an index. */
export function memberName(element: ClassElement | TypeElement): string | undefined {
  const name = (element as Partial<Record<"name", Node>>).name;
  if (name === undefined) return undefined;
  if (isComputedPropertyName(name)) {
    const text = name.expression.getText();
    return text.startsWith("Symbol.") ? text.replace("Symbol.", "@@") : undefined;
  }
  return (name as Partial<Record<"text", string>>).text;
}

export function hasModifier(node: Node, kind: SyntaxKind): boolean {
  const modifiers = (node as Partial<Record<"modifiers", Iterable<Node>>>).modifiers ?? [];
  return [...modifiers].some(modifier => modifier.kind === kind);
}

/** How many arguments stand before the first that may be left out. */
export function requiredOf(parameters: Iterable<ParameterDeclaration>): number {
  let count = 0;
  for (const { questionToken, dotDotDotToken, name } of parameters) {
    if (isIdentifier(name) && name.text === "this") continue;
    if (questionToken !== undefined || dotDotDotToken !== undefined) break;
    count++;
  }
  return count;
}
