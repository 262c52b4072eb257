/** What `@cloudflare/workers-types` says of the global scope, as data: parsed by TypeScript itself. */
import { fileURLToPath } from "node:url";
import {
  type ClassDeclaration,
  type InterfaceDeclaration,
  type ModuleDeclaration,
  type SourceFile,
  type Statement,
  SyntaxKind,
  type TypeElement,
  type TypeNode,
} from "typescript/unstable/ast";
import {
  isClassDeclaration,
  isConstructorDeclaration,
  isConstructSignatureDeclaration,
  isExportDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isInterfaceDeclaration,
  isModuleBlock,
  isModuleDeclaration,
  isPropertySignatureDeclaration,
  isTypeLiteralNode,
  isTypeQueryNode,
  isTypeReferenceNode,
  isVariableStatement,
} from "typescript/unstable/ast/is";
import { API } from "typescript/unstable/sync";
import { hasModifier, type Member, memberName, membersOf, requiredOf, union } from "./members.ts";

export interface ClassShape {
  readonly name: string;
  readonly parent: string | undefined;
  /** The number of arguments that the constructor requires; undefined where scripts may not call it. */
  readonly construct: number | undefined;
  readonly members: readonly Member[];
}

export interface Surface {
  readonly classes: ReadonlyMap<string, ClassShape>;
  /** The functions, with their `length`. */
  readonly functions: ReadonlyMap<string, number>;
  /** The other globals, with the members of the interface or namespace that they have. */
  readonly values: ReadonlyMap<string, readonly Member[]>;
  /** Interfaces of objects that are had otherwise than from the global scope. */
  readonly interfaces: ReadonlyMap<string, readonly Member[]>;
  /** The names that each module of the runtime's exports. */
  readonly modules: ReadonlyMap<string, readonly string[]>;
}

const located = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The newest declarations, and with them what only the compatibility flag `experimental` turns on. */
const FILES = ["index.d.ts", "experimental/index.d.ts"].map(name =>
  located(`../../node_modules/@cloudflare/workers-types/${name}`),
);

/** Reads the declarations. A class is part of the surface where the global scope has a property for it. */
export function readSurface(): Surface {
  const api = new API({ cwd: located(".") });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [located("tsconfig.json")] });
    const program = snapshot.getProjects()[0]?.program;
    const surfaces = FILES.map(file => {
      const source = program?.getSourceFile(file);
      if (source === undefined) throw new Error(`TypeScript did not read ${file}`);
      return surfaceOf(source);
    });
    return surfaces.reduce(joined);
  } finally {
    api.close();
  }
}

function joined(first: Surface, second: Surface): Surface {
  const classes = new Map(first.classes);
  for (const [name, shape] of second.classes) {
    const known = classes.get(name);
    classes.set(
      name,
      known === undefined ? shape : { ...known, members: union(known.members, shape.members) },
    );
  }
  return {
    classes,
    functions: new Map([...second.functions, ...first.functions]),
    values: unionEach(first.values, second.values),
    interfaces: unionEach(first.interfaces, second.interfaces),
    modules: new Map([...first.modules, ...second.modules]),
  };
}

function unionEach(
  first: ReadonlyMap<string, readonly Member[]>,
  second: ReadonlyMap<string, readonly Member[]>,
): Map<string, readonly Member[]> {
  const all = new Map(first);
  for (const [name, members] of second) all.set(name, union(first.get(name) ?? [], members));
  return all;
}

interface Declared {
  readonly classes: Map<string, ClassDeclaration>;
  readonly interfaces: Map<string, InterfaceDeclaration[]>;
  readonly functions: Map<string, number>;
  readonly variables: Map<string, TypeNode | undefined>;
  readonly namespaces: Map<string, ModuleDeclaration>;
}

function surfaceOf(source: SourceFile): Surface {
  const declared = collect(source.statements);
  const scope = declared.interfaces.get("ServiceWorkerGlobalScope") ?? [];
  const exposed = new Map(scope.flatMap(part => [...part.members]).flatMap(exposedClass));
  const classes = new Map<string, ClassShape>();
  const values = new Map<string, readonly Member[]>();
  // A class may have two names; that of `crypto.DigestStream` is no global one.
  for (const [name, of] of exposed) if (name !== of) values.set(name, []);
  exposed.set("DigestStream", "DigestStream");
  for (const [name, declaration] of declared.classes) {
    if (exposed.has(name)) classes.set(name, classShape(name, declaration, declared));
  }
  for (const [name, type] of declared.variables) {
    if (type !== undefined && isTypeLiteralNode(type)) {
      classes.set(name, constructorShape(name, type.members, declared));
    } else {
      values.set(name, type === undefined ? [] : membersOfType(type, declared));
    }
  }
  const modules = new Map<string, string[]>();
  for (const [name, declaration] of declared.namespaces) {
    // Namespaces hold types, but for the two that stand for objects.
    if (name === "WebAssembly") values.set(name, namespaceMembers(declaration));
    if (name === "CloudflareWorkersModule") modules.set("cloudflare:workers", exportsOf(declaration));
    if (name.startsWith("cloudflare:") && !modules.has(name)) modules.set(name, exportsOf(declaration));
  }
  const interfaces = new Map(
    [...declared.interfaces].map(([name, parts]) => [name, parts.flatMap(part => membersOf(part.members))]),
  );
  return { classes, functions: declared.functions, values, interfaces, modules };
}

function collect(statements: Iterable<Statement>): Declared {
  const declared: Declared = {
    classes: new Map(),
    interfaces: new Map(),
    functions: new Map(),
    variables: new Map(),
    namespaces: new Map(),
  };
  for (const statement of statements) {
    if (isClassDeclaration(statement) && statement.name !== undefined) {
      declared.classes.set(statement.name.text, statement);
    } else if (isInterfaceDeclaration(statement)) {
      const name = statement.name.text;
      declared.interfaces.set(name, [...(declared.interfaces.get(name) ?? []), statement]);
    } else if (isFunctionDeclaration(statement) && statement.name !== undefined) {
      const name = statement.name.text;
      const length = requiredOf(statement.parameters);
      declared.functions.set(name, Math.min(length, declared.functions.get(name) ?? length));
    } else if (isModuleDeclaration(statement)) {
      declared.namespaces.set(statement.name.text, statement);
    } else if (isVariableStatement(statement)) {
      for (const { name, type } of statement.declarationList.declarations) {
        if (isIdentifier(name)) declared.variables.set(name.text, type);
      }
    }
  }
  return declared;
}

/** `Blob` and `Blob` of the global scope's member `Blob: typeof Blob`. */
function exposedClass(member: TypeElement): [name: string, of: string][] {
  if (!isPropertySignatureDeclaration(member) || member.type === undefined) return [];
  if (!isTypeQueryNode(member.type) || !isIdentifier(member.type.exprName)) return [];
  return [[memberName(member) ?? "", member.type.exprName.text]];
}

type Heritage = ClassDeclaration["heritageClauses"] | InterfaceDeclaration["heritageClauses"];

function parentOf(heritage: Heritage): string | undefined {
  const clauses = heritage === undefined ? [] : [...heritage];
  const parent = clauses.find(({ token }) => token === SyntaxKind.ExtendsKeyword)?.types[0]?.expression;
  return parent !== undefined && isIdentifier(parent) ? parent.text : undefined;
}

function classShape(name: string, declaration: ClassDeclaration, declared: Declared): ClassShape {
  const parent = parentOf(declaration.heritageClauses);
  return {
    name,
    parent,
    construct: constructorLength(declaration, declared),
    members: membersOf(declaration.members),
  };
}

function constructorLength(declaration: ClassDeclaration, declared: Declared): number | undefined {
  if (hasModifier(declaration, SyntaxKind.AbstractKeyword)) return undefined;
  const constructors = [...declaration.members].filter(isConstructorDeclaration);
  if (constructors.length > 0) {
    return Math.min(...constructors.map(({ parameters }) => requiredOf(parameters)));
  }
  const parent = declared.classes.get(parentOf(declaration.heritageClauses) ?? "");
  return parent === undefined ? 0 : constructorLength(parent, declared);
}

/** The shape of `declare var Response: { new (…): Response; … }` with `interface Response`. */
function constructorShape(name: string, elements: Iterable<TypeElement>, declared: Declared): ClassShape {
  const signatures = [...elements].filter(isConstructSignatureDeclaration);
  const parts = declared.interfaces.get(name) ?? [];
  const statics = membersOf([...elements].filter(element => memberName(element) !== "prototype"));
  return {
    name,
    parent: parts.map(part => parentOf(part.heritageClauses)).find(parent => parent !== undefined),
    construct: Math.min(...signatures.map(({ parameters }) => requiredOf(parameters))),
    members: [
      ...parts.flatMap(part => membersOf(part.members)),
      ...statics.map(member => ({ ...member, static: true })),
    ],
  };
}

function membersOfType(type: TypeNode, declared: Declared): Member[] {
  if (!isTypeReferenceNode(type) || !isIdentifier(type.typeName)) return [];
  const name = type.typeName.text;
  // `self` is the global object, whose members are the surface itself.
  if (name === "ServiceWorkerGlobalScope") return [];
  return (declared.interfaces.get(name) ?? []).flatMap(part => membersOf(part.members));
}

function statementsOf({ body }: ModuleDeclaration): Statement[] {
  return body !== undefined && isModuleBlock(body) ? [...body.statements] : [];
}

/** The functions and classes of a namespace, as members of the object that it is. */
function namespaceMembers(declaration: ModuleDeclaration): Member[] {
  return statementsOf(declaration).flatMap(statement => {
    if (isFunctionDeclaration(statement) && statement.name !== undefined) {
      const length = requiredOf(statement.parameters);
      return [member(statement.name.text, "method", length)];
    }
    return isClassDeclaration(statement) && statement.name !== undefined
      ? [member(statement.name.text, "property", 0)]
      : [];
  });
}

const member = (name: string, kind: Member["kind"], length: number): Member => ({
  name,
  kind,
  length,
  static: false,
  writable: false,
  optional: false,
});

/** The names of a module's exports that exist when it runs. */
function exportsOf(declaration: ModuleDeclaration): string[] {
  return [...new Set(statementsOf(declaration).flatMap(exportedNames))];
}

function exportedNames(statement: Statement): string[] {
  if (isExportDeclaration(statement)) {
    const { exportClause } = statement;
    return exportClause !== undefined && "elements" in exportClause
      ? [...exportClause.elements].map(({ name }) => name.text)
      : [];
  }
  if (!hasModifier(statement, SyntaxKind.ExportKeyword)) return [];
  if (isVariableStatement(statement)) {
    const { declarations } = statement.declarationList;
    return [...declarations].flatMap(({ name }) => (isIdentifier(name) ? [name.text] : []));
  }
  const named = isFunctionDeclaration(statement) || isClassDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}
