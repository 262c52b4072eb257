/** Functions that run inside a worker and compare what is there with what was declared. Each closes over nothing. */
import type { ClassShape } from "./declarations.ts";
import type { Member } from "./members.ts";

/** A difference: the name that was declared, and what is wrong with it. */
export type Finding = readonly [name: string, what: string];

/** The globals that are not classes, and their members. */
export function probeGlobals(functions: [string, number][], values: [string, Member[]][]): Finding[] {
  const findings: Finding[] = [];
  const scope = globalThis as unknown as Record<string, unknown>;
  for (const [name, length] of functions) {
    const value = scope[name];
    if (typeof value !== "function") findings.push([name, value === undefined ? "absent" : "no function"]);
    else if (value.name !== name) findings.push([name, `named ${value.name}`]);
    else if (value.length !== length) findings.push([name, `length ${value.length}, not ${length}`]);
  }
  for (const [name, members] of values) {
    const value = scope[name] as Record<string, unknown> | undefined;
    if (!(name in scope)) findings.push([name, "absent"]);
    else if (members.length > 0 && value !== undefined && value !== null)
      compareMembers(name, value, members);
  }
  return findings;

  function compareMembers(name: string, value: Record<string, unknown>, members: Member[]): void {
    for (const member of members) {
      const where = `${name}.${member.name}`;
      const found = value[member.name];
      if (!(member.name in value)) findings.push([where, "absent"]);
      else if (member.kind !== "method") continue;
      else if (typeof found !== "function") findings.push([where, "no function"]);
      else if (found.name !== member.name) findings.push([where, `named ${found.name}`]);
    }
  }
}

/** Presence, kind, name, `length` and attributes of classes and their members. */
export function probeClasses(classes: ClassShape[]): Finding[] {
  const findings: Finding[] = [];
  const scope = globalThis as unknown as Record<string, unknown>;
  type AnyClass = (abstract new () => object) & { readonly prototype: object };
  const classNamed = (name: string) =>
    (name === "DigestStream" ? crypto : scope)[name as never] as AnyClass | undefined;
  for (const shape of classes) probeClass(shape);
  return findings;

  function probeClass({ name, parent, construct, members }: ClassShape): void {
    const report = (what: string) => void findings.push([name, what]);
    const Class = classNamed(name);
    if (typeof Class !== "function") {
      report("absent");
      return;
    }
    if (Class.name !== name) report(`named ${Class.name}`);
    if (construct !== undefined && Class.length !== construct) {
      report(`length ${Class.length}, not ${construct}`);
    }
    const global = Object.getOwnPropertyDescriptor(globalThis, name);
    if (global !== undefined && (global.enumerable || !global.writable || !global.configurable)) {
      report("as a global neither writable, configurable nor hidden from enumeration");
    }
    const own = Object.getOwnPropertyDescriptor(Class, "prototype");
    if (own?.writable !== false) report("prototype can be replaced");
    const tag = Object.getOwnPropertyDescriptor(Class.prototype, Symbol.toStringTag);
    if (name !== "DOMException" || tag !== undefined) {
      if (tag?.value !== name) report(`tagged ${String(tag?.value)}`);
      else if (tag.enumerable || tag.writable || !tag.configurable) report("attributes of the tag");
    }
    // An Error's class is a function of its own: only the prototype of a DOMException is one.
    const expected = parent === undefined ? undefined : classNamed(parent);
    const inherited: unknown = Object.getPrototypeOf(Class.prototype);
    if ((expected?.prototype ?? Object.prototype) !== inherited) report("does not extend what it should");
    for (const member of members) probeMember(member, name, Class);
  }

  function probeMember(member: Member, name: string, Class: AnyClass): void {
    const label = member.static ? `${name}.${member.name}` : `${name}.prototype.${member.name}`;
    const report = (what: string) => void findings.push([label, what]);
    const target = member.static ? Class : Class.prototype;
    const key = member.name.startsWith("@@")
      ? (Symbol[member.name.slice(2) as "iterator"] as symbol)
      : member.name;
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    if (descriptor === undefined) {
      // A property of the instances, as on workerd; the instances are looked at by themselves.
      if (member.kind !== "property" || member.static) report("absent");
      return;
    }
    if (typeof key === "string" && !descriptor.enumerable) report("not enumerable");
    if (member.kind === "method") {
      const method: unknown = descriptor.value;
      if (typeof method !== "function") {
        report("no method");
        return;
      }
      if (typeof key === "string" && method.name !== key) report(`named ${method.name}`);
      if (method.length !== member.length) report(`length ${method.length}, not ${member.length}`);
      if (!descriptor.writable || !descriptor.configurable) report("not writable and configurable");
    } else if (descriptor.get !== undefined) {
      if (descriptor.get.name !== `get ${member.name}`) report(`getter named ${descriptor.get.name}`);
      if (descriptor.get.length !== 0) report("a getter with parameters");
      if (!descriptor.configurable) report("not configurable");
      if (member.writable && member.kind === "accessor" && descriptor.set === undefined) report("no setter");
    } else if (member.kind === "accessor") {
      report("no accessor");
    }
  }
}

/** Whether constructors refuse what they must, and members receivers of another class. */
export async function probeRefusals(classes: ClassShape[], illegal: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const scope = globalThis as unknown as Record<string, unknown>;
  for (const { name, construct } of classes) {
    const Class = (name === "DigestStream" ? crypto : scope)[name as never] as unknown;
    if (typeof Class !== "function") continue;
    await probeConstructor(name, construct, Class as never);
    for (const [key, descriptor] of Object.entries(
      Object.getOwnPropertyDescriptors(Class.prototype as object),
    )) {
      if (key === "constructor") continue;
      for (const part of ["value", "get", "set"] as const) {
        const member: unknown = descriptor[part];
        if (typeof member !== "function") continue;
        await probeReceivers(`${name}.prototype.${key}`, member as never, Class.prototype as object);
      }
    }
  }
  return findings;

  async function outcomeOf(action: () => unknown): Promise<string> {
    try {
      await action();
      return "nothing was thrown";
    } catch (error) {
      return String(error);
    }
  }

  async function probeConstructor(
    name: string,
    construct: number | undefined,
    Class: new (...args: unknown[]) => unknown,
  ): Promise<void> {
    const called = await outcomeOf(() => (Class as unknown as () => unknown)());
    if (called === "nothing was thrown") findings.push([name, "can be called without new"]);
    const constructed = await outcomeOf(() => new Class());
    if (construct === undefined && constructed !== "TypeError: Illegal constructor") {
      findings.push([name, `new: ${constructed}`]);
    }
    if (construct !== undefined && construct > 0) {
      if (constructed === "nothing was thrown") findings.push([name, "new without arguments succeeds"]);
    }
  }

  async function probeReceivers(
    name: string,
    member: (...args: unknown[]) => unknown,
    prototype: object,
  ): Promise<void> {
    const plain = {};
    const receivers: unknown[] = [undefined, null, 1, "text", Symbol.iterator, plain, prototype, () => {}];
    for (const receiver of receivers) {
      // Called on nothing, the methods of EventTarget act on the global object (https://webidl.spec.whatwg.org/#js-operations).
      if (prototype === EventTarget.prototype && (receiver === undefined || receiver === null)) continue;
      const outcome = await outcomeOf(() => Reflect.apply(member, receiver, [plain, plain, plain]));
      if (outcome === illegal) continue;
      const kind = receiver === prototype ? "the prototype" : receiver === plain ? "{}" : String(receiver);
      findings.push([name, `on ${kind}: ${outcome}`]);
      return;
    }
  }
}

/** The members that the declarations call properties: of an instance, where the prototype has no accessor for them. */
export async function probeInstances(classes: ClassShape[]): Promise<Finding[]> {
  const scope = globalThis as unknown as Record<string, { readonly prototype: object } | undefined>;
  const { port1 } = new MessageChannel();
  const key = crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]);
  const instances: Readonly<Record<string, unknown>> = {
    CacheStorage: (globalThis as { caches?: unknown }).caches,
    Navigator: navigator,
    Crypto: crypto,
    CryptoKey: await key,
    DOMException: new DOMException("text", "AbortError"),
    MessagePort: port1,
    WorkerGlobalScope: globalThis,
  };
  const findings: Finding[] = [];
  for (const { name, members } of classes) {
    const Class = scope[name];
    // Only the runtime makes one of these: a program of its own asks it.
    if (Class === undefined || name === "ScheduledEvent") continue;
    for (const member of members) {
      if (member.kind !== "property" || member.static || member.name in Class.prototype) continue;
      // The declarations forget that a property is static.
      if (member.name in Class) continue;
      const instance = instances[name] as object | undefined;
      if (instance === undefined)
        findings.push([`${name}.prototype.${member.name}`, "absent, and no instance to ask"]);
      else if (!(member.name in instance)) findings.push([`${name}.${member.name}`, "absent"]);
    }
  }
  return findings;
}
