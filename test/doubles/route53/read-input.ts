// Reads a request by the published model: every member that the model knows, nothing that it does not know, and each with its
// required fields, lengths, ranges, patterns and enumerations. What is wrong is said in the words of the service.
import { assertNever } from '../../../src/base/assert-never.ts';
import { type Model, NAMESPACE, type Operation, type Shape, shapeOf } from './model.ts';
import { parseXml, type XmlElement } from './xml.ts';

export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };
export type Input = { readonly [key: string]: Value };
export type ReadInput =
  | { readonly ok: true; readonly input: Input }
  | { readonly ok: false; readonly problems: readonly string[] };

type Request = {
  readonly uri: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: string;
};

export function readInput(model: Model, operation: Operation, request: Request): ReadInput {
  const problems: string[] = [];
  const shape = shapeOf(model, operation.input.shape);
  const input: Record<string, Value> = {};
  const known = new Set<string>();
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    if (member.location === undefined) continue;
    const locationName = member.locationName ?? name;
    known.add(locationName);
    const text = member.location === 'uri' ? request.uri[locationName] : request.query.get(locationName);
    if (text === undefined || text === null) continue;
    const value = readScalar(shapeOf(model, member.shape), text, { path: lowerFirst(name), problems });
    if (value !== null) input[name] = value;
  }
  for (const key of request.query.keys()) if (!known.has(key)) problems.push(`The query parameter ${key} is unknown`);
  if (operation.input.locationName !== undefined)
    Object.assign(input, readBody(model, operation, request.body, problems));
  for (const name of shape.required ?? []) if (!(name in input)) problems.push(isNull(lowerFirst(name)));
  return problems.length === 0 ? { ok: true, input } : { ok: false, problems };
}

function readBody(model: Model, { input }: Operation, body: string, problems: string[]): Input {
  const parsed = parseXml(body);
  if (!parsed.ok) problems.push(`Unable to parse the request body: ${parsed.error}`);
  else if (parsed.value.name !== input.locationName) problems.push(`Expected the element ${input.locationName}`);
  else if (parsed.value.attributes.xmlns !== NAMESPACE) problems.push(`Expected the namespace ${NAMESPACE}`);
  else return readStructure(model, shapeOf(model, input.shape), parsed.value, { path: '', problems });
  return {};
}

type Place = { readonly path: string; readonly problems: string[] };

function readElement(model: Model, shape: Shape, element: XmlElement, place: Place): Value | null {
  if (shape.type === 'structure') {
    const value = readStructure(model, shape, element, place);
    for (const name of shape.required ?? []) {
      if (!(name in value)) place.problems.push(isNull(`${place.path}.${lowerFirst(name)}`));
    }
    return value;
  }
  if (shape.type === 'list') return readList(model, shape, element, place);
  return readScalar(shape, element.text, place);
}

function readStructure(model: Model, shape: Shape, element: XmlElement, { path, problems }: Place): Input {
  const value: Record<string, Value> = {};
  for (const child of element.children) {
    const member = shape.members?.[child.name];
    const childPath = path === '' ? lowerFirst(child.name) : `${path}.${lowerFirst(child.name)}`;
    if (member === undefined || member.location !== undefined)
      problems.push(`${childPath} is no element of the request`);
    else if (child.name in value) problems.push(`${childPath} stands there twice`);
    else {
      const read = readElement(model, shapeOf(model, member.shape), child, { path: childPath, problems });
      if (read !== null) value[child.name] = read;
    }
  }
  return value;
}

function readList(model: Model, shape: Shape, element: XmlElement, { path, problems }: Place): readonly Value[] {
  const items: Value[] = [];
  for (const [index, child] of element.children.entries()) {
    const itemPath = `${path}.${index + 1}.member`;
    if (child.name !== (shape.member?.locationName ?? 'member')) problems.push(`${itemPath} is no element of the list`);
    const read = readElement(model, shapeOf(model, shape.member?.shape ?? ''), child, { path: itemPath, problems });
    if (read !== null) items.push(read);
  }
  checkRange(shape, items.length, { path, problems, what: 'length' });
  return items;
}

function readScalar(shape: Shape, text: string, place: Place): Value | null {
  const { path, problems } = place;
  switch (shape.type) {
    case 'string':
      if (shape.enum !== undefined && !shape.enum.includes(text))
        problems.push(fails(path, text, `Member must satisfy enum value set: [${shape.enum.join(', ')}]`));
      if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`).test(text))
        problems.push(fails(path, text, `Member must satisfy regular expression pattern: ${shape.pattern}`));
      checkRange(shape, text.length, { ...place, what: 'length' });
      return text;
    case 'long':
    case 'integer':
      if (!/^-?[0-9]{1,18}$/.test(text.trim())) {
        problems.push(fails(path, text, 'Member must be a whole number'));
        return null;
      }
      checkRange(shape, Number(text), { ...place, what: 'value' });
      return Number(text);
    case 'boolean':
      if (text !== 'true' && text !== 'false') problems.push(fails(path, text, 'Member must be true or false'));
      return text === 'true';
    case 'timestamp':
      return text;
    case 'structure':
    case 'list':
      throw new Error(`Cannot read ${path}: a ${shape.type} is no scalar`);
    default:
      return assertNever(shape.type);
  }
}

function checkRange(
  { min, max }: Shape,
  size: number,
  { path, problems, what }: Place & { readonly what: string },
): void {
  if (min !== undefined && size < min)
    problems.push(fails(path, size, `Member must have ${what} greater than or equal to ${min}`));
  if (max !== undefined && size > max)
    problems.push(fails(path, size, `Member must have ${what} less than or equal to ${max}`));
}

function fails(path: string, value: string | number, rule: string): string {
  return `Value '${value}' at '${path}' failed to satisfy constraint: ${rule}`;
}

function isNull(path: string): string {
  return `Value null at '${path}' failed to satisfy constraint: Member must not be null`;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
