/** What values are called: the name of their class, and their tag. */

const functionToString = Function.prototype.toString;
const apply = Reflect.apply;

/** A property's own descriptor, or undefined when there is none or asking for it throws. */
export function descriptorOf(value: object, key: PropertyKey): PropertyDescriptor | undefined {
  try {
    return Reflect.getOwnPropertyDescriptor(value, key);
  } catch {
    return undefined;
  }
}

/** The name of the nearest class in the prototype chain; null for an object without a prototype. */
export function classNameOf(value: object, describe: (prototype: object) => string): string | null {
  let object: object | null = value;
  const first: object | null = Reflect.getPrototypeOf(value);
  while (object !== null) {
    const Class: unknown = descriptorOf(object, "constructor")?.value;
    if (typeof Class === "function" && isInstance(value, Class)) {
      const name: unknown = descriptorOf(Class, "name")?.value;
      if (typeof name === "string" && name !== "") return name;
    }
    object = Reflect.getPrototypeOf(object);
  }
  return first === null ? null : `Object <${describe(first)}>`;
}

/** Whether the constructor's `prototype` is in the value's chain; `Symbol.hasInstance` is not asked. */
function isInstance(value: object, Class: object): boolean {
  const prototype: unknown = descriptorOf(Class, "prototype")?.value;
  for (let object = Reflect.getPrototypeOf(value); object !== null; object = Reflect.getPrototypeOf(object)) {
    if (object === prototype) return true;
  }
  return false;
}

/** `value[Symbol.toStringTag]` where it comes from the class; an own one is shown as a property. */
export function tagOf(value: object): string {
  try {
    if (Object.hasOwn(value, Symbol.toStringTag)) return "";
    const tag: unknown = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
    return typeof tag === "string" ? tag : "";
  } catch {
    return "";
  }
}

/** The start of a value's text: `Map(2) `, `Foo [tag] `, `[Object: null prototype] `. */
export function prefixOf(className: string | null, tag: string, fallback: string, size = ""): string {
  const tagged = tag !== "" && tag !== (className ?? fallback) ? `[${tag}] ` : "";
  return className === null
    ? `[${fallback}${size}: null prototype] ${tagged}`
    : `${className}${size} ${tagged}`;
}

/** `[class A extends B]` or `[Function: f]`, with what is unusual about it. */
export function functionBase(value: object, className: string | null, tag: string): string {
  const source = sourceOf(value);
  const name: unknown = descriptorOf(value, "name")?.value;
  const named = typeof name === "string" && name !== "" ? name : undefined;
  if (source.startsWith("class") && source.endsWith("}")) {
    let text = `class ${named ?? "(anonymous)"}`;
    if (className !== "Function" && className !== null) text += ` [${className}]`;
    if (tag !== "" && className !== tag) text += ` [${tag}]`;
    if (className === null) return `[${text} extends [null prototype]]`;
    const parent = Reflect.getPrototypeOf(value);
    const parentName: unknown = parent === null ? undefined : descriptorOf(parent, "name")?.value;
    return typeof parentName === "string" && parentName !== ""
      ? `[${text} extends ${parentName}]`
      : `[${text}]`;
  }
  const type = functionType(value);
  let text = `[${type}${className === null ? " (null prototype)" : ""}${named === undefined ? " (anonymous)" : `: ${named}`}]`;
  if (className !== type && className !== null) text += ` ${className}`;
  if (tag !== "" && className !== tag) text += ` [${tag}]`;
  return text;
}

function sourceOf(value: object): string {
  try {
    return apply(functionToString, value, []);
  } catch {
    return "";
  }
}

const functionKinds: readonly [object, string][] = [
  [Reflect.getPrototypeOf(async () => {}) as object, "AsyncFunction"],
  [Reflect.getPrototypeOf(function* () {}) as object, "GeneratorFunction"],
  [Reflect.getPrototypeOf(async function* () {}) as object, "AsyncGeneratorFunction"],
];

function functionType(value: object): string {
  const prototype = Reflect.getPrototypeOf(value);
  for (const [kind, name] of functionKinds) if (prototype === kind) return name;
  return "Function";
}
